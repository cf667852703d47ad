"""Names of characters for which the machine may have no font, such as radicals of kanji."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication


def can_be_shown(text: str) -> str:
    """A text without the characters that would be empty boxes, as no font that is there has them;
    all of it where nothing else is in it."""
    metrics = QFontMetrics(QApplication.font())
    known = (one if one.isascii() or metrics.inFontUcs4(ord(one)) else " " for one in text)
    return " ".join("".join(known).split()) or text
