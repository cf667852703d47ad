"""What the figures of a card are called, in words; for the library, the inspector, the tables and
the training alike.

Bits/dim, for sound bits/sample and for codes bits/code, are of likelihoods, and likelihoods only.
What a model that reconstructs is measured by looks alike, but is shown what it has to say: it has a
name of its own, and no place among the others. Free of torch.
"""

from __future__ import annotations

import itertools
from typing import Any

from studio.engine.runtime.file_names import last_part
from studio.engine.runtime.texts import shortened

_UNITS = {
    "bits_per_dim": "bits/dim",
    "bits_per_sample": "bits/sample",
    "bits_per_code": "bits/code",
    "reconstruction_bits": "bits/dim to reconstruct",
}
_MEANINGS = {
    "bits_per_dim": (
        "Bits/dim: how many bits the model needs, on average, to tell one value of a pixel. Less is"
        " better; guessing costs 1 bit where there are 2 values, and 8 where there are 256."
    ),
    "bits_per_sample": (
        "Bits/sample: how many bits the model needs, on average, to tell one sample of the sound."
        " Less is better; guessing among 256 values costs 8."
    ),
    "bits_per_code": (
        "Bits/code: how many bits the model needs, on average, to tell one code of a picture. Less"
        " is better, among models of the same codes; it is not to be compared with bits/dim."
    ),
    "reconstruction_bits": (
        "Bits/dim to reconstruct: how far the picture that comes out is from the one that went in."
        " Less is better; it is not a likelihood, and not to be compared with bits/dim."
    ),
}
_EXAMPLES = (
    ("test image", "test images"),
    ("test recording", "test recordings"),
)
NO_LIKELIHOOD = "not a likelihood"


def unit_of(measure: str) -> str:
    """What a figure is given in; of a measure that the studio does not know, its own name."""
    return _UNITS.get(measure, measure.replace("_", " "))


def meaning_of(measure: str) -> str:
    """What a figure means, in two sentences; "" of a measure that the studio does not know."""
    return _MEANINGS.get(measure, "")


def meaning_in(metrics: Any) -> str:
    """What the figure means that `in_words` gives, "" where there is none."""
    known = metrics if isinstance(metrics, dict) else {}
    return next((_MEANINGS[name] for name in _UNITS if name in known), "")


def in_words(metrics: Any) -> str:
    """The figure that matters among a card's metrics, such as "0.1081 bits/dim"; "" where there is
    none. It is the one the studio knows, or else the first."""
    if not isinstance(metrics, dict):
        return ""
    known = (name for name in _UNITS if isinstance(metrics.get(name), int | float))
    others = (name for name, value in metrics.items() if isinstance(value, float))
    name = next(itertools.chain(known, others), None)
    return "" if name is None else f"{metrics[name]:.4f} {unit_of(name)}"


def scored_in_words(metrics: dict[str, Any]) -> str:
    """The same with what it was scored on, such as "0.1081 bits/dim on 10,000 test images"; ""
    where it was not scored on all of its test data."""
    if "examples" not in metrics:
        return ""
    count = metrics["examples"]
    one, more = _EXAMPLES["bits_per_sample" in metrics]
    return f"{in_words(metrics)} on {count:,} {one if count == 1 else more}"


def data_in_words(card: dict[str, Any]) -> str:
    """What a model learnt from: the name of its data, of the person's own without the folders that
    they lie in; "" where the card names none."""
    return shortened(last_part(card.get("data") or ""))


def learnt_from_in_words(card: dict[str, Any]) -> str:
    """How much of its data a model has learnt from, such as "55,000 training images, 5,000 others
    for validation"; "" where the card names no data."""
    if not card.get("data"):
        return ""
    shape = card.get("shape")
    examples = "recordings" if isinstance(shape, list) and len(shape) == 2 else "images"
    sizes = card.get("learnt_from")
    if isinstance(sizes, dict) and {"train", "validation"} <= sizes.keys():
        return (
            f"{sizes['train']:,} training {examples}, {sizes['validation']:,} others for validation"
        )
    # a card without this entry is of a model that was trained before there was a validation part
    count = "60,000 " if card["data"] == "mnist" else ""
    return f"all {count}training {examples}; no validation part"


def form_of(shape: list[Any]) -> str:
    """What pictures of (channels, rows, columns) are: 28 x 28 grey; (1, None) is sound."""
    if len(shape) == 2:
        return "sound"
    channels, rows, columns = shape
    return f"{columns} × {rows} {'colour' if channels == 3 else 'grey'}"


def in_short(count: int) -> str:
    """181_234 as "181k", 3_271_696 as "3.3M"."""
    for unit, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= unit * 0.9995:
            scaled = count / unit
            return f"{scaled:.1f}{name}" if scaled < 9.95 and name != "k" else f"{scaled:.0f}{name}"
    return str(count)
