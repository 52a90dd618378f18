"""Who is signed in where: sessions that the server knows, lists and can end."""
