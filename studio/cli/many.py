"""`studio generate --shard` and `studio evaluate --shard`, which do one share of a large piece of
work each, and `studio join`, which makes one of all: a file of samples, or a score."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.options import ANYWAY
from studio.cli.outcomes import print_outcome, print_score
from studio.cli.recalling import checkpoint_for
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, print_json, say
from studio.engine.checkpoints.places import name_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.interface import Model
    from studio.engine.media.parts import Parts
    from studio.engine.runtime.shards import Shard
    from studio.engine.scenes.scene import ModelReference, Scene
    from studio.engine.scoring.scores import Score
    from studio.engine.scoring.shares import Share

# what a score depends on besides the model, as `studio evaluate` takes it, and what that may be
_ASKED = {
    "data": (str, type(None)),
    "split": (str,),
    "preparation": (str, type(None)),
    "labels": (str, type(None)),
    "orders": (int, type(None)),
    "skip_damaged": (bool,),
}
_CONTENT = "data_fingerprint"


def generate(model: Model, scene: Scene, arguments: argparse.Namespace) -> int:
    """Make what is missing of a shard of the very many samples that a scene asks for; prints the
    folder of the parts."""
    from studio.engine.scenes import sample_parts

    shard, status = arguments.shard, DONE
    folder = _folder(arguments, f"{name_of(arguments.checkpoint)}-{arguments.seed}")
    try:
        parts = sample_parts.begin(folder, scene, model, shard, arguments.anyway)
    except TooLargeError as error:
        raise StudioError(f"{error}{ANYWAY}") from error
    before = _done(parts, shard)
    with ProgressLine() as line:
        try:
            sample_parts.draw(
                parts, shard, scene, model, lambda share: line.show(f"Making {shard}: {share:.1%}")
            )
        except KeyboardInterrupt:
            status = INTERRUPTED
    if status == INTERRUPTED:
        say("Interrupted; the same command goes on with the parts that are missing.")
    else:
        _say_how_far(parts, shard)
    facts = _facts(parts, shard) | {"drawn": _done(parts, shard) - before}
    print_outcome(arguments, [folder], {"interrupted": status == INTERRUPTED, **facts})
    return status


def evaluate(
    model: Model, arguments: argparse.Namespace, score: Callable[[Share], Score | None]
) -> int:
    """Score what is missing of a shard; prints the folder of the parts, or, where no other is
    missing, the score.

    score: what `studio evaluate` does, for a share.
    """
    from studio.engine.scenes.references import reference_to
    from studio.engine.scoring.score_parts import ShardShare, opened, seconds_of

    found = reference_to(Path(arguments.checkpoint))
    asked: dict[str, Any] = {"model": {"name": found.name, "weights": found.weights}}
    for key in _ASKED:
        value = getattr(arguments, key)
        asked[key] = str(value) if isinstance(value, Path) else value
    asked[_CONTENT] = _content_of(asked, model)
    folder = _folder(arguments, f"{found.name}-{arguments.split}-score")
    whole = score(ShardShare(folder=folder, asked=asked, shard=arguments.shard))
    parts = opened(folder)
    _say_how_far(parts, arguments.shard)
    if whole is not None:
        print_score(model, replace(whole, seconds=seconds_of(parts)), arguments)
    elif arguments.json:
        print_json({"files": [str(folder)], **_facts(parts, arguments.shard)})
    else:
        print(folder)
    return DONE


def join(arguments: argparse.Namespace) -> int:
    """Make one of all parts of a folder: prints the path of the file, or the score."""
    from studio.engine.media.parts import Parts
    from studio.engine.scenes import sample_parts
    from studio.engine.scoring import score_parts

    parts = Parts.open(arguments.folder)
    if parts.kind == score_parts.KIND:
        return _join_scores(parts, arguments)
    scene = sample_parts.scene_of(parts)
    if arguments.checkpoint is not None:
        raise StudioError("--checkpoint is for the parts of a score: leave it out.")
    out = arguments.out or Path(f"{arguments.folder.absolute().name}.npz")
    sample_parts.join(parts, out)
    arguments.checkpoint = scene.model.name
    arguments.count, arguments.seed = parts.total, scene.options.seed
    print_outcome(arguments, [out], {"parts": parts.count})
    return DONE


def _join_scores(parts: Parts, arguments: argparse.Namespace) -> int:
    """The evaluation once more, in which every unit is scored already."""
    from studio.engine import checkpoints
    from studio.engine.runtime import devices
    from studio.engine.scoring import evaluation
    from studio.engine.scoring.score_parts import ShardShare, seconds_of

    if arguments.out is not None:
        raise StudioError("A score is printed: leave out --out.")
    parts.check_whole()
    asked = dict(parts.asked)
    checkpoint = checkpoint_for(_reference(parts), arguments.checkpoint)
    model = checkpoints.load(checkpoint, devices.pick(arguments.device))
    if _content_of(asked, model) != asked.get(_CONTENT):
        raise StudioError(
            f'"{asked["data"]}" has changed since its parts were scored, or lies elsewhere: score'
            " them again in another folder."
        )
    score = evaluation.evaluate(
        model,
        **{key: asked.get(key) for key in _ASKED},  # type: ignore[arg-type]
        share=ShardShare(folder=parts.folder),
    )
    assert score is not None  # nothing is missing
    print_score(model, replace(score, seconds=seconds_of(parts)), arguments)
    return DONE


def _reference(parts: Parts) -> ModelReference:
    """The model of a score; StudioError where the index does not say what was asked for."""
    from studio.engine.scenes.scene import ModelReference

    asked, model = parts.asked, parts.asked.get("model")
    names = [model.get(key) for key in ("name", "weights")] if isinstance(model, dict) else [None]
    fits = all(isinstance(asked.get(key), kinds) for key, kinds in _ASKED.items())
    if not fits or not all(isinstance(name, str) for name in names):
        raise StudioError(f'The index of "{parts.folder}" is damaged.')
    return ModelReference(*names)


def _content_of(asked: Mapping[str, Any], model: Model) -> str:
    """The fingerprint of the data and labels that are named; "" for those that ship, and for those
    that the model learnt from, which its card vouches for."""
    from studio.engine import kinds
    from studio.engine.data.fingerprints import absolute_paths, fingerprint

    shipped = kinds.of(model).part("data_sets")()
    return fingerprint(absolute_paths(asked, shipped))


def _folder(arguments: argparse.Namespace, usual: str) -> Path:
    """Of the parts; StudioError for the name of a file."""
    from studio.engine.generation.exporting import SOUND_SUFFIXES, SUFFIXES

    folder: Path = arguments.out or Path(usual)
    if folder.suffix.lower() in (*SUFFIXES, *SOUND_SUFFIXES):
        raise StudioError(
            f'With --shard, --out names a folder for the parts: leave out "{folder.suffix}".'
        )
    return folder


def _facts(parts: Parts, shard: Shard) -> dict[str, Any]:
    """What JSON says of a shard."""
    return {"shard": str(shard), "parts": parts.count, "missing": len(parts.missing())}


def _done(parts: Parts, shard: Shard) -> int:
    """How many of its parts are there: others may be at work on theirs."""
    return sum(parts.is_done(part) for part in parts.of(shard))


def _say_how_far(parts: Parts, shard: Shard) -> None:
    """How much there is now, and what to do with it."""
    own, missing = len(parts.of(shard)), len(parts.missing())
    if not own:
        say(f"There is nothing to do for shard {shard}: all is in {parts.count} parts.")
    elif missing:
        say(f"Shard {shard} is done; {missing:,} of {parts.count:,} parts are still missing.")
    else:
        say(f"All {parts.count:,} parts are there: `studio join {parts.folder}` makes one of them.")
