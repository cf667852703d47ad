"""The kinds of model that there are for the window, and what follows from each: the page on which
it is seen at work, what the inspector shows of it, what a training of it is offered.

It has a row for each row of `studio.engine.kinds`, by the same name. What any page can be asked for
is `Page`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from studio.engine import kinds
from studio.engine.runtime.assets import DATA_SETS, SOUND_SETS

if TYPE_CHECKING:
    from studio.gui.session import Session


class Page(QWidget):
    """Where models of a kind, or of several, are seen at work.

    Signals: message(sentence) that is good to know; offered(sentence, what can be done about it,
    the function that does it); done(sentence); failed(sentence); wanted() when it has something to
    show, and should be on the stage.

    open_text, open_key, open_icon: of the menu's entry that opens a file for it.  steps: whether
    one can go on and back by single steps.
    """

    message = Signal(str)
    offered = Signal(str, str, object)
    done = Signal(str)
    failed = Signal(str)
    wanted = Signal()
    open_text: str
    open_key: str
    open_icon: str
    steps = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session

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

    def take_focus(self) -> None:
        """The keys are for what it shows."""
        raise NotImplementedError

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

    def ask_to_save(self) -> None:
        """Save what was made, where the person says."""
        raise NotImplementedError


@dataclass(frozen=True)
class WindowKind:
    """A row of the table.

    page: the class of its page, which several kinds may have.  generates: whether there is
    something to play, and to set for it.  panel: what the inspector has for it besides.

    In the inspector: making, the title of what is set; made, what is made several of; next, what
    comes next; of_class, what a class is chosen for; ordered, whether it has an order, completes
    what is given and has overlays; amplitudes, how its levels sound, (K,), None for colours.

    For a training: data_sets and preparations to choose from; useless, the settings that mean
    nothing to it; first_files, the ones that are offered first, "pictures" or "recordings"; watch,
    what can be done with it meanwhile.
    """

    page: Callable[[], type[Page]]
    generates: bool = True
    panel: Callable[[Session], QWidget] | None = None
    making: str = "Drawing"
    made: str = "sample"
    next: str = "pixel"
    of_class: str = "Draw from the class"
    ordered: bool = True
    amplitudes: Callable[[], NDArray[np.float32] | None] = lambda: None
    data_sets: tuple[str, ...] = DATA_SETS
    preparations: tuple[str, ...] = (
        "thresholded",
        "dynamic",
        "grey-4",
        "grey-16",
        "grey-256",
        "rgb-16",
        "rgb-256",
    )
    useless: tuple[str, ...] = ("window",)
    first_files: str = "pictures"
    watch: str = "Watch the model draw"


def _drawing_page() -> type[Page]:
    from studio.gui.picture.drawing_page import DrawingPage

    return DrawingPage


def _sound_page() -> type[Page]:
    from studio.gui.sound.sound_page import SoundPage

    return SoundPage


def _reconstruction_panel(session: Session) -> QWidget:
    from studio.gui.inspector.reconstruction_panel import ReconstructionPanel

    return ReconstructionPanel(session)


def _amplitudes() -> NDArray[np.float32]:
    from models.companding import LEVELS, mu_law_decode  # torch is there once a model is

    return mu_law_decode(np.arange(LEVELS))


KINDS: dict[str, WindowKind] = {
    "pictures": WindowKind(_drawing_page),
    "reconstructions": WindowKind(_drawing_page, generates=False, panel=_reconstruction_panel),
    "sound": WindowKind(
        _sound_page,
        making="Sound",
        made="take",
        next="sample",
        of_class="Make sound of the class",
        ordered=False,
        amplitudes=_amplitudes,
        data_sets=SOUND_SETS,
        preparations=("mu-law-256",),
        useless=("labels", "flip", "orders", "shape"),
        first_files="recordings",
        watch="Hear the model",
    ),
}


def of(session: Session) -> WindowKind:
    """That of the model in use; before there is one, the first."""
    return KINDS["pictures" if session.kind is None else session.kind.name]


def listed(name: str) -> WindowKind:
    """That of what the registry builds under a name. Imports torch."""
    return KINDS[kinds.listed(name).name]
