"""The Markdown of a lesson, taken apart by lines: title, fields, steps and their blocks.

What stands where is known by its line, so that whoever wrote it is told where something is wrong.
What a block means is for `studio.engine.scenes.lessons`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.engine.runtime.texts import shortened

BLOCKS = ("scene", "point", "hide", "question")
MOST_STEPS = 200
_LONGEST_TITLE = 120  # characters
_FENCE = re.compile(r"(`{3,}|~{3,})\s*(.*)")
_FIELD = re.compile(r"([A-Z][\w -]{0,40}):\s*(.*)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)")


@dataclass(frozen=True)
class Line:
    """A line of the file, numbered from 1."""

    text: str
    number: int


@dataclass(frozen=True)
class Block:
    """What stands between ```word and ```."""

    word: str
    number: int
    lines: tuple[Line, ...]

    @property
    def names(self) -> tuple[Line, ...]:
        """Its lines, without those that are empty."""
        lines = (Line(line.text.strip(), line.number) for line in self.lines)
        return tuple(line for line in lines if line.text)


@dataclass
class Part:
    """A step: its text without its blocks, and these."""

    title: str
    number: int
    text: list[Line] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Taken:
    """A lesson taken apart. wrong: what cannot be read, as sentences without their place."""

    title: str = ""
    fields: dict[str, Line] = field(default_factory=dict)
    steps: list[Part] = field(default_factory=list)
    wrong: list[Line] = field(default_factory=list)

    def complain(self, number: int, sentence: str) -> None:
        self.wrong.append(Line(sentence, number))


def take_apart(text: str) -> Taken:
    """The parts of a lesson's Markdown."""
    found, lines = Taken(), enumerate(text.split("\n"), 1)
    for number, line in lines:
        line = line.rstrip("\r")
        if (fence := _FENCE.match(line)) is not None:
            _take_block(found, number, fence, lines)
        elif line.startswith("# "):
            if found.title:
                found.complain(number, "A lesson has one title (#); steps have two marks (##).")
            found.title = shortened(line[2:].strip(), _LONGEST_TITLE)
        elif line.startswith("## "):
            found.steps.append(Part(shortened(line[3:].strip(), _LONGEST_TITLE), number))
        elif found.steps:
            found.steps[-1].text.append(Line(line, number))
        elif (given := _FIELD.fullmatch(line.strip())) is not None:
            found.fields[given[1]] = Line(given[2], number)
        elif line.strip():
            found.complain(number, "Before the first step (##) stand lines such as “Minutes: 7”.")
    if not found.title:
        found.complain(1, "A lesson begins with its title: # Title.")
    if not found.steps:
        found.complain(1, "A lesson has at least one step: ## Title of the step.")
    if len(found.steps) > MOST_STEPS:
        found.complain(found.steps[MOST_STEPS].number, f"A lesson has at most {MOST_STEPS} steps.")
    return found


def _take_block(
    found: Taken, number: int, fence: re.Match[str], lines: Iterator[tuple[int, str]]
) -> None:
    """From its first line to its last one."""
    word, inside, closed = fence[2].strip(), list[Line](), ""
    for at, line in lines:
        line = line.rstrip("\r")
        if line.startswith(fence[1]) and not line.strip(fence[1][0]).strip():
            closed = line
            break
        inside.append(Line(line, at))
    if not closed:
        found.complain(number, f"This block is not closed: a line {fence[1]} ends it.")
    elif not found.steps:
        found.complain(number, "A block stands in a step: below a line ## Title of the step.")
    elif not word:  # a piece of code, to be read
        code = [Line(fence[0], number), *inside, Line(closed, number + len(inside) + 1)]
        found.steps[-1].text += code
    elif word not in BLOCKS:
        known = f"{', '.join(BLOCKS[:-1])} and {BLOCKS[-1]}"
        found.complain(number, f"There is no block “{shortened(word, 40)}”: there are {known}.")
    else:
        found.steps[-1].blocks.append(Block(word, number, tuple(inside)))


def pictures_in(lines: list[Line]) -> list[tuple[str, Line]]:
    """The pictures that a text shows: what each is in words, and its name where it stands."""
    return [
        (words.strip(), Line(name, line.number))
        for line in lines
        for words, name in _PICTURE.findall(line.text)
    ]
