"""The keys of the window, read off the window itself, and what this program is."""

from __future__ import annotations

import html
import platform
from collections.abc import Iterator

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QMainWindow,
    QScrollArea,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from studio import __version__
from studio.engine.runtime.credits import data_credits, libraries
from studio.engine.runtime.log_file import LogFile, usual_place
from studio.gui.widgets import theme

Keys = list[tuple[str, list[tuple[str, str]]]]  # (heading, [(keys, what they do)])

_LIBRARY = (
    "Library",
    [
        ("↑  ↓", "Go from card to card"),
        ("Enter", "Load the model"),
        ("F2", "Rename a checkpoint of your own"),
        ("Del", "Delete a checkpoint of your own"),
    ],
)
_SOUND = (
    "Sound",
    [
        ("←  →", "Move along"),
        ("Shift+←  Shift+→", "Select from the playhead on, or move the end of the selection"),
        ("↑  ↓", "Choose the take"),
        ("+  −", "Zoom about the playhead"),
        ("Esc", "Clear the selection"),
    ],
)
_CLASSES = ("Inspector", [("0 – 9", "Choose the class, where the model knows classes")])


def show_shortcuts(window: QWidget) -> ShortcutsDialog:
    """Open the list of keys; returns at once."""
    dialog = ShortcutsDialog(window)
    dialog.open()
    return dialog


def show_about(window: QWidget) -> AboutDialog:
    """Open what there is to say of the program; returns at once."""
    dialog = AboutDialog(window)
    dialog.open()
    return dialog


def keys_of(window: QWidget) -> Keys:
    """All keys of a window: those in its menus under their titles, then those of its other actions
    and its buttons.

    A key that does something else on another page is there for each.
    """
    groups: Keys = []
    seen: set[tuple[str, str]] = set()

    def take(actions: list[QAction]) -> list[tuple[str, str]]:
        found = []
        for action in actions:
            key = " or ".join(
                _written(sequence) for sequence in action.shortcuts() if not sequence.isEmpty()
            )
            line = key, _plain(action.text())
            # the ten classes have one line together
            if key and line not in seen and not key.isdigit():
                seen.add(line)
                found.append(line)
        return found

    if isinstance(window, QMainWindow):
        for title in window.menuBar().actions():
            menu = title.menu()
            if isinstance(menu, QWidget):
                groups.append((_plain(title.text()), take(menu.actions())))
    rest = take(window.findChildren(QAction))
    rest += dict.fromkeys(line for line in _buttons(window) if line not in seen)
    groups.append(("Elsewhere", rest))
    return [group for group in (*groups, _SOUND, _CLASSES, _LIBRARY) if group[1]]


def _buttons(window: QWidget) -> Iterator[tuple[str, str]]:
    for button in window.findChildren(QAbstractButton):
        key = button.shortcut()
        # that would be the letter underlined in its text
        if not key.isEmpty() and "&" not in button.text():
            yield _written(key), button.accessibleName() or button.text()


def _written(key: QKeySequence) -> str:
    return key.toString(QKeySequence.SequenceFormat.NativeText)


def _plain(text: str) -> str:
    return text.replace("&", "").rstrip("…")


class _Dialog(QDialog):
    """A dialog with a button that closes it; it goes when it is closed."""

    def __init__(self, window: QWidget, title: str) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.close_button = buttons.button(QDialogButtonBox.StandardButton.Close)
        self.close_button.setToolTip("Close (Escape)")
        self.close_button.setAccessibleName("Close")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 14)
        self.column.addWidget(buttons)

    def put(self, widget: QWidget) -> None:
        self.column.insertWidget(self.column.count() - 1, widget, 1)


class ShortcutsDialog(_Dialog):
    """Every key that the window has now."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "Keyboard shortcuts")
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        row = 0
        for heading, keys in keys_of(window):
            label = QLabel(f"<b>{html.escape(heading)}</b>")
            label.setContentsMargins(0, 12 if row else 0, 0, 2)
            grid.addWidget(label, row, 0, 1, 2)
            for key, what in keys:
                row += 1
                does = QLabel(what)
                does.setForegroundRole(QPalette.ColorRole.PlaceholderText)
                grid.addWidget(QLabel(key), row, 0)
                grid.addWidget(does, row, 1)
            row += 1
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(table)
        area.setAccessibleName("Keyboard shortcuts")
        area.setToolTip("The keys that work in the window")
        self.put(area)
        self.resize(max(460, table.sizeHint().width() + 60), 600)


class AboutDialog(_Dialog):
    """Name, version, and whose work the studio stands on."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "About Autoregressive Studio")
        self.text = QTextBrowser(openExternalLinks=True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.viewport().setAutoFillBackground(False)
        self.text.setAccessibleName("About Autoregressive Studio")
        self.text.setToolTip("Whose work the studio stands on")
        self.text.setHtml(_about())
        self.put(self.text)
        self.resize(560, 520)


def _about() -> str:
    versions = (
        f"Version {__version__} · Python {platform.python_version()} · PySide6 {pyside_version}"
    )
    data = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in data_credits())
    used = "".join(
        f"<li>{html.escape(f'{found.name} {found.version}')}"
        f"{html.escape(f' ({found.licence})') if found.licence else ''}</li>"
        for found in libraries()
    )
    log = usual_place() if LogFile.current is None else LogFile.current.path
    return (
        f"<h2 style='margin:0'>Autoregressive Studio</h2><p style='color:"
        f"{theme.colour('muted').name()}; margin-top:2px'>{versions}</p><p>Watch autoregressive"
        " models draw, pixel by pixel; paint part of a picture and let a model finish it; train"
        " models of your own.</p><p>Free software under the MIT licence. Qt and PySide6 are used"
        " under the LGPL, version 3.</p>"
        f"<p>What goes wrong is written to the log: {html.escape(str(log))}</p>"
        f"<h4>Data that come with it</h4><ul>{data}</ul><h4>Libraries</h4><ul>{used}</ul>"
    )
