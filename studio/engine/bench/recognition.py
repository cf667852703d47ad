"""How much of what models draw from nothing is recognised: the share of samples of which a judge,
that has learnt the classes of their data, is more than `SURE`, beside the same share of held-out
pictures; and of models that take a class, how many samples are of the class that was asked for.

A share says nothing of how different the samples are from each other, nor from what was learnt: it
stands beside the bits of the scoreboard, not in their place.

Of data that have a class for all that is none of the others (`OTHER`), this one is neither asked
for nor counted as recognised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.interface import AutoregressiveModel, Classes, Model, TwoStageModel
from studio.engine import checkpoints
from studio.engine.bench import completing
from studio.engine.bench.completion_amounts import SHOWN, Amounts
from studio.engine.bench.judge import (
    SURE,
    Judge,
    check_judged,
    held_out,
    judge_for,
    share_kept,
    share_recognised,
)
from studio.engine.bench.text_columns import columns
from studio.engine.checkpoints import cards
from studio.engine.data.data_sets import Data
from studio.engine.data.of_model import data_for, prepared_for
from studio.engine.data.preparation import Preparation
from studio.engine.data.sources import OTHER
from studio.engine.generation.decoded import decoded
from studio.engine.generation.exporting import Frame
from studio.engine.generation.generation import as_autoregressive
from studio.engine.generation.sampling_options import QUICK_STEPS
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError

NAME = "recognised"  # of the benchmark
SAMPLES, QUICK_SAMPLES = Amounts().samples, 20
_QUICK_SHOWN = 1_000  # pictures from which a judge learns

Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Standard:
    """A judge, and what it says of held-out pictures, beside which stands what it says of samples.

    data: their name, and how they are prepared.
    probabilities: of the pictures of the test part, (N, classes). labels: of these, (N,).
    named: the numbers of the classes, without `OTHER`.
    """

    data: str
    judge: Judge
    probabilities: Tensor
    labels: Tensor
    named: Tensor

    @classmethod
    def of(cls, data: Data, preparation: Preparation, shown: int = SHOWN) -> Standard:
        """StudioError, one sentence, where the data cannot be judged."""
        judge = judge_for(data, preparation, shown)
        assert data.test_labels is not None
        levels = held_out(data, preparation)
        numbers = range(len(data.class_names))
        named = [n for n in numbers if data.class_names[n] != OTHER] or [*numbers]
        return cls(
            f"{data.name} {preparation.name}",
            judge,
            judge.probabilities(levels, preparation.levels),
            data.test_labels,
            torch.tensor(named),
        )

    def says(self, probabilities: Tensor, labels: Tensor | None) -> Document:
        """Of pictures with these probabilities: which share is recognised, and where there are
        labels, which share is of these."""
        kept = None if labels is None else share_kept(probabilities, labels)
        return {"recognised": share_recognised(probabilities[:, self.named]), "as_asked": kept}

    def real(self, with_class: bool) -> Document:
        """The same of held-out pictures; with_class: of those that have one which is asked for."""
        if not with_class:
            return self.says(self.probabilities, None)
        rows = torch.isin(self.labels, self.named)
        return self.says(self.probabilities[rows], self.labels[rows])


def run(
    names: Sequence[str] = (),
    samples: int | None = None,
    device: str | torch.device = "cpu",
    quick: bool = False,
    show: Callable[[str], object] = lambda text: None,
) -> Document:
    """Measure, and return a document that JSON can hold.

    names: of shipped checkpoints or runs, or paths; none for all that are shipped.
    samples: of each model; None for as many as usual.
    device: that the models compute on.
    quick: fewer samples, and judges that have hardly learnt; for tests.
    show: is given what is being measured.
    StudioError, one sentence, for a model that is named and cannot be judged.
    """
    samples = samples or (QUICK_SAMPLES if quick else SAMPLES)
    found: Document = {
        "sure": SURE,
        "samples": samples,
        "judges": {},
        "models": {},
        "left_out": {},
    }
    standards: dict[str, Standard] = {}
    for name in names or cards.shipped():
        loaded = checkpoints.load(name, device)
        try:
            model, data, preparation = _judged(loaded)
        except StudioError as error:
            if names:
                raise
            found["left_out"][name] = str(error)
            continue
        title = f"{data.name} {preparation.name}"
        if title not in standards:
            show(f"The judge of {title} learns, unless it is kept from before.")
            standards[title] = standard = Standard.of(
                data, preparation, _QUICK_SHOWN if quick else SHOWN
            )
            found["judges"][title] = {
                "accuracy": standard.judge.accuracy,
                "pictures": len(standard.labels),
                "learnt_from": len(data.train),
                "seconds": standard.judge.seconds,
            }
        show(f"{name}: {samples} samples.")
        found["models"][name] = measure(model, standards[title], samples)
    return {
        "machine": devices.describe("cpu"),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "quick": quick,
        NAME: found,
    }


def measure(model: AutoregressiveModel, standard: Standard, samples: int) -> Document:
    """Of one model. Of models that take a class, the named ones are asked for in turn; models that
    predict all unknown pixels at once draw in few passes."""
    classes = isinstance(model.conditioning, Classes)
    asked = standard.named[torch.arange(samples) % len(standard.named)] if classes else None
    steps = QUICK_STEPS if model.predicts_all else 0
    began = time.perf_counter()
    drawn = completing.samples(model, samples, asked, steps)
    seconds = time.perf_counter() - began
    said = standard.judge.probabilities(_seen(model, drawn), model.pictures.levels)
    return {
        "judge": standard.data,
        **standard.says(said, asked),
        "real": standard.real(classes),
        "passes": steps or model.spec.sites,
        "seconds": seconds,
    }


def _seen(model: AutoregressiveModel, drawn: Tensor) -> Tensor:
    """What was drawn, as pictures: of a model of two stages those that its codes stand for."""
    if not isinstance(model, TwoStageModel):
        return drawn
    whole = Frame(drawn.numpy(), np.ones(model.spec.space, bool))
    return torch.from_numpy(decoded(model, whole).values)


def as_text(document: Document) -> str:
    """The document for a person."""
    found = document[NAME]
    rows = [["", "recognised", "of real ones", "as asked", "of real ones", "judge of"]]
    for name, row in found["models"].items():
        figures = (row["recognised"], row["real"]["recognised"])
        asked = (row["as_asked"], row["real"]["as_asked"])
        cells = ["" if share is None else f"{share:.1%}" for share in (*figures, *asked)]
        rows.append([name, *cells, row["judge"]])
    lines = [
        f"{document['machine']}; {found['samples']} samples of each model, drawn from nothing.",
        f"Recognised: the judge is more than {found['sure']:g} sure of a class.",
        "As asked: it finds the class that was asked for.",
        "Beside each share stands that of held-out pictures.",
        "",
        *columns(rows),
        "",
    ]
    for title, judge in found["judges"].items():
        lines.append(
            f"The judge of {title} finds the class of {judge['accuracy']:.1%} of"
            f" {judge['pictures']:,} held-out pictures ({judge['seconds']:.0f} s of training)."
        )
    left = [f"  {name}: {why}" for name, why in found["left_out"].items()]
    return "\n".join([*lines, *(["", "Not judged:", *left] if left else [])])


def _judged(loaded: Model) -> tuple[AutoregressiveModel, Data, Preparation]:
    """The model, and the data that it has learnt from as it sees them; StudioError, one sentence,
    where what it draws cannot be judged by them."""
    model = as_autoregressive(loaded)
    name = model.name or type(model).__name__
    if model.spec.sites is None:
        raise StudioError(f"{name} makes sound, and pictures are judged.")
    preparation = prepared_for(model)
    data = data_for(model)
    check_judged(data)
    if data.shape != tuple(model.pictures.shape) or preparation.levels != model.pictures.levels:
        raise StudioError(f"{name} draws pictures of another kind than those of {data.name}.")
    classes, known = model.conditioning, len(data.class_names)
    if isinstance(classes, Classes) and classes.count != known:
        raise StudioError(f"{name} knows {classes.count} classes, and {data.name} has {known}.")
    return model, data, preparation
