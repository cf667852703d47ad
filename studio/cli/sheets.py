"""`studio sheets`: of each model a sheet of samples, in a folder."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, print_json, say
from studio.engine.runtime.errors import StudioError


def sheets(arguments: argparse.Namespace) -> int:
    """Draw and write them one after the other, and print where each is. What makes no pictures is
    left out with a sentence, unless it was named."""
    from studio.engine import checkpoints
    from studio.engine.checkpoints.cards import shipped
    from studio.engine.checkpoints.places import name_of
    from studio.engine.runtime import devices
    from studio.engine.scenes.references import reference_to
    from studio.engine.scenes.sample_sheets import save_sample_sheet, scenes_of

    names = arguments.names or [*shipped()]
    called = [name_of(checkpoints.resolve(name)) for name in names]
    if twice := next((each for each in called if called.count(each) > 1), None):
        raise StudioError(f'Two of these are called "{twice}": draw them into two folders.')
    folder, device = _folder(arguments.out), devices.pick(arguments.device)
    made: list[dict[str, Any]] = []
    status = DONE
    with ProgressLine() as line:
        for name in names:
            checkpoint = checkpoints.resolve(name)
            model = checkpoints.load(checkpoint, device)
            try:
                scenes = scenes_of(model, reference_to(checkpoint), arguments.count, arguments.seed)
            except StudioError as error:
                if arguments.names:
                    raise
                say(f"Left out: {error}")
                continue
            out, began = folder / f"{name_of(checkpoint)}.png", time.monotonic()
            line.show(f"Drawing {out.name}")
            try:
                save_sample_sheet(model, scenes, out, arguments.scale)
            except KeyboardInterrupt:
                say("Interrupted; the sheets that were made are kept.")
                status = INTERRUPTED
                break
            line.end()
            made.append(
                {
                    "file": str(out),
                    "checkpoint": name_of(checkpoint),
                    "count": sum(scene.options.count for scene in scenes),
                    "seed": arguments.seed,
                    "bytes": out.stat().st_size,
                    "seconds": time.monotonic() - began,
                }
            )
            if not arguments.json:
                print(out, flush=True)
    if arguments.json:
        print_json({"interrupted": status == INTERRUPTED, "sheets": made})
    return status


def _folder(path: Path) -> Path:
    """The folder, made where it is missing; StudioError where it cannot be."""
    from studio.engine.runtime.files import reason

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f'The folder "{path}" could not be made: {reason(error)}.') from error
    return path
