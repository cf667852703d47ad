"""`Page`: what any page can be asked for on which models are seen at work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import QWidget

from studio.gui.session import Session


class Page(QWidget):
    """Where models of a kind, or of several, are seen at work.

    Signals: message(sentence) that is good to know; offered(sentence, what can be done about it,
    the function that does it); saved(Path) when what was made is in a file; done(sentence);
    failed(sentence); wanted() when it has something to show, and should be on the stage;
    scene_pasted(its text).

    open_text, open_key, open_icon: of the menu's entry that opens a file for it.
    use_text: of a button that makes a file what the model is given.
    kept_as: the ending of what `keep_as` writes, "" where it does not.
    called: its name, as a person reads it.
    steps: whether one can go on and back by single steps. plays: whether anything is played there.
    """

    saved = Signal(object)
    message = Signal(str)
    offered = Signal(str, str, object)
    done = Signal(str)
    failed = Signal(str)
    wanted = Signal()
    scene_pasted = Signal(str)
    open_text: str
    open_key: str
    open_icon: str
    called, kept_as = "Page", ""
    use_text: str
    steps = plays = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def heightForWidth(self, width: int) -> int:
        """What it needs at least: where there is less, it is scrolled."""
        layout = self.layout()
        return -1 if layout is None else layout.minimumHeightForWidth(width)

    def toggle(self) -> None:
        """Play or pause."""
        raise NotImplementedError

    def step(self, count: int) -> None:
        """Go on by so many single steps, or back; where there are any."""

    def finish(self) -> None:
        """Make all of it at once."""
        raise NotImplementedError

    def restart(self) -> None:
        """Back to the beginning."""
        raise NotImplementedError

    @property
    def keys_for(self) -> QWidget | None:
        """What has the keys, where the page as a whole is given them. It is no focus proxy: Qt goes
        to a proxy at once, and so past the controls before it."""
        return None

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.keys_for is not None:
            self.keys_for.setFocus(event.reason())

    def take_focus(self) -> None:
        """The keys are for what it shows."""
        (self.keys_for or self).setFocus()

    @property
    def bars(self) -> list[QWidget]:
        """What is not there in a presentation: tools, and the like."""
        return []

    @property
    def seen(self) -> QWidget:
        """What a screenshot shows: what the model makes, without tools."""
        return self

    def looked_at(self) -> list[QRect]:
        """What of it messages should not cover, in its own coordinates."""
        return []

    @property
    def edits(self) -> list[QAction]:
        """What can be done to what the model is given, for a menu."""
        raise NotImplementedError

    def takes(self, suffix: str) -> bool:
        """Whether files with this ending are for it, whatever the model in use makes of them."""
        raise NotImplementedError

    def cannot_read(self, suffix: str) -> str:
        """A sentence, where such files might be for it but are not read; else ""."""
        return ""

    def open_file(self, path: Path) -> None:
        """Give the model what a file holds."""
        raise NotImplementedError

    def ask_to_open(self) -> None:
        """The same, with a file that the person chooses."""
        raise NotImplementedError

    @property
    def kept(self) -> dict[str, int]:
        """Bytes that are held while another model may be in use, by what they are for."""
        return {}

    def keep_as(self, path: Path) -> None:
        """Save what is seen now there, where there is something; unasked."""
        raise NotImplementedError

    @property
    def why_not_save(self) -> str:
        """A sentence, where there is nothing to save; else ""."""
        return ""

    def ask_to_save(self) -> None:
        """Save what was made, where the person says."""
        raise NotImplementedError

    def close_down(self) -> None:
        """The window closes: what runs for it ends."""
