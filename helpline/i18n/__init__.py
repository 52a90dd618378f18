"""Every language there is a catalog of: the words of pages, texts and voice, one .po file each."""
