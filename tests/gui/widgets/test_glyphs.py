"""What no font has is left out of a name, unless nothing would be left of it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.widgets.glyphs import can_be_shown

_NOWHERE = "\U0010fffd"  # a character of nobody's, for private use


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tree", "tree"),
        ("é − ≥", "é − ≥"),
        (f"tree {_NOWHERE}", "tree"),
        (f"{_NOWHERE} of {_NOWHERE}trees", "of trees"),
        (_NOWHERE, _NOWHERE),
        ("", ""),
    ],
)
def test_only_what_can_be_seen_is_shown(qtbot: QtBot, text: str, shown: str) -> None:
    assert can_be_shown(text) == shown
