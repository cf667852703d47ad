"""What of the window is kept while it is open, and how it comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from studio.engine.scenes.branches import Branches
from studio.engine.scenes.kept_session import KeptSession
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.session import Session
from studio.gui.shell.symbols import OwnSymbols
from studio.gui.sound.sound_page import SoundPage
from studio.gui.widgets.scrolling import Pages


class Aside(Protocol):
    """What is kept aside by something that shows other things for a while."""

    @property
    def kept(self) -> KeptSession: ...


class Interrupting(Protocol):
    """before: what it will bring back, None for nothing."""

    @property
    def before(self) -> Aside | None: ...


class Parts(Protocol):
    """Of the main window, what is kept."""

    session: Session
    drawing_page: DrawingPage
    sound_page: SoundPage
    pages: Pages

    @property
    def lessons(self) -> Interrupting: ...
    @property
    def symbols(self) -> OwnSymbols: ...
    @property
    def start_page(self) -> QWidget: ...
    def show_stage(self) -> None: ...
    def saveState(self) -> QByteArray: ...
    def restoreState(self, state: QByteArray) -> bool: ...


def kept(window: Parts) -> KeptSession:
    """What is open now; while a lesson runs, what was open before it, but for drawings. Cheap: what
    is large is shared with the window, which does not change it in place."""
    if window.lessons.before is not None:
        return replace(window.lessons.before.kept, drawings=window.symbols.pane.kept)
    session = window.session
    painting = session.painting
    return KeptSession(
        scene=session.scenes.now(),
        painting=None if painting is None else painting.history,
        beginnings=window.sound_page.way_back,
        page="start" if window.pages.currentWidget() is window.start_page else "stage",
        layout=bytes(window.saveState().data()),
        seed_locked=session.seed_locked,
        branches=tuple(branch for branch, _ in window.drawing_page.branching.tree.walk()),
        drawings=window.symbols.pane.kept,
    )


def bring_back(window: Parts, session: KeptSession, then: Callable[[], object]) -> None:
    """Show what was open; `then`, when it is there. What does not fit the model that is found is
    told by `Scenes`."""

    def rest() -> None:
        window.session.lock_seed(session.seed_locked)
        if session.painting is not None:
            window.session.take_up(session.painting)
        window.drawing_page.branching.restore(Branches.of(session.branches))
        if session.beginnings is not None:
            window.sound_page.take_up(*session.beginnings)
        if session.drawings is not None:
            window.symbols.pane.take_up(*session.drawings)
        if session.page == "stage":
            window.show_stage()
        else:
            window.pages.setCurrentWidget(window.start_page)
        if session.layout:
            window.restoreState(QByteArray(session.layout))
        then()

    if session.scene is None:
        rest()
    else:
        window.session.scenes.show(session.scene, rest)
