"""A small (i) beside a figure or a name: what it means is shown in place, on a click as well as by
hovering."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QToolButton, QToolTip

from studio.gui.widgets.icons import icon


class InfoMark(QToolButton):
    """Hidden as long as there is nothing to explain."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAutoRaise(True)
        self.setIcon(icon("info"))
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.hide()
        self.clicked.connect(self._explain)

    def explain(self, text: str) -> None:
        """What is said, "" for nothing; plain text, of which lines too long are broken."""
        lines = "<br>".join(html.escape(line) for line in text.split("\n"))
        self.setToolTip(f"<qt>{lines}</qt>" if text else self.accessibleName())
        self.setAccessibleDescription(text)
        self.setVisible(bool(text))

    def _explain(self) -> None:
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), self.toolTip(), self)
