"""`studio runs`: how trainings stand, of this machine or of others in a shared folder; `--follow`
prints the figures of one as they come."""

from __future__ import annotations

import argparse
import time
from itertools import takewhile

from studio.cli.terminal import DONE, duration, print_json, print_table, say
from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.errors import StudioError
from studio.engine.training.watching_runs import QUEUED, RUNNING, RunView, runs_in

_EVERY = 1.0  # seconds between looks at a run that is followed
_FOLLOWED = ("step", "epoch", "seconds", "train", "val", "test", "rate", "gradient_norm")
_WIDTH = 13


def runs(arguments: argparse.Namespace) -> int:
    """What runs there are, how they stand and what they have reached."""
    views = runs_in(arguments.place)
    if arguments.follow:
        if arguments.json:
            raise StudioError("--follow prints lines as they come: leave out --json.")
        if arguments.place is None or len(views) != 1:
            raise StudioError("--follow is for one run: name it, or its folder.")
        return _follow(views[0])
    if arguments.json:
        print_json({"runs": [view.to_dict() for view in views]})
        return DONE
    header = ["name", "model", "state", "epoch", "training", "validation", "test", "in", "spent"]
    rows = [_row(view) for view in views]
    print_table(header, rows, frozenset([3, 4, 5, 6])) if rows else print("none yet")
    for view in views:
        said = view.notes if len(views) == 1 else []
        for sentence in (*said, view.last_error):
            if sentence:
                say(f"{view.name}: {sentence}")
    return DONE


def _row(view: RunView) -> list[str]:
    figures = (view.last("train"), view.best, view.last("test"))
    recipe = view.recipe
    of = f" of {recipe.epochs:g}" if recipe and not getattr(recipe, "minutes", 0) else ""
    return [
        view.name,
        view.model,
        view.state,
        f"{view.epoch:.3g}{of}",
        *("" if figure is None else f"{figure:.4f}" for figure in figures),
        unit_of(view.measure),
        duration(view.seconds),
    ]


def _follow(view: RunView) -> int:
    """Print the lines of a run's table as they come, until it is over."""
    say(f"Following {view.name}; Ctrl+C ends that, not the training.")
    print(" ".join(name.rjust(_WIDTH) for name in _FOLLOWED), flush=True)
    shown: list[dict[str, float]] = []
    rewound, going = view.rewound, True
    while going:
        going = view.state in (QUEUED, RUNNING)
        view.refresh()  # once more after its end, for what came with it
        if view.rewound != rewound:
            rewound = view.rewound
            pairs = zip(shown, view.rows, strict=False)
            same = len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])
            if same < len(shown):
                say(f"It went back to step {int(shown[same - 1]['step']) if same else 0:,}.")
            del shown[same:]
        for row in view.rows[len(shown) :]:
            shown.append(row)
            print(" ".join(_cell(view, row, name).rjust(_WIDTH) for name in _FOLLOWED), flush=True)
        if not view.folder.is_dir():
            say(f"{view.name} is gone.")
            return DONE
        if going:
            time.sleep(_EVERY)
    say(f"{view.name} is {view.state}.{f' {view.last_error}' if view.last_error else ''}")
    return DONE


def _cell(view: RunView, row: dict[str, float], name: str) -> str:
    value = row.get(view.column(name))
    if value is None:
        return ""
    return f"{value:,.0f}" if name == "step" else f"{value:.5g}"
