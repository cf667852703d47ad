"""Every shipped checkpoint beside the figures that others report: the studio's own come from the
checkpoints' cards, those of others stand beside each family (`models.Variant`).

Figures of the article are for MNIST thresholded, as here. Those of the papers are for MNIST
binarised once by chance (every pixel 1 with the probability of its grey, Salakhutdinov and Murray
2008), which carries more noise and so costs more bits: they say how the families compare among
themselves, not how well a checkpoint here does.

Nobody else reports figures for the sound that is learnt from here, so these stand beside what
trivial models need for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.checkpoints.cards import read_card, shipped

if TYPE_CHECKING:
    from models import Paper, Variant


@dataclass(frozen=True)
class Row:
    """A checkpoint on the board; what its card does not say is None.

    bits_per_dim: here, on the test images.
    bits_per_sample: the same of sound, on the recordings that are held out.
    baselines: what trivial models need for these.
    log_mel_distance, loudness_difference, stoi: of a vocoder, between them and what it makes of
    their spectrograms (see `studio.engine.scoring.sound_scoring.compared`).
    article: bits/dim that the article reports;
    article_leaks: of a network that sees what it has to predict.
    paper: see `models.Paper`.
    recipe: as the card has it.
    seconds: of training, on `machine`.
    orders: how many are averaged, for a model of any order.
    checked: bits as scored again just now.
    autoregressive: what is not has no likelihood, and no figure here.
    """

    name: str
    bits_per_dim: float | None
    article: float | None
    paper: Paper | None
    parameters: int | None
    epochs: float | None
    seconds: float | None
    machine: str | None
    recipe: dict[str, Any]
    article_leaks: bool = False
    orders: int | None = None
    autoregressive: bool = True
    bits_per_sample: float | None = None
    baselines: dict[str, float] = field(default_factory=dict)
    log_mel_distance: float | None = None
    loudness_difference: float | None = None
    stoi: float | None = None
    checked: float | None = None

    @property
    def bits(self) -> float | None:
        """For a dimension of a picture, or a sample of sound."""
        return self.bits_per_dim if self.bits_per_sample is None else self.bits_per_sample

    @property
    def task(self) -> str:
        """Data and their preparation: figures of the same task can be compared."""
        return " ".join(
            str(self.recipe[key]) for key in ("data", "preparation") if self.recipe.get(key)
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        paper = self.paper and {**vars(self.paper), "bits_per_dim": self.paper.bits_per_dim}
        return {**vars(self), "paper": paper}


def rows(checkpoints: dict[str, Path] | None = None) -> list[Row]:
    """The board; checkpoints by name, None for the shipped ones. Reads cards only.

    What learnt from the same data stands together, the best figure first; other data cannot be
    compared with. The group that most belong to comes first, and what has no figure last.
    """
    from models.registry import variants  # with torch, which `studio --help` does without

    found = [
        _row(name, path, variants().get(name))
        for name, path in (shipped() if checkpoints is None else checkpoints).items()
    ]
    groups = Counter(row.task for row in found)

    def place(row: Row) -> tuple[bool, int, str, float]:
        bits = row.bits
        return bits is None, -groups[row.task], row.task, math.inf if bits is None else bits

    return sorted(found, key=place)


def check(
    board: list[Row], device: str = "auto", show: Callable[[str], object] = print
) -> list[Row]:
    """The same board with every checkpoint scored again; `show` is given the progress."""
    from studio.engine import checkpoints
    from studio.engine.runtime import devices
    from studio.engine.scoring import evaluation

    def checked(row: Row) -> Row:
        if not row.autoregressive:
            return row
        model = checkpoints.load(row.name, devices.pick(device))
        score = evaluation.evaluate(
            model, progress=lambda part: show(f"Scoring {row.name}: {part:.0%}"), orders=row.orders
        )
        return replace(row, checked=None if score is None else score.figures[model.measure])

    return [checked(row) for row in board]


def _row(name: str, path: Path, variant: Variant | None) -> Row:
    """variant: of the same name as the checkpoint, so that figures of others belong to it."""
    card = read_card(path)
    article = None if variant is None else variant.article
    metrics = card.get("metrics") or {}
    return Row(
        name=name,
        bits_per_dim=metrics.get("bits_per_dim"),
        article=None if article is None else article.bits_per_dim,
        paper=None if variant is None else variant.paper,
        parameters=card.get("parameters"),
        epochs=card.get("epochs"),
        seconds=card.get("seconds"),
        machine=card.get("machine"),
        recipe=card.get("recipe") or {},
        article_leaks=article is not None and article.leaks,
        orders=metrics.get("orders"),
        autoregressive=card.get("autoregressive", True),
        bits_per_sample=metrics.get("bits_per_sample"),
        baselines=metrics.get("baselines") or {},
        log_mel_distance=metrics.get("log_mel_distance"),
        loudness_difference=metrics.get("loudness_difference"),
        stoi=metrics.get("stoi"),
    )
