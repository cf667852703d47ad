"""How well missing parts of held-out digits are completed, by every shipped model and every method
that it does not refuse.

What the true content of the missing pixels costs (`completion_bits`), how often a completion is
still the digit that it was (`judge`), and how long completions take (`completing`); besides,
what a model that predicts all unknown pixels at once loses with fewer passes.

Nothing is left out without a word: the document says which models were not measured, by which
methods not, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from models.interface import Classes, Model
from studio.engine import checkpoints
from studio.engine.bench import completing
from studio.engine.bench.completion_amounts import Amounts
from studio.engine.bench.completion_masks import fixed_masks
from studio.engine.bench.judge import Judge, judge_for
from studio.engine.bench.model_completion import TIMED, Digits, Document, ModelCompletion, Say
from studio.engine.checkpoints import cards
from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.of_model import prepared_for
from studio.engine.data.preparation import Preparation
from studio.engine.generation.generation import as_autoregressive
from studio.engine.generation.methods import methods
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError

# nats by what is given, of all missing pixels of a digit
PUBLISHED = {
    "model": "Locally masked PixelCNN",
    "source": (
        "Jain, Abbeel & Pathak 2020, Locally Masked Convolution for Autoregressive Models,"
        " https://arxiv.org/abs/2006.12486, the table of image completion. Its top is the top half"
        " missing, which is the bottom half given here, and its bottom the other way round."
    ),
    "preparation": "dynamic",
    "nats": {"bottom": 34.8, "top": 36.4},
}
_SEED = 20_240_607  # of the choice of digits, and of what their preparation leaves to chance


def run(
    names: Sequence[str] = (),
    asked: Sequence[str] = (),
    preparation: str | None = None,
    amounts: Amounts | None = None,
    device: str | torch.device = "cpu",
    data: str | Path = "mnist",
    show: Say = lambda text: None,
) -> Document:
    """Measure, and return a document that JSON can hold.

    names: of shipped checkpoints or runs, or paths; none for all that are shipped.
    asked: names of methods; none for all.
    preparation: of the digits; None for each model's own.
    device: that the models compute on.
    show: is given what is being measured.

    StudioError, one sentence, for a model, method or preparation that there is not.
    """
    amounts = amounts or Amounts()
    for name in asked:
        if name not in methods():
            raise StudioError(f'There is no method "{name}": choose one of {", ".join(methods())}.')
    prepared = None if preparation is None else Preparation.parse(preparation)
    opened = open_data(data, colour=False)
    judges: dict[str, Judge] = {}
    document: Document = {
        "machine": devices.describe(device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "completion": {
            "data": opened.name,
            "split": "test",
            "seed": _SEED,
            "amounts": asdict(amounts),
            "timed": f"{completing.TIMED} completions of one digit, its {TIMED} half given",
            "masks": {},
            "judges": {},
            "models": {},
            "left_out": {},
            "published": PUBLISHED,
        },
    }
    found = document["completion"]
    for name in names or cards.shipped():
        loaded = checkpoints.load(name, device)
        own = prepared or prepared_for(loaded)
        if reason := _unsuited(loaded, own, opened):
            found["left_out"][name] = reason
            show(f"Left out: {reason}")
            continue
        model = as_autoregressive(loaded)
        binary = own if own.random else Preparation.parse("thresholded")
        if binary.name not in judges:
            show(f"The judge learns from {binary.name} digits, unless it is kept from before.")
            judges[binary.name] = judge = judge_for(opened, binary, amounts.shown)
            found["judges"][binary.name] = {"accuracy": judge.accuracy, "seconds": judge.seconds}
        masks = [mask for mask in fixed_masks(model.spec) if 0 < mask.hidden < mask.known.numel()]
        found["masks"] |= {m.name: {"given": m.given, "hidden_pixels": m.hidden} for m in masks}
        digits = held_out(model, opened, own, amounts.digits)
        measuring = ModelCompletion(model, digits, masks, judges[binary.name], amounts, show)
        found["models"][name] = {
            "preparation": own.name,
            "learnt_with": prepared_for(loaded).name,
            "condition": None if digits.condition is None else "the true class",
            "judge": binary.name,
            **measuring.all(asked),
        }
    return document


def held_out(model: Model, data: Data, preparation: Preparation, count: int) -> Digits:
    """Digits of the test part, chosen and prepared by a seed, so that they are the same for every
    model."""
    assert data.test_labels is not None
    rows = torch.randperm(len(data.test), generator=torch.Generator().manual_seed(_SEED))[:count]
    x = preparation.apply(data.test[rows], torch.Generator().manual_seed(_SEED))
    labels = data.test_labels[rows]
    return Digits(x, labels, labels if isinstance(model.conditioning, Classes) else None)


def _unsuited(model: Model, preparation: Preparation, data: Data) -> str:
    """Why a model does not complete these digits; "" where it does."""
    name = model.name or type(model).__name__
    if not model.autoregressive:
        return model.why
    if model.spec.sites is None:
        return f"{name} makes sound."
    if tuple(model.spec.shape) != data.shape:
        sizes, other = (
            " x ".join(str(size) for size in shape) for shape in (model.spec.shape, data.shape)
        )
        return f"{name} draws pictures of {sizes}, and those of {data.name} are {other}."
    if model.spec.levels != preparation.levels:
        levels = f"{model.spec.levels} levels, and {preparation.name} has {preparation.levels}"
        return f"{name} is made for {levels}."
    if isinstance(model.conditioning, Classes) and model.conditioning.count < len(data.class_names):
        return f"{name} knows {model.conditioning.count} classes, fewer than {data.name} has."
    return ""
