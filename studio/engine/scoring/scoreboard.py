"""Every shipped checkpoint beside the figures that others report: the studio's own come from the
checkpoints' cards, those of others stand beside each family (`models.Variant`).

Figures of the article are for MNIST thresholded, as most are here. Those of the papers are for
MNIST binarised once by chance (every pixel 1 with the probability of its grey, Salakhutdinov and
Murray 2008), which carries more noise and so costs more bits: they say how the families compare
among themselves, not how well a checkpoint here does. Beside a checkpoint that has learnt from
MNIST binarised anew every epoch (`dynamic`) stands what others report of the same, and the two can
be compared.

Nobody else reports figures for the sound that is learnt from here, so these stand beside what
trivial models need for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.checkpoints.cards import read_card, shipped

if TYPE_CHECKING:
    from models import Paper, Variant

DYNAMIC = "dynamic"  # the preparation in which black and white are drawn anew every epoch


@dataclass(frozen=True)
class Row:
    """A checkpoint on the board; what its card does not say is None.

    model: what it was built as.
    shape: of an example, as `DataSpec` has it.
    bits_per_dim: here, on the test images.
    bits_per_sample: the same of sound, on the recordings that are held out.
    baselines: what trivial models need for these.
    log_mel_distance, loudness_difference, stoi: of a vocoder, between them and what it makes of
    their spectrograms (see `studio.engine.scoring.sound_scoring.compared`).
    article: bits/dim that the article reports;
    article_leaks: of a network that sees what it has to predict.
    paper: see `models.Paper`; of the same preparation where that is `dynamic`.
    recipe: as the card has it.
    seconds: of training, on `machine`.
    orders: how many are averaged, for a model of any order.
    checked: bits as scored again just now.
    autoregressive: what is not has no likelihood, and no figure here.
    """

    name: str
    model: str
    bits_per_dim: float | None
    article: float | None
    paper: Paper | None
    parameters: int | None
    epochs: float | None
    seconds: float | None
    machine: str | None
    recipe: dict[str, Any]
    shape: tuple[int | None, ...] = ()
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
    def nats(self) -> float | None:
        """For a whole picture."""
        if self.bits_per_dim is None or not self.shape or None in self.shape:
            return None
        return self.bits_per_dim * math.prod(size or 0 for size in self.shape) * math.log(2)

    @property
    def dynamic(self) -> bool:
        """Whether black and white were drawn anew every epoch."""
        return self.recipe.get("preparation") == DYNAMIC

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
        _row(name, path, variants())
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
    """The same board with every checkpoint scored again, but those whose data are not there; `show`
    is given the progress, and why one is not scored."""
    from studio.engine import checkpoints
    from studio.engine.runtime import devices
    from studio.engine.runtime.errors import StudioError
    from studio.engine.scoring import evaluation

    def checked(row: Row) -> Row:
        if not row.autoregressive:
            return row
        model = checkpoints.load(row.name, devices.pick(device))
        try:
            score = evaluation.evaluate(
                model,
                progress=lambda part: show(f"Scoring {row.name}: {part:.0%}"),
                orders=row.orders,
            )
        except StudioError as error:
            show(f"{row.name} is not scored. {error}")
            return row
        return replace(row, checked=None if score is None else score.figures[model.measure])

    return [checked(row) for row in board]


def _row(name: str, path: Path, variants: Mapping[str, Variant]) -> Row:
    """Figures of others belong to what is called as its variant is, or has learnt from MNIST drawn
    anew every epoch as theirs has."""
    card = read_card(path)
    metrics, recipe = card.get("metrics") or {}, card.get("recipe") or {}
    named, built = variants.get(name), variants.get(card["model"])
    article, paper = (None, None) if named is None else (named.article, named.paper)
    if recipe.get("preparation") == DYNAMIC:
        article, paper = None, None if built is None else built.dynamic
    return Row(
        name=name,
        model=card["model"],
        bits_per_dim=metrics.get("bits_per_dim"),
        article=None if article is None else article.bits_per_dim,
        paper=paper,
        parameters=card.get("parameters"),
        epochs=card.get("epochs"),
        seconds=card.get("seconds"),
        machine=card.get("machine"),
        recipe=recipe,
        shape=tuple(card.get("shape") or ()),
        article_leaks=article is not None and article.leaks,
        orders=metrics.get("orders"),
        autoregressive=card.get("autoregressive", True),
        bits_per_sample=metrics.get("bits_per_sample"),
        baselines=metrics.get("baselines") or {},
        log_mel_distance=metrics.get("log_mel_distance"),
        loudness_difference=metrics.get("loudness_difference"),
        stoi=metrics.get("stoi"),
    )
