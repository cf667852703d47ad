"""`studio evaluate` and `studio bench`: how well a model predicts, how fast it draws, and
how well it completes pictures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from studio.cli.parsers.measuring import COMPLETION, DECODE, RECOGNISED, TRAINING
from studio.cli.terminal import ProgressLine, print_json, say
from studio.engine.bench.completion_amounts import QUICK, Amounts
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from studio.engine.scoring.scores import Score
    from studio.engine.scoring.shares import Share

# benchmarks that are measured alone, and not on a device that is named, but for some
_MEASURED_ALONE = (DECODE, RECOGNISED, TRAINING, "gaps", "sampling", "player", "audio")
# options of the benchmark of completion that others take, by where their values are found
_TAKEN: dict[str | None, tuple[str, ...]] = {
    DECODE: ("of",),
    RECOGNISED: ("of", "samples", "device"),
    TRAINING: ("of",),
}


def evaluate(arguments: argparse.Namespace) -> int:
    """bits/dim of a checkpoint on all of a part of the data; of a model that
    reconstructs, how well it does."""
    from studio.cli import many
    from studio.cli.making import loaded
    from studio.cli.outcomes import print_score
    from studio.engine.scoring import evaluation
    from studio.engine.scoring.shares import ALONE

    if arguments.out is not None and arguments.shard is None:
        raise StudioError("--out is for the parts of --shard: leave it out.")
    model = loaded(arguments)
    older = "learnt_from" not in (model.card or {})
    if arguments.split == "validation" and arguments.data is None and older:
        say(
            "This model was trained before there was a validation part: it has learnt from these"
            " too."
        )

    def score(share: Share) -> Score | None:
        with ProgressLine() as line:
            return evaluation.evaluate(
                model,
                arguments.data,
                arguments.split,
                arguments.preparation,
                arguments.labels,
                progress=lambda part: line.show(f"Scoring: {part:.0%}"),
                orders=arguments.orders,
                skip_damaged=arguments.skip_damaged,
                share=share,
            )

    if arguments.shard is not None:
        return many.evaluate(model, arguments, score)
    found = score(ALONE)
    assert found is not None  # there is no token to cancel
    print_score(model, found, arguments)
    return 0


def bench(arguments: argparse.Namespace) -> int:
    """Measures, and prints what was found."""
    if arguments.only == COMPLETION:
        return _bench_completion(arguments)
    if arguments.choose and arguments.only is not None:
        raise StudioError("--choose is measured alone: leave out --only.")
    on_device = arguments.device is not None and arguments.only not in _MEASURED_ALONE
    if on_device and not arguments.choose:
        return _bench_device(arguments)
    taken = ("of", "device") if arguments.choose else _TAKEN.get(arguments.only, ())
    _check_options(arguments, taken)
    from studio.engine.bench import decoding, drawing_speed, gap_filling

    if arguments.only == TRAINING:
        return _bench_training(arguments)
    if arguments.choose:
        return _bench_choices(arguments)
    if arguments.only == RECOGNISED:
        return _bench_recognised(arguments)
    if arguments.only == DECODE:
        found = decoding.run(arguments.of or (), quick=arguments.quick, show=say)
        return _printed(arguments, found, decoding.as_text)
    if arguments.only == gap_filling.NAME:
        found = gap_filling.run(quick=arguments.quick, show=say)
        return _printed(arguments, found, gap_filling.as_text)
    found = drawing_speed.run(only=arguments.only, quick=arguments.quick, show=say)
    return _printed(arguments, found, drawing_speed.as_text)


def _bench_device(arguments: argparse.Namespace) -> int:
    """How fast a device is; a machine that has a GPU and little else can do it."""
    from studio.engine.bench import device_speed
    from studio.engine.runtime import devices

    _check_options(arguments, ("device", "of"))
    names = [arguments.only] if arguments.only else arguments.of or ()
    document = device_speed.run(devices.pick(arguments.device), names, arguments.quick, say)
    return _printed(arguments, document, device_speed.as_text)


def _check_options(arguments: argparse.Namespace, taken: tuple[str, ...]) -> None:
    """StudioError for an option of another benchmark."""
    for dest, option in arguments.of_completion.items():
        if getattr(arguments, dest) is not None and dest not in taken:
            raise StudioError(f"{option} is for `studio bench --only {COMPLETION}`.")


def _printed(
    arguments: argparse.Namespace,
    document: dict[str, Any],
    as_text: Callable[[dict[str, Any]], str],
) -> int:
    """The document itself where it was asked for, else what it says."""
    if arguments.json:
        print_json(document)
    else:
        print(as_text(document))
    return 0


def _bench_training(arguments: argparse.Namespace) -> int:
    from studio.engine.bench import training_speed

    found = training_speed.run(arguments.of or (), quick=arguments.quick, show=say)
    return _printed(arguments, found, training_speed.as_text)


def _bench_choices(arguments: argparse.Namespace) -> int:
    from studio.engine.bench import choosing

    device = arguments.device or "auto"
    document = choosing.run(arguments.of or (), device, quick=arguments.quick, show=say)
    return _printed(arguments, document, choosing.as_text)


def _bench_recognised(arguments: argparse.Namespace) -> int:
    from studio.engine.bench import recognition
    from studio.engine.runtime import devices

    document = recognition.run(
        arguments.of or (),
        arguments.samples,
        devices.pick(arguments.device or "cpu"),
        quick=arguments.quick,
        show=say,
    )
    return _printed(arguments, document, recognition.as_text)


def _bench_completion(arguments: argparse.Namespace) -> int:
    from studio.demonstrations import QUICK_COMPLETION
    from studio.engine.bench import completion, completion_text
    from studio.engine.runtime import devices

    amounts = QUICK if arguments.quick else Amounts()
    changed = {
        field.name: value
        for field in fields(amounts)
        if (value := getattr(arguments, field.name, None)) is not None
    }
    document = completion.run(
        arguments.of or (QUICK_COMPLETION if arguments.quick else ()),
        arguments.methods or (),
        arguments.preparation,
        replace(amounts, **changed),
        devices.pick(arguments.device or "cpu"),
        show=say,
    )
    return _printed(arguments, document, completion_text.as_text)
