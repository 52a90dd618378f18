"""No template needs a weaker content policy than the one we send."""

from __future__ import annotations

import re

from config import ROOT

INLINE = re.compile(r"""\sstyle=|\son[a-z]+=["']|javascript:""")
"""What a strict content policy does not let work."""


def test_no_template_has_styles_or_scripts_in_its_tags() -> None:
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 30
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert INLINE.search(text) is None, template
        for tag in re.findall(r"<script[^>]*>", text):
            assert 'nonce="{{ csp_nonce() }}"' in tag, f"{template}: the script is not let in"
