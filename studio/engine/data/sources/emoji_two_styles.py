"""The shipped emoji in both styles, Twemoji and Noto: 20 classes, a style and a category each.

The same emoji are held out as of `emoji`, in both styles, and the first ten classes are those of
`emoji`: so a model that has learnt from these can be scored on that. An emoji that in either style
looks like one that is held out is not learnt from in any. A skin tone of Noto takes the place of an
emoji by chance when it is learnt from, and is never held out: it is no picture more, see
`Variants`.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data.holding_out import held_out
from studio.engine.data.sources import Found, Part, Parts, Source, Wanted
from studio.engine.data.sources.emoji import (
    CATEGORIES,
    NO_LABELS,
    SHEETS,
    Emoji,
    alike,
    emoji,
    groups_of,
    read_style,
)
from studio.engine.data.variants import Variants

CLASSES = tuple(f"{style} {category}" for style in SHEETS for category in CATEGORIES)


def _read(path: Path, wanted: Wanted) -> Found:
    known = emoji()
    styles = [read_style(style, known) for style in SHEETS]
    categories = torch.tensor([one.category for one in known])
    pictures = torch.cat([plain for plain, _ in styles])  # (styles * N, 3, 32, 32)
    labels = torch.cat([categories + len(CATEGORIES) * style for style in range(len(styles))])
    held = held_out(groups_of(styles[0][0], known))
    learnt = _learnt(pictures, held["test"] | held["validation"], len(styles))
    rows = {"train": learnt, **held}
    parts: Parts = {part: _in_all_styles(pictures, labels, some) for part, some in rows.items()}
    return Found(parts, CLASSES, variants=_variants(styles, known, learnt))


def _learnt(pictures: Tensor, held: Tensor, styles: int) -> Tensor:
    """Which emoji can be learnt from, bool (N,): those that look like no held-out one."""
    near = alike(pictures, pictures[held.repeat(styles)]).any(1)
    return ~(held | near.view(styles, -1).any(0))


def _in_all_styles(pictures: Tensor, labels: Tensor, some: Tensor) -> Part:
    rows = some.repeat(len(pictures) // len(some))
    return pictures[rows], labels[rows]


def _variants(styles: list[tuple[Tensor, Tensor]], known: list[Emoji], learnt: Tensor) -> Variants:
    """The skin tones of the emoji that are learnt from, by their numbers in the training part."""
    counts = torch.tensor([one.tones for one in known])
    bearers = torch.repeat_interleave(torch.arange(len(known)), counts)
    numbers = learnt.cumsum(0) - 1
    images, of = [], []
    for style, (_, tones) in enumerate(styles):
        whose = bearers[: len(tones)]  # none, where the style has no skin tones
        kept = learnt[whose]
        images.append(tones[kept])
        of.append(numbers[whose[kept]] + int(learnt.sum()) * style)
    return Variants(torch.cat(images), torch.cat(of))


SOURCE = Source(
    "Twemoji and Noto: 1,911 emoji in both styles, of ten categories each, 32 x 32, in colour",
    _read,
    name="emoji-two-styles",
    no_labels=NO_LABELS,
)
