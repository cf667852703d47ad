"""`studio models`, `studio data` and `studio scoreboard`: what there is, and how good it is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.settings import about, settings
from studio.cli.terminal import ProgressLine, duration, print_json, print_table
from studio.engine.checkpoints.cards import read_card, shipped
from studio.engine.checkpoints.words import (
    NO_LIKELIHOOD,
    data_in_words,
    in_words,
    learnt_from_in_words,
)
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from studio.engine.scoring.scoreboard import Row


def models(arguments: argparse.Namespace) -> int:
    """What can be built, and which trained models are at hand; of a single model, its settings."""
    if arguments.name:
        return settings(arguments)
    from models.registry import variants
    from studio.engine.training.runs import all_runs

    known = sorted(variants().values(), key=lambda found: found.name)
    built = [
        {
            "name": found.name,
            "summary": found.summary,
            **about(found),
            "autoregressive": found.autoregressive,
            "recipe": found.recipe.to_dict(),
            "settings": found.defaults.to_dict(),
            "others": [other.to_dict() for other in found.others],
            "place": found.place,
        }
        for found in known
    ]
    trained = [_checkpoint(name, path) for name, path in shipped().items()]
    runs = [_checkpoint(run.name, run.latest) for run in all_runs() if run.latest.is_file()]
    if arguments.json:
        print_json({"models": built, "checkpoints": trained, "runs": runs})
        return 0
    print("Can be built (studio train NAME):")
    print_table(["name", "what it is"], [[found.name, found.summary] for found in known])
    if others := [found for found in known if not found.built_in]:
        print("\nOf these, from elsewhere:")
        print_table(["name", "declared by"], [[found.name, found.place] for found in others])
    for title, found in (("Shipped (studio generate NAME):", trained), ("Your runs:", runs)):
        print(f"\n{title}")
        if found:
            header = ["name", "model", "data", "learnt from", "measured", "weights", "file"]
            print_table(header, [_row(c) for c in found], right=frozenset([5]))
        else:
            print("none yet")
    return 0


def data(arguments: argparse.Namespace) -> int:
    """The data sets that ship, and the forms in which the person's own can come."""
    from studio.engine.data import audio_data
    from studio.engine.data.sources import sources

    rows = [(source.name, source.summary) for source in sources()] + audio_data.sources()
    if arguments.json:
        print_json({"data": [{"name": name, "what": what} for name, what in rows]})
        return 0
    print("Ship with the studio (--data NAME):")
    print_table(["name", "what it is"], [[name, what] for name, what in rows if name])
    print("\nYour own (--data PATH):")
    for what in (what for name, what in rows if not name):
        print(f"  {what}")
    return 0


def scoreboard(arguments: argparse.Namespace) -> int:
    """The shipped checkpoints beside the figures of others."""
    from studio.engine.scoring.scoreboard import check, rows

    found = rows()
    if arguments.check:
        with ProgressLine() as line:
            found = check(found, arguments.device, line.show)
    if arguments.json:
        print_json([row.to_dict() for row in found])
        return 0
    sounds = [row for row in found if row.bits_per_sample is not None]
    training = ["weights", "recipe", "trained in", "on"]
    header = ["model", "data", "bits/dim", "again", "nats", "article", "paper*", *training]
    table = [_picture_row(row) + _training(row) for row in found if row not in sounds]
    print_table(header, table, right=frozenset(range(2, 8)))
    print(
        "* MNIST binarised by chance, not thresholded as in the article: another task, more bits."
        " Only beside what was prepared as dynamic, it is of the same task."
    )
    if any(row.article_leaks for row in found):
        print(
            "\N{DAGGER} The article's listing shows later pixels to earlier ones, so that its"
            " figure is no likelihood."
        )
    for row in found:
        if not row.autoregressive:
            print(f"{row.name}: its measure is {NO_LIKELIHOOD}; see `studio evaluate {row.name}`.")
    if sounds:
        trivial = list(dict.fromkeys(name for row in sounds for name in row.baselines))
        header = [
            "model",
            "data",
            "bits/sample",
            "again",
            *(name.replace("_", " ") for name in trivial),
            "log-mel*",
            "loudness*",
            "STOI*",
            *training,
        ]
        print()
        print_table(
            header,
            [_sound_row(row, trivial) + _training(row) for row in sounds],
            right=frozenset(range(2, len(header) - 3)),
        )
        print(
            "* Between test recordings and what a vocoder makes of their spectrograms: in dB; the"
            " share of the loudness that differs; how much can be understood, 0 to 1."
        )
    return 0


def _picture_row(row: Row) -> list[str]:
    return [
        row.name,
        row.task,
        _figure(row.bits_per_dim),
        _figure(row.checked),
        "" if row.nats is None else f"{row.nats:.2f}",
        _figure(row.article) + ("\N{DAGGER}" if row.article_leaks else ""),
        _figure(row.paper.bits_per_dim if row.paper else None),
    ]


def _sound_row(row: Row, trivial: list[str]) -> list[str]:
    baselines = [_figure(row.baselines.get(name)) for name in trivial]
    distance = "" if row.log_mel_distance is None else f"{row.log_mel_distance:.2f}"
    differs = "" if row.loudness_difference is None else f"{row.loudness_difference:.1%}"
    understood = "" if row.stoi is None else f"{row.stoi:.3f}"
    return [
        row.name,
        row.task,
        _figure(row.bits_per_sample),
        _figure(row.checked),
        *baselines,
        distance,
        differs,
        understood,
    ]


def _training(row: Row) -> list[str]:
    recipe = row.recipe
    words = [
        f"{row.epochs:g} epochs" if row.epochs is not None else "",
        f"of {recipe.get('batch')} with {recipe.get('optimiser')}" if recipe else "",
        f"from {recipe['start']}" if recipe.get("start") else "",
        f"as {row.orders} orders averaged" if row.orders else "",
    ]
    return [
        "" if row.parameters is None else f"{row.parameters:,}",
        " ".join(word for word in words if word),
        "" if row.seconds is None else duration(row.seconds),
        row.machine or "",
    ]


def _checkpoint(name: str, path: Path) -> dict[str, Any]:
    """A trained model as its card describes it, or why its card cannot be read."""
    try:
        card = read_card(path)
    except StudioError as error:
        return {"name": name, "path": str(path), "error": str(error)}
    return {
        "name": name,
        "path": str(path),
        "card": {k: v for k, v in card.items() if k != "thumbnail"},
    }


def _row(checkpoint: dict[str, Any]) -> list[str]:
    if "card" not in checkpoint:
        return [checkpoint["name"], checkpoint["error"], "", "", "", "", checkpoint["path"]]
    card = checkpoint["card"]
    data = " ".join(filter(None, (data_in_words(card), card.get("preparation"))))
    weights = f"{card['parameters']:,}" if "parameters" in card else ""
    return [
        checkpoint["name"],
        card["model"],
        data,
        learnt_from_in_words(card),
        in_words(card.get("metrics")),
        weights,
        checkpoint["path"],
    ]


def _figure(bits: float | None) -> str:
    return "" if bits is None else f"{bits:.4f}"
