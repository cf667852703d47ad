"""What the window says: in its title, in the bar over its middle, in its status bar and in its
log."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from studio.engine.runtime.log_file import LogFile
from studio.engine.runtime.texts import shortened
from studio.gui.session import Session
from studio.gui.shell.logbook import Logbook
from studio.gui.widgets import motion
from studio.gui.widgets.failure_dialog import FailureDialog
from studio.gui.widgets.message_bar import MessageBar


class TellingWindow(QMainWindow):
    """place: what is under the pointer, in the status bar."""

    session: Session
    logbook: Logbook

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Autoregressive Studio")
        self.messages = MessageBar()
        self.busy_bar = motion.BusyBar()
        self.busy_bar.setFixedSize(120, 12)
        self.busy_text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.place = QLabel()

    def fill_status_bar(self, *right: QWidget) -> None:
        """What is being done at the left; at the right the place under the pointer, and these."""
        bar = self.statusBar()
        bar.setContentsMargins(0, 0, 8, 0)  # words keep off the window's edge
        bar.addWidget(self.busy_bar)
        bar.addWidget(self.busy_text)
        for widget in (self.place, *right):
            bar.addPermanentWidget(widget)

    def tell(self, sentence: str) -> None:
        """Something that is good to know."""
        self.messages.show_message(sentence, "info")

    def say_done(self, sentence: str) -> None:
        """Something went well."""
        self.messages.show_message(sentence, "ok")

    def offer(self, text: str, what: str, do: Callable[[], object]) -> None:
        """A sentence, what can be done about it, and the function that does it."""
        self.messages.show_message(text, "info", (what, do))

    def complain(self, sentence: str) -> None:
        """Something went wrong that a sentence explains."""
        self.show_failure(sentence, "")

    def show_failure(self, sentence: str, details: str) -> None:
        """One sentence in the bar; where there is a traceback, a dialog that can copy it."""
        self.logbook.add(details or sentence, "error")
        if LogFile.current is not None:
            LogFile.current.note(details or sentence)
        if details:
            FailureDialog(self, sentence, details).open()
        else:
            self.messages.show_message(sentence, "error")

    def show_busy(self, what: str) -> None:
        """What is being done, "" for nothing."""
        self.busy_bar.show_busy(bool(what))
        self.busy_text.setText(shortened(what))
        if what:
            self.logbook.add(what)

    def show_title(self) -> None:
        """What the model in use is called."""
        title = shortened(self.session.title, 80).replace("[*]", "[ ]")  # has a meaning for Qt
        self.setWindowTitle(f"{title} – Autoregressive Studio")
