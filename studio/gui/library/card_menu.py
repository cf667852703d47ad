"""The menu of a card in the library."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from studio.gui.library.entries import Entry
from studio.gui.library.renaming import why_not
from studio.gui.widgets import icons

Do = Callable[[], object]


def card_menu(parent: QWidget, entry: Entry, load: Do, rename: Do, discard: Do) -> QMenu:
    """What can be done with a card; what cannot says why."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)

    def add(text: str, tip: str, do: Do, icon: str = "", key: str = "", can: bool = True) -> None:
        made = QAction(text, menu)
        if icon:
            made.setIcon(icons.icon(icon))
        made.setShortcut(key)
        made.setToolTip(tip)
        made.setEnabled(can)
        made.triggered.connect(lambda _checked: do())
        menu.addAction(made)

    folder = entry.path.parent
    add("Open", "Load this model", load, "play", can=not entry.problem)
    add(
        "Show in folder",
        str(folder),
        lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))),
        "open",
    )
    tip = "Rename this model" if entry.renamable else why_not(entry)
    add("Rename…", tip, rename, key="F2", can=entry.renamable)
    if entry.origin == "recent":
        add("Remove from the library", "The file stays where it is", discard, "clear", "Del")
    else:
        own = entry.origin != "shipped"
        tip = (
            "Move this to the trash"
            if own
            else "This model comes with the studio and cannot be deleted"
        )
        add("Delete…", tip, discard, "clear", "Del", can=own)
    return menu
