"""`studio insight`: what an insight says of a model and a picture, as a picture (.png) or as arrays
(.npz)."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.cli.options import complete_with, evidence_of, options_of
from studio.cli.terminal import print_json, say
from studio.engine.insights import Answer, Insight, insights
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.editing.evidence import Evidence
    from studio.engine.insights.question import Question

_SUFFIXES = (".png", ".npz")
_BESIDE = 4  # maps in a line of the picture


def insight(arguments: argparse.Namespace) -> int:
    """Ask, write the answer and print its sentence; without a name, what can be asked."""
    if arguments.name is None:
        return _list(arguments)
    found = insights().get(arguments.name)
    if found is None:
        names = ", ".join(insights())
        raise StudioError(f'There is no insight "{arguments.name}"; there are {names}.')
    if arguments.checkpoint is None:
        raise StudioError("An insight is asked of a model: name a checkpoint after it.")
    out = arguments.out or Path(f"{found.name}.png")
    if out.suffix.lower() not in _SUFFIXES:
        raise StudioError(f'"{out}" ends in neither .png (a picture) nor .npz (arrays).')
    from studio.engine import checkpoints
    from studio.engine.generation.generation import as_autoregressive
    from studio.engine.insights.asking import reply_of
    from studio.engine.runtime import devices

    complete_with(arguments, None)
    model = as_autoregressive(
        checkpoints.load(arguments.checkpoint, devices.pick(arguments.device))
    )
    if len(model.spec.space) != 2:
        raise StudioError(f"{model.name} makes sound: insights are of models that draw.")
    if why := found.refusal(model):
        raise StudioError(why)
    question = _question(found, model, arguments)
    if found.needs_model:
        reply = reply_of(found, model, question)
        answer, choices, question = reply.answer, reply.choices, reply.question
    else:
        answer, choices = found.answer(None, question), {}
    _write(out, found, answer, question, arguments.scale)
    _print(out, found, answer, choices, arguments)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    if arguments.json:
        each = [
            {"name": found.name, "title": found.title, "explanation": found.explanation}
            for found in insights().values()
        ]
        print_json(each)
        return 0
    longest = max(map(len, insights()))
    for found in insights().values():
        print(f"{found.name:<{longest}}  {found.explanation}")
    return 0


# ---- what is asked -------------------------------------------------------------------------------


def _question(
    found: Insight, model: AutoregressiveModel, arguments: argparse.Namespace
) -> Question:
    """About a picture that the model draws, as far as `--position`; or about one from a file."""
    from studio.engine.editing.evidence import Evidence
    from studio.engine.editing.site_words import of_model
    from studio.engine.generation.decoders import SEQUENTIAL
    from studio.engine.generation.decoding import Decoding
    from studio.engine.generation.expectation import probability_map
    from studio.engine.generation.generation import Generation
    from studio.engine.generation.method_choice import chosen_method
    from studio.engine.insights.question import question_of

    given: Evidence | None = None
    if arguments.image is None and arguments.mask is not None:
        raise StudioError("--mask says which part of a picture is given: name one with --image.")
    if arguments.image is not None:
        read = evidence_of(arguments, model)
        known = read.known if read.chosen else np.ones_like(read.known)
        given = Evidence(read.values, known)
    options = options_of(arguments, model)
    if options.parallel and arguments.position is not None:  # only pixel by pixel it stops anywhere
        known = np.zeros(model.spec.space, bool) if given is None else given.known
        method = chosen_method(model, known, options.method, parallel=True)[0].name
        options = replace(options, decode=SEQUENTIAL, method=method)  # and draws the same picture
    generation = Generation(model, options, given)
    usual = generation.start if given is not None else generation.length
    position = usual if arguments.position is None else arguments.position
    if position > generation.length:
        sites = of_model(f"{generation.length} pixels", model)
        raise StudioError(f"--position {position} is past the end: a picture has {sites}.")
    generation.step(position - generation.position)
    snapshot = Decoding(model).beside(generation.snapshot(None, False, 0.0))
    question = question_of(
        snapshot,
        model.spec.levels,
        given,
        _site(arguments.site, model),
        _chosen(arguments.choose, found, model),
    )
    if found.wants_expected:
        there = Evidence(question.values, question.there)
        expectation = probability_map(model, there, generation.options.condition)
        assert expectation is not None  # nobody interrupts it
        question = replace(question, expected=expectation.shares)
    return question


def _site(text: str | None, model: AutoregressiveModel) -> int | None:
    if text is None:
        return None
    height, width = model.spec.space
    row, _, column = text.partition(",")
    try:
        at = int(row), int(column)
    except ValueError:
        raise StudioError(f'--site "{text}" is not ROW,COLUMN, such as 12,7.') from None
    if not (0 <= at[0] < height and 0 <= at[1] < width):
        raise StudioError(
            f"--site {text} lies outside: rows are 0 to {height - 1}, columns 0 to {width - 1}."
        )
    return at[0] * width + at[1]


def _chosen(asked: list[str], found: Insight, model: AutoregressiveModel) -> dict[str, int]:
    """What `--choose NAME=WORD` says."""
    choices, chosen = found.choices_for(model) if found.needs_model else {}, {}
    for text in asked:
        name, _, word = text.partition("=")
        if name not in choices:
            there = f"but {', '.join(choices)}" if choices else "nor anything else"
            raise StudioError(f'In {found.name} one cannot choose "{name}", {there}.')
        if word not in choices[name]:
            between = "; " if any("," in each for each in choices[name]) else ", "
            words = between.join(choices[name])
            raise StudioError(f'{name} cannot be "{word}": it can be {words}.')
        chosen[name] = choices[name].index(word)
    return chosen


# ---- what is written -----------------------------------------------------------------------------


def _write(
    out: Path, found: Insight, answer: Answer, question: Question, scale: int | None
) -> None:
    from studio.engine.generation.exporting import png_bytes
    from studio.engine.runtime.files import write_atomically

    if out.suffix.lower() == ".npz":
        arrays: dict[str, Any] = {
            **answer.arrays,
            "values": question.values,
            "there": question.there,
        }

        def write(part: Path) -> None:
            with part.open("wb") as file:
                np.savez_compressed(file, **arrays)

        write_atomically(out, write)
        return
    if not answer.maps:
        raise StudioError(answer.sentence or f"{found.title} has nothing to say of this picture.")
    texts = {"Insight": found.name, "Description": answer.sentence}
    write_atomically(out, png_bytes(_sheet(found, answer, question, scale), texts))


def _sheet(
    found: Insight, answer: Answer, question: Question, scale: int | None
) -> NDArray[np.uint8]:
    """The picture, and beside it each map, in lines; (H, W, 3)."""
    from studio.engine.insights.colours import colours_of
    from studio.engine.media.image_grid import image_grid, magnified, usual_scale

    scale = scale or usual_scale(4, *question.space)
    picture = image_grid(question.values[None], question.levels, scale, question.there)
    cells = [picture]
    for each in answer.maps:
        colours = colours_of(each, found.colours)
        channels = [(colours >> shift) & 0xFF for shift in (16, 8, 0)]
        cell = magnified(np.stack(channels, 2).astype(np.uint8), scale)
        nothing = magnified(colours == 0, scale)
        cell[nothing] = picture[nothing]
        cells.append(cell)
    return _in_lines(cells, gap=max(2, scale // 2))


def _in_lines(cells: list[NDArray[np.uint8]], gap: int) -> NDArray[np.uint8]:
    """Cells of one size beside and below each other, on white."""
    height, width = cells[0].shape[:2]
    columns = min(_BESIDE, len(cells))
    rows = math.ceil(len(cells) / columns)
    down, right = height + gap, width + gap
    sheet = np.full((rows * down - gap, columns * right - gap, 3), 255, np.uint8)
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        y, x = row * down, column * right
        sheet[y : y + height, x : x + width] = cell
    return sheet


def _print(
    out: Path,
    found: Insight,
    answer: Answer,
    choices: Mapping[str, tuple[str, ...]],
    arguments: argparse.Namespace,
) -> None:
    if arguments.json:
        facts = {
            "file": str(out),
            "insight": found.name,
            "sentence": answer.sentence,
            "rows": [list(row) for row in answer.rows],
            "maps": [each.name for each in answer.maps],
            "arrays": {name: list(array.shape) for name, array in answer.arrays.items()},
            "choices": {name: list(words) for name, words in choices.items()},
        }
        print_json(facts)
        return
    if answer.sentence:
        say(answer.sentence)
    for what, how_much in answer.rows:
        say(f"{what}: {how_much}")
    print(out)
