"""What was measured of completion, for a person: tables of a model and method a row, and what is
given a column."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from studio.engine.bench.text_columns import columns

Document = dict[str, Any]


def as_text(document: Document) -> str:
    """The document of `studio.engine.bench.completion` for a person."""
    found, amounts = document["completion"], document["completion"]["amounts"]
    masks, names = found["masks"], list(found["masks"])
    few, particles = amounts["particle_digits"], amounts["particles"]
    lines = [
        f"{document['machine']}; {amounts['digits']} test digits of {found['data']};",
        f"by particles the first {few} of them, with {particles} particles each. Given is:",
    ]
    lines += [
        f"  {name}: {mask['given']}; {mask['hidden_pixels']} pixels are missing"
        for name, mask in masks.items()
    ]
    for prepared, judge in found["judges"].items():
        lines.append(
            f"The judge finds {judge['accuracy']:.2%} of the clean {prepared} test digits"
            f" ({judge['seconds']:.0f} s of training)."
        )
    if found["models"]:
        lines += ["", *_BITS, *_bits_table(found, names)]
        kept = _KEPT.format(amounts["completions"], amounts["particle_digits"])
        lines += ["", kept, *_table(found, names, _kept)]
        lines += ["", *_CALIBRATED, *_table(found, names, _calibration)]
        lines += ["", f"Seconds for {found['timed']}:", *_seconds(found)]
        lines += ["", "Samples drawn from nothing of which the judge is more than 0.9 sure:"]
        lines += _recognised(found)
    for name, model in found["models"].items():
        if (passes := model.get("bits_per_dim_by_passes")) is not None:
            rows = passes["bits_per_dim"]
            whole = next(iter(rows.values()))
            lines += [
                "",
                f"{name}, bits/dim by the number of passes, {passes['digits']} digits:",
                *(f"  {n:>4}: {bits:.4f} ({bits / whole - 1:+.1%})" for n, bits in rows.items()),
            ]
    lines += _published(found)
    left = [f"  {name}: {why}" for name, why in found["left_out"].items()]
    for name, model in found["models"].items():
        left += [f"  {name}, {method}: {why}" for method, why in model["not_measured"].items()]
    return "\n".join([*lines, *(["", "Not measured:", *left] if left else [])])


_BITS = [
    "Bits a missing pixel of its true content, given the others; = is exact for the model itself.",
    "Of particles, on the first digits only: at most what they need themselves, at least what the",
    "model's exact conditional needs, and what clamp needs of the same digits.",
]
_KEPT = "Digit kept: share of {} completions, by particles of {}, with the class of the digit:"
_CALIBRATED = [
    "Calibration error: how far the probability of a missing pixel's level, given what was there",
    "before it, is from the share of pixels with that level, on average:",
]
_BOUNDS = {  # what a method with bounds has instead of one figure
    "upper": "at most",
    "lower": "exact, at least",
    "clamp_on_the_same_digits": "clamp on these",
}


def _table(
    found: Document, masks: list[str], cell: Callable[[Document], tuple[str, float | None]]
) -> list[str]:
    """A row for each model and method, with their mean where every cell has a figure."""
    rows = [["", *masks, "mean"]]
    for name, model in found["models"].items():
        for label, way in model["methods"].items():
            rows.append(_row(f"{name}, {label}", way["masks"], masks, cell))
    return columns(rows)


def _bits_table(found: Document, masks: list[str]) -> list[str]:
    """The same of bits, in which a method that has bounds has a row for each."""
    rows = [["", *masks, "mean"]]
    for name, model in found["models"].items():
        for label, way in model["methods"].items():
            kinds = _BOUNDS if any("upper" in row for row in way["masks"].values()) else {"": ""}
            for kind, words in kinds.items():
                title = " ".join(filter(None, (f"{name}, {label}", words)))
                rows.append(_row(title, way["masks"], masks, partial(_bits, kind=kind)))
    return columns(rows)


def _row(
    title: str,
    found: Document,
    masks: list[str],
    cell: Callable[[Document], tuple[str, float | None]],
) -> list[str]:
    cells = [cell(found[mask]) if mask in found else ("", None) for mask in masks]
    figures = [figure for _, figure in cells if figure is not None]
    mean = f"{sum(figures) / len(masks):.4f}" if len(figures) == len(masks) else ""
    return [title, *(text for text, _ in cells), mean]


def _bits(row: Document, kind: str) -> tuple[str, float | None]:
    if "bits" in row:
        return f"{row['bits']:.4f}{'=' if row['exact'] else ' '}", row["bits"]
    if kind not in row:
        return "- ", None
    bits = row[kind]["bits"]
    return f"{bits:.4f} ", bits


def _calibration(row: Document) -> tuple[str, float | None]:
    if (found := row.get("calibration")) is None:
        return "-", None
    return f"{found['error']:.4f}", found["error"]


def _kept(row: Document) -> tuple[str, float | None]:
    return f"{row['kept']:.1%}", row["kept"]


def _seconds(found: Document) -> list[str]:
    rows = [
        [f"{name}, {label}", f"{way['seconds']:.2f}"]
        for name, model in found["models"].items()
        for label, way in model["methods"].items()
    ]
    return columns(rows)


def _recognised(found: Document) -> list[str]:
    rows = [
        [f"{name}, {passes} passes", f"{share:.1%}", f"of {model['recognised']['count']}"]
        for name, model in found["models"].items()
        for passes, share in model["recognised"]["by_passes"].items()
    ]
    return columns(rows)


def _published(found: Document) -> list[str]:
    """Nats a digit beside those of others, of models whose digits were prepared in the same way."""
    published = found["published"]
    rows = []
    for name, model in found["models"].items():
        if model["preparation"] != published["preparation"]:
            continue
        for label, way in model["methods"].items():
            rows.append(
                [f"{name}, {label}"]
                + [_nats(way["masks"].get(mask, {})) for mask in published["nats"]]
            )
    if not rows:
        return []
    header = ["", *(f"{mask} given" for mask in published["nats"])]
    kind, source = published["preparation"], published["source"]
    other = [published["model"], *(f"{nats:.1f}" for nats in published["nats"].values())]
    return [
        "",
        f"Nats of all missing pixels of a digit, {kind} binarization, beside {source}",
        *columns([header, *rows, other]),
    ]


def _nats(row: Document) -> str:
    if "nats" in row:
        return f"{row['nats']:.1f}"
    if "upper" in row:
        return f"{row['lower']['nats']:.1f}..{row['upper']['nats']:.1f}"
    return "-"
