"""The kinds of model that there are for the window, and what follows from each: the page on which
it is seen at work, what the inspector shows of it, what a training of it is offered.

It has a row for each row of `studio.engine.kinds`, by the same name. What any page can be asked for
is in `studio.gui.page`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine import kinds

if TYPE_CHECKING:
    from studio.gui.session import Session


@dataclass(frozen=True)
class WindowKind:
    """A row of the table.

    page, panel: the class of its page, which several kinds may have, and that of what the inspector
    has for it besides; named as "module:class", and imported when they are used, so that no page is
    known to the others by way of the table.

    In the inspector: making, the title of what is set; made, what is made several of; next, what
    comes next; of_class, what a class is chosen for; ordered, whether it has an order, completes
    what is given and has overlays; amplitudes, how its levels sound, (K,), None for colours.

    For a training: preparations to choose from; useless, the settings that mean
    nothing to it; first_files, the ones that are offered first, "pictures" or "recordings"; watch,
    what can be done with it meanwhile.
    """

    page: str
    panel: str = ""
    making: str = "Drawing"
    made: str = "sample"
    next: str = "pixel"
    of_class: str = "Draw from the class"
    ordered: bool = True
    amplitudes: Callable[[], NDArray[np.float32] | None] = lambda: None
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


def _amplitudes() -> NDArray[np.float32]:
    from models.companding import LEVELS, mu_law_decode  # torch is there once a model is

    return mu_law_decode(np.arange(LEVELS))


_DRAWING_PAGE = "studio.gui.picture.drawing_page:DrawingPage"
_RECONSTRUCTIONS = WindowKind(
    _DRAWING_PAGE, panel="studio.gui.inspector.reconstruction_panel:ReconstructionPanel"
)
KINDS: dict[str, WindowKind] = {
    "pictures": WindowKind(_DRAWING_PAGE),
    "discrete autoencoders": _RECONSTRUCTIONS,
    "reconstructions": _RECONSTRUCTIONS,
    "two stages": WindowKind(_DRAWING_PAGE, next="code"),
    "sound": WindowKind(
        "studio.gui.sound.sound_page:SoundPage",
        making="Sound",
        made="take",
        next="sample",
        of_class="Make sound of the class",
        ordered=False,
        amplitudes=_amplitudes,
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
