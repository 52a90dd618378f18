"""Keep in a template only what staff alone read (a step of ``make messages``)."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tools.untranslated import read_catalog


def main(visitors_file: str, staff_file: str) -> None:
    """Remove the visitors' messages from the template of all messages.

    Args:
        visitors_file: the template of what visitors read.
        staff_file: the template of all messages, which is rewritten.
    """
    visitors, everything = read_catalog(Path(visitors_file)), read_catalog(Path(staff_file))
    staff = Catalog(header_comment="# What staff alone read.")
    for message in everything:
        if message.id and visitors.get(message.id, message.context) is None:
            staff[message.id] = message
    with Path(staff_file).open("wb") as opened:
        write_po(opened, staff, width=96, sort_by_file=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
