"""What this program is, in a dialog."""

from __future__ import annotations

import html
import platform

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from studio import __version__
from studio.engine.runtime.credits import data_credits, libraries
from studio.engine.runtime.log_file import LogFile, usual_place
from studio.gui.widgets import theme
from studio.gui.widgets.controls import without_icons


def show_about(window: QWidget) -> AboutDialog:
    """Open what there is to say of the program; returns at once."""
    dialog = AboutDialog(window)
    dialog.open()
    return dialog


class ClosableDialog(QDialog):
    """A dialog with a button that closes it; it goes when it is closed."""

    def __init__(self, window: QWidget, title: str) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        without_icons(buttons)
        self.close_button = buttons.button(QDialogButtonBox.StandardButton.Close)
        self.close_button.setToolTip("Close (Escape)")
        self.close_button.setAccessibleName("Close")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 14)
        self.column.addWidget(buttons)

    def put(self, widget: QWidget, stretch: int = 1) -> None:
        """Under what is there, over the button."""
        self.column.insertWidget(self.column.count() - 1, widget, stretch)


class AboutDialog(ClosableDialog):
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
