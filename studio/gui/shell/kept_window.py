"""What of the window is kept while it is open, and how it comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

from studio.engine.editing.beginnings import Beginnings
from studio.engine.scenes.branches import Branches
from studio.engine.scenes.kept_session import KeptSession
from studio.gui.sound.sound_page import SoundPage

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow


def kept(window: MainWindow) -> KeptSession:
    """What is open now; while a lesson runs, what was open before it, but for drawings. Cheap: what
    is large is shared with the window, which does not change it in place."""
    if window.lessons.before is not None:
        return replace(window.lessons.before.kept, drawings=window.symbols.kept)
    session, sound = window.session, window.pages.there(SoundPage)
    painting = session.painting
    return KeptSession(
        scene=session.scenes.now(),
        painting=None if painting is None else painting.history,
        beginnings=None if sound is None else sound.way_back,
        page=window.pages.name_now(),
        layout=bytes(window.saveState().data()),
        seed_locked=session.seed_locked,
        branches=tuple(branch for branch, _ in window.drawing_page.branching.tree.walk()),
        drawings=window.symbols.kept,
    )


def bring_back(window: MainWindow, session: KeptSession, then: Callable[[], object]) -> None:
    """Show what was open; `then`, when it is there. What does not fit the model that is found is
    told by `Scenes`."""

    def rest() -> None:
        window.session.lock_seed(session.seed_locked)
        if session.painting is not None:
            window.session.take_up(session.painting)
        window.drawing_page.branching.restore(Branches.of(session.branches))
        beginnings, at = session.beginnings or Beginnings().history
        heard = any(codes is not None for codes, *_ in beginnings)
        if heard or window.pages.there(SoundPage) is not None:
            window.sound_page.take_up(beginnings, at)
        if session.drawings is not None:
            window.symbols.pane.take_up(*session.drawings)
        window.pages.show_named(session.page)
        if session.layout:
            window.restoreState(QByteArray(session.layout))
        then()

    if session.scene is None:
        rest()
    else:
        window.session.scenes.show(session.scene, rest)
