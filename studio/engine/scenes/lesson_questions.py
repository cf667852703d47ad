"""The questions of lessons, whose answers the program checks.

Which of the two models cannot see this stroke?      what is asked, in Markdown
- [ ] pixelcnn-two-stack                             choices, one or several of them right,
- [x] pixelcnn
= 0.10 ± 0.02                                        or a number, and how far one may be off,
= next pixel                                         or what is drawn next in the step's scene
> Right: its masked kernels leave a blind spot.      what is said once it is answered
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.typed import decimal
from studio.engine.scenes.drawing import drawn
from studio.engine.scenes.scene import Scene

if TYPE_CHECKING:
    from models.interface import Model

BLACK, WHITE = "Black", "White"
_CHOICE = re.compile(r"[-*] \[([ xX])\] +(\S.*)")
_MOST_CHOICES = 12


@dataclass(frozen=True)
class Question:
    """text: what is asked. said: once it is answered; both in Markdown."""

    text: str
    said: str


@dataclass(frozen=True)
class Choices(Question):
    """choices: one of which, or several, can be taken. right: the numbers of those that have to
    be, from 0."""

    choices: tuple[str, ...]
    right: frozenset[int]


@dataclass(frozen=True)
class Number(Question):
    value: float
    tolerance: float

    def takes(self, typed: str) -> bool:
        """Whether what a person typed is right; ValueError where it is no number."""
        # so that 0.12 is within 0.10 ± 0.02, whatever binary makes of these
        return abs(decimal(typed.strip()) - self.value) <= self.tolerance + 1e-9 * abs(self.value)


@dataclass(frozen=True)
class NextPixel(Question):
    """Whether the pixel that the scene of the step draws next is black or white."""


def question_of(lines: Sequence[str]) -> Question:
    """The question that the lines of a block ask; StudioError, one sentence, where they ask
    none."""
    asked, choices, answers, said = list[str](), list[re.Match[str]](), list[str](), list[str]()
    for line in (line.strip() for line in lines):
        if (choice := _CHOICE.fullmatch(line)) is not None:
            choices.append(choice)
        elif line.startswith("="):
            answers.append(line[1:].strip())
        elif line.startswith(">"):
            said.append(line[1:].strip())
        elif choices or answers or said:
            if line:
                raise StudioError(
                    "After the choices of a question come only lines with > in front."
                )
        else:
            asked.append(line)
    text, praise = "\n".join(asked).strip(), "\n".join(said)
    if not text:
        raise StudioError("A question begins with what is asked.")
    if len(answers) + bool(choices) != 1:
        raise StudioError(
            "A question has either choices (- [ ] and - [x]) or one line with its answer (=)."
        )
    if answers:
        return _answered(text, praise, answers[0])
    right = frozenset(number for number, choice in enumerate(choices) if choice[1] != " ")
    if not 2 <= len(choices) <= _MOST_CHOICES or not right:
        raise StudioError(
            f"A question has 2 to {_MOST_CHOICES} choices, of which at least one is right: - [x]."
        )
    return Choices(text, praise, tuple(choice[2] for choice in choices), right)


def _answered(text: str, said: str, answer: str) -> Question:
    if answer.casefold() == "next pixel":
        return NextPixel(text, said)
    value, _, tolerance = answer.replace("+-", "±").partition("±")
    try:
        found = Number(text, said, decimal(value.strip()), decimal(tolerance.strip() or "0"))
    except ValueError:
        found = Number(text, said, math.nan, 0.0)
    if not math.isfinite(found.value) or not 0 <= found.tolerance < math.inf:
        raise StudioError("An answer is a number such as = 0.10 ± 0.02, or = next pixel.")
    return found


def next_pixel(scene: Scene, model: Model) -> tuple[int, int, str]:
    """Where the next pixel of a scene is, row and column from 0, and whether the model draws it
    `BLACK` or `WHITE`, with the noise of the scene: in the picture that is chosen, else the first;
    by its mean, where there are colours. StudioError where all is drawn."""
    film = drawn(scene, model)
    before = film.snapshot(None, False, 0.0)
    if before.next_site is None:
        raise StudioError("In this scene everything is drawn: there is no next pixel.")
    film.step(1)
    row, column = before.next_site
    pixel = film.snapshot(None, False, 0.0).values[scene.chosen or 0, :, row, column]
    return row, column, WHITE if 2 * pixel.mean() >= model.spec.levels - 1 else BLACK
