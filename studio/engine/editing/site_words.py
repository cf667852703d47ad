"""What a site is called: texts are written about pixels, and said of codes where a model draws
these. Free of torch until a model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.interface import Model


def of_sites(text: str, coded: bool) -> str:
    """A text about pixels; where a site is a code, the same about codes."""
    if not coded:
        return text
    return text.replace("pixel", "code").replace("Pixel", "Code")


def of_model(text: str, model: Model) -> str:
    """The same for what a model draws one after the other."""
    return of_sites(text, draws_codes(model))


def draws_codes(model: Model) -> bool:
    """Whether a site of a model is a code, which stands for a patch of pixels."""
    from models.interface import TwoStageModel

    return isinstance(model, TwoStageModel)
