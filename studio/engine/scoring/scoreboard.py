"""Every shipped checkpoint beside the figures that others report: the studio's own come from the
checkpoints' cards.

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
from typing import Any

from studio.engine.checkpoints.cards import read_card, shipped

DIMENSIONS = 28 * 28


@dataclass(frozen=True)
class Published:
    """A figure of a paper: nats an image, where it stands, and for which network."""

    nats: float
    source: str
    data: str = "binarised by chance"

    @property
    def bits_per_dim(self) -> float:
        return self.nats / (DIMENSIONS * math.log(2))


ARTICLE = {
    "made": 0.2096,
    "pixelcnn": 0.1177,
    "pixelcnn-two-stack": 0.3007,
    "wavenet-pixels": 0.1240,
    "transformer": 0.1486,
}  # bits/dim, thresholded
# The article's listing of it shows later pixels to earlier ones: by the gradient, its output at the
# first pixel depends on all 783 others. So its figure is not that of a distribution.
ARTICLE_LEAKS = frozenset(["transformer"])
PAPERS = {
    "made": Published(88.04, "Germain et al. 2015, table 6: one hidden layer, 32 masks"),
    "made-any-order": Published(86.64, "Germain et al. 2015, table 6: two hidden layers, 32 masks"),
    "pixelcnn": Published(81.30, "van den Oord et al. 2016a, table 4"),
    "pixelrnn-row": Published(80.54, "van den Oord et al. 2016a, table 4"),
    "pixelrnn-diagonal": Published(
        79.20, "van den Oord et al. 2016a, table 4: 7 layers; with one, 80.75"
    ),
}  # of the gated networks (van den Oord et al. 2016b) there is no figure on MNIST


@dataclass(frozen=True)
class Row:
    """A checkpoint on the board; what its card does not say is None.

    bits_per_dim: here, on the test images.  bits_per_sample: the same of sound, on the recordings
    that are held out. baselines: what trivial models need for these.  log_mel_distance: of a
    vocoder, in dB, between them and what it makes of their spectrograms (see
    `studio.engine.scoring.sound_scoring`). article: bits/dim that the article reports;
    article_leaks: of a network that sees what it has to predict.  paper: see `Published`. recipe:
    as the card has it.  seconds: of training, on `machine`.  orders: how many are averaged, for a
    model of any order. checked: bits as scored again just now.  autoregressive: what is not has no
    likelihood, and no figure here.
    """

    name: str
    bits_per_dim: float | None
    article: float | None
    paper: Published | None
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
    found = [
        _row(name, path)
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
    """The same board with every checkpoint scored again; `show` is told how far that is."""
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


def _row(name: str, path: Path) -> Row:
    card = read_card(path)
    metrics = card.get("metrics") or {}
    return Row(
        name=name,
        bits_per_dim=metrics.get("bits_per_dim"),
        article=ARTICLE.get(name),
        paper=PAPERS.get(name),
        parameters=card.get("parameters"),
        epochs=card.get("epochs"),
        seconds=card.get("seconds"),
        machine=card.get("machine"),
        recipe=card.get("recipe") or {},
        article_leaks=name in ARTICLE_LEAKS,
        orders=metrics.get("orders"),
        autoregressive=card.get("autoregressive", True),
        bits_per_sample=metrics.get("bits_per_sample"),
        baselines=metrics.get("baselines") or {},
        log_mel_distance=metrics.get("log_mel_distance"),
    )
