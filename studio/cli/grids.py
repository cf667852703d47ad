"""`studio grid`: scenes that differ in one thing or two, drawn together on one sheet; of sound, one
after the other in one file."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.options import ANYWAY, complete_with, evidence_of, options_of
from studio.cli.recalling import scene_in
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, print_json, print_table, say
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scenes.grid import CellMoment, Grid, Loaded
    from studio.engine.scenes.plan import Plan
    from studio.engine.scenes.scene import ModelReference, Scene

_LOOKS = 50  # at the drawing, of which a film is made


def grid(arguments: argparse.Namespace) -> int:
    """Draw the scenes, write the sheet, and print what each has cost and taken."""
    from studio.engine import kinds
    from studio.engine.runtime import devices
    from studio.engine.scenes.axes import axis
    from studio.engine.scenes.grid import load_models
    from studio.engine.scenes.plan import plan_in, plan_of
    from studio.engine.scenes.sheet import check_sheet

    device = devices.pick(arguments.device)
    scene, model = _scene(arguments, device)
    sound = not kinds.of(model).film
    usual = f"{scene.model.name}-{scene.options.seed}-grid{'.wav' if sound else '.png'}"
    out = arguments.out or Path(usual)
    (_check_sound if sound else check_sheet)(out)
    axes = [axis(text, _classes(model)) for text in arguments.axes]
    plan = None if axes else plan_in(scene)
    if plan is None:
        if not 1 <= len(axes) <= 2:
            raise StudioError("Say with --axis in what the scenes differ: once, or twice.")
        plan = plan_of(scene, *axes)
    besides = [place for each in axes for place in each.places]
    models = load_models(plan.scenes, device, besides, {scene.model: model})
    if sound:
        return _take_turns(plan, models, out, arguments)
    return _draw_sheet(plan, models, out, arguments)


def again(plan: Plan, arguments: argparse.Namespace) -> int:
    """Draw a grid once more that a file carries; options as `studio recall` has them."""
    from studio.engine import kinds
    from studio.engine.runtime import devices
    from studio.engine.scenes.grid import load_models
    from studio.engine.scenes.sheet import check_sheet

    check_sheet(arguments.out)
    models = load_models(plan.scenes, devices.pick(arguments.device))
    if any(found.model and not kinds.of(found.model).film for found in models.values()):
        raise StudioError("These are takes of sound: make them again by studio grid --scene FILE.")
    usual = {"difference": False, "race": False, "speed": None}
    return _draw_sheet(
        plan, models, arguments.out, argparse.Namespace(**{**vars(arguments), **usual})
    )


def _draw_sheet(
    plan: Plan, models: dict[ModelReference, Loaded], out: Path, arguments: argparse.Namespace
) -> int:
    from studio.engine.scenes.sheet import Sheet, save_sheet

    drawing = _grid(plan, models, arguments.anyway)
    status = _draw(drawing, arguments.race)
    cells = drawing.moments
    for title, cell in zip(plan.titles, cells, strict=True):
        if cell.sentence:
            say(f"{title}: {cell.sentence}")
    if all(cell.snapshot is None for cell in cells):
        raise StudioError("None of these scenes can be drawn.")
    sheet = Sheet(plan, cells, arguments.scale, arguments.difference)
    save_sheet(sheet, out, plan, arguments.speed, arguments.race)
    _print(plan, cells, out, arguments.json)
    return status


def _scene(arguments: argparse.Namespace, device: object) -> tuple[Scene, Model]:
    """What all scenes begin with, and its model."""
    from studio.engine import checkpoints
    from studio.engine.scenes.references import find, reference_to
    from studio.engine.scenes.scene import Scene

    if arguments.scene is None and arguments.checkpoint is None:
        raise StudioError("Name a checkpoint, or a scene with --scene.")
    if arguments.scene is not None:
        scene = scene_in(arguments.scene)
        complete_with(arguments, scene)
        if arguments.checkpoint is None:
            found = find(scene.model)
            if found.checkpoint is None:
                raise StudioError(found.sentence)
            if found.sentence:
                say(found.sentence)
            checkpoint = found.checkpoint
        else:
            checkpoint = checkpoints.resolve(arguments.checkpoint)
        model = checkpoints.load(checkpoint, device)  # type: ignore[arg-type]
        return replace(scene, model=reference_to(checkpoint)), model
    complete_with(arguments, None)
    checkpoint = checkpoints.resolve(arguments.checkpoint)
    model = checkpoints.load(checkpoint, device)  # type: ignore[arg-type]
    evidence = None if arguments.image is None else evidence_of(arguments, model)
    given = None if evidence is None else evidence.pixels or evidence
    return Scene(reference_to(checkpoint), options_of(arguments, model), given), model


def _classes(model: Model) -> tuple[str, ...]:
    from models.interface import Classes

    names = model.conditioning.names if isinstance(model.conditioning, Classes) else ()
    return tuple(names)


def _grid(plan: Plan, models: dict[ModelReference, Loaded], anyway: bool) -> Grid:
    from studio.engine.scenes.grid import Grid

    try:
        return Grid(plan.scenes, models, math.inf if anyway else 1.0)
    except TooLargeError as error:
        raise StudioError(f"{error}{ANYWAY}") from error


def _draw(drawing: Grid, race: bool) -> int:
    longest = max((cell.snapshot.length for cell in drawing.moments if cell.snapshot), default=0)
    with ProgressLine() as line:

        def look() -> None:
            cells = [cell.snapshot for cell in drawing.moments if cell.snapshot]
            done = sum(one.position for one in cells) / max(1, sum(one.length for one in cells))
            line.show(f"Drawing: {done:.0%}")

        try:
            drawing.draw(max(1, longest // _LOOKS), look, race)
        except KeyboardInterrupt:
            say("Interrupted; what was drawn is kept.")
            return INTERRUPTED
    return DONE


def _check_sound(path: Path) -> None:
    from studio.engine.generation.exporting import check_target
    from studio.engine.media.recordings import WRITTEN

    if path.suffix.lower() not in WRITTEN:
        raise StudioError(f'"{path}" is no place for takes of sound: choose .wav or .flac.')
    check_target(path, sound=True)


def _take_turns(
    plan: Plan,
    models: dict[ModelReference, Loaded],
    out: Path,
    arguments: argparse.Namespace,
) -> int:
    """Make the takes, equally loud, and write them one after the other."""
    from studio.engine.scenes.drawing import SECONDS
    from studio.engine.scenes.takes import make_takes, matched, save_in_turn

    seconds = arguments.seconds or SECONDS
    with ProgressLine() as line:

        def look(share: float) -> bool:
            line.show(f"Making sound: {share:.0%}")
            return True

        takes = matched(make_takes(plan, models, seconds, look))
    for take in takes:
        if take.sentence:
            say(f"{take.title}: {take.sentence}")
    save_in_turn(plan, takes, out)
    if arguments.json:
        kept = [
            {
                "title": take.title,
                "model": scene.model.name,
                "samples": len(take.samples),
                "rate": take.rate,
                "dbfs": take.level,
                "gain": take.gain,
                "seconds": take.seconds,
                "sentence": take.sentence,
            }
            for scene, take in zip(plan.scenes, takes, strict=True)
        ]
        print_json({"file": str(out), "takes": kept})
        return DONE
    rows = [
        [take.title, f"{take.level:.1f}", f"{take.gain:+.1f}", f"{take.seconds:.2f}"]
        for take in takes
        if take.samples.size
    ]
    print_table(["TAKE", "DBFS", "GAIN", "SECONDS"], rows, frozenset([1, 2, 3]))
    print(out)
    return DONE


def _print(plan: Plan, cells: tuple[CellMoment, ...], out: Path, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "file": str(out),
                "columns": plan.columns,
                "cells": [
                    {
                        "title": title,
                        "model": scene.model.name,
                        "bits": cell.bits,
                        "bits_per_dim": cell.snapshot and cell.snapshot.bits_per_dim,
                        "position": cell.snapshot and cell.snapshot.position,
                        "sites_per_second": cell.sites_per_second or None,
                        "seconds": cell.seconds,
                        "sentence": cell.sentence,
                        "differs": share,
                    }
                    for title, scene, cell, share in zip(
                        plan.titles, plan.scenes, cells, _shares(cells), strict=True
                    )
                ],
            }
        )
        return
    rows = [
        [
            title,
            "" if cell.bits is None else f"{cell.bits:.1f}",
            f"{cell.seconds:.2f}" if cell.sites else "",
            f"{cell.sites_per_second:,.0f}" if cell.sites else "",
        ]
        for title, cell in zip(plan.titles, cells, strict=True)
    ]
    print_table(["SCENE", "BITS", "SECONDS", "PIXELS/S"], rows, frozenset([1, 2, 3]))
    print(out)


def _shares(cells: tuple[CellMoment, ...]) -> list[float | None]:
    """Of each, how much differs from the first; None where they cannot be compared."""
    from studio.engine.scenes.difference import difference, share_that_differs

    first, found = cells[0], list[float | None]()
    for cell in cells:
        apart = None
        if first.snapshot is not None and cell.snapshot is not None:
            apart = difference(first.snapshot, cell.snapshot, (first.levels, cell.levels))
        found.append(None if apart is None else share_that_differs(apart))
    return found
