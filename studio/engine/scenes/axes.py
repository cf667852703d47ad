"""`Axis`: in which field the scenes of a grid differ, and the values that it takes, such as
temperature=0.5,1,2. Free of torch, until a model is named that has to be found."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.engine.checkpoints.places import name_of
from studio.engine.generation.methods import AUTO, FORMER, choices, methods
from studio.engine.generation.sampling_options import STRONGEST
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened
from studio.engine.runtime.typed import decimal, expanded
from studio.engine.scenes.axis_names import MOST, ORDERS
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene

_LONGEST = 60  # characters of a label
_SEEDS = 2**64
_MANY = 2**31


@dataclass(frozen=True)
class Field:
    """What an axis can be about.

    name: by which it is asked for. title: what a person reads.
    listed: whether its values are chosen from a list; else they are numbers that are typed.
    read: one value of its text, given the names of the classes; StudioError where it is none.
    put: the same scene with a value.
    said: the value in words, given the names of the classes.
    """

    name: str
    title: str
    listed: bool
    read: Callable[[str, Sequence[str]], Any]
    put: Callable[[Scene, Any], Scene]
    said: Callable[[Any, Sequence[str]], str]


@dataclass(frozen=True)
class Axis:
    """values: no two of them alike. labels: each in words."""

    field: Field
    values: tuple[Any, ...]
    labels: tuple[str, ...]

    @property
    def places(self) -> tuple[Path, ...]:
        """The checkpoints that it names."""
        return tuple(value for value in self.values if isinstance(value, Path))

    def on(self, scene: Scene) -> list[Scene]:
        """The scene with each of the values."""
        return [self.field.put(scene, value) for value in self.values]


def axis(text: str, classes: Sequence[str] = ()) -> Axis:
    """From a text such as "temperature=0.5,1,2"; StudioError, one sentence, where it is none.

    classes: their names, of the model in use.
    """
    name, given, values = text.partition("=")
    if not given:
        raise StudioError(
            f'"{shortened(text, _LONGEST)}" is no axis: write one such as temperature=0.5,1,2.'
        )
    return axis_of(name.strip(), values, classes)


def axis_of(name: str, values: str, classes: Sequence[str] = ()) -> Axis:
    """The same, of the name of a field and the text of its values: commas between them, or
    semicolons where numbers have decimal commas."""
    if name not in FIELDS:
        raise StudioError(
            f'There is no axis "{shortened(name, _LONGEST)}": choose {", ".join(FIELDS)}.'
        )
    field = FIELDS[name]
    parts = values.split(";" if ";" in values else ",")
    if not field.listed and len(parts) == 1:
        parts = values.split()  # numbers with spaces between
    parts = [part.strip() for part in parts if part.strip()]
    return axis_with(name, [field.read(part, classes) for part in parts], classes)


def axis_with(name: str, values: Sequence[Any], classes: Sequence[str] = ()) -> Axis:
    """The same, of values that have been read; StudioError for none, too many, or one twice."""
    field = FIELDS[name]
    labels = tuple(shortened(field.said(value, classes), _LONGEST) for value in values)
    if not values:
        raise StudioError(f"The axis “{field.title}” has no values: give two or more.")
    if len(values) > MOST:
        raise StudioError(
            f"The axis “{field.title}” has {len(values)} values, and a grid up to {MOST} scenes."
        )
    for index, value in enumerate(values):
        if value in values[:index]:
            raise StudioError(f"The axis “{field.title}” has {labels[index]} twice.")
    return Axis(field, tuple(values), labels)


def class_number(text: str, names: Sequence[str], count: int | None = None) -> int:
    """A class by its name, in any case of the letters where it means one class alone, by the first
    word of its name where that does, or by its number, unless the names are numbers themselves;
    StudioError where there is none.

    count: of the classes, where they may have no names; None for as many as there are names.
    """
    count = len(names) if count is None else count
    folded = [number for number, name in enumerate(names) if name.casefold() == text.casefold()]
    if text in names or len(folded) == 1:
        return list(names).index(text) if text in names else folded[0]
    word = text.casefold()
    begun = [number for number, name in enumerate(names) if name.casefold().split()[:1] == [word]]
    if len(begun) == 1:
        return begun[0]
    counts = text.isdecimal() and not any(name.isdecimal() for name in names)
    if counts and int(text) < count:
        return int(text)
    raise StudioError(f'There is no class "{text}"; there are {", ".join(names)}.')


# ---- the values of each field --------------------------------------------------------------------


def _number(title: str, low: float, high: float, beyond: bool = False) -> Callable[..., float]:
    """Reads a number from `low` to `high`; beyond: the lower end does not count."""

    def read(text: str, classes: Sequence[str]) -> float:
        try:
            value = decimal(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or (beyond and value == low) or math.isinf(value):
            begin = f"above {low:g}" if beyond else f"from {low:g}"
            within = f"{begin} up" if math.isinf(high) else f"{begin} to {high:g}"
            raise StudioError(f'{title} is a number {within}, not "{shortened(text, _LONGEST)}".')
        return value

    return read


def _whole(title: str, low: int, limit: int) -> Callable[[str, Sequence[str]], int]:
    """Reads a whole number from `low` up, below `limit`."""

    def read(text: str, classes: Sequence[str]) -> int:
        digits = re.fullmatch(r"\d{1,20}", text)
        if not digits or not low <= int(text) < limit:
            raise StudioError(
                f'{title} is a whole number from {low} up, not "{shortened(text, _LONGEST)}".'
            )
        return int(text)

    return read


def _model(text: str, classes: Sequence[str]) -> Path:
    from studio.engine.checkpoints import resolve

    return resolve(expanded(text)).absolute()


def _class(text: str, classes: Sequence[str]) -> int:
    if classes:
        return class_number(text, classes)
    return _whole("Class", 0, _MANY)(text, classes)


def _method(text: str, classes: Sequence[str]) -> str:
    name = FORMER.get(text, text)
    if name not in choices():
        raise StudioError(
            f'There is no method "{shortened(text, _LONGEST)}": choose {", ".join(choices())}.'
        )
    return name


def _order(text: str, classes: Sequence[str]) -> str:
    if text not in ORDERS:
        raise StudioError(
            f'There is no order "{shortened(text, _LONGEST)}": choose {", ".join(ORDERS)}.'
        )
    return text


def _with_model(scene: Scene, checkpoint: Path) -> Scene:
    return replace(scene, model=reference_to(checkpoint))


def _option(name: str) -> Callable[[Scene, Any], Scene]:
    return lambda scene, value: scene.with_options(**{name: value})


def _said(words: str, none: str = "") -> Callable[[Any, Sequence[str]], str]:
    """none: for 0, where that means that there is no limit."""
    return lambda value, classes: none if none and not value else words.format(f"{value:.12g}")


def _class_said(value: int, classes: Sequence[str]) -> str:
    return f"class {classes[value] if value < len(classes) else value}"


def _method_said(value: str, classes: Sequence[str]) -> str:
    return "Automatic method" if value == AUTO else methods()[value].title


_RATIO = _number("Top-p", 0, 1, beyond=True)
FIELDS = {
    field.name: field
    for field in (
        Field("model", "Model", True, _model, _with_model, lambda value, _: name_of(value)),
        Field(
            "temperature",
            "Temperature",
            False,
            _number("Temperature", 0, math.inf),
            _option("temperature"),
            _said("temperature {}"),
        ),
        Field(
            "seed",
            "Seed",
            False,
            _whole("Seed", 0, _SEEDS),
            _option("seed"),
            lambda value, _: f"seed {value}",
        ),
        Field("class", "Class", True, _class, _option("condition"), _class_said),
        Field("method", "Method", True, _method, _option("method"), _method_said),
        Field(
            "guidance",
            "Guidance",
            False,
            _number("Guidance", 0, STRONGEST),
            _option("guidance"),
            _said("guidance {}", "no guidance"),
        ),
        Field(
            "top-k",
            "Top-k",
            False,
            _whole("Top-k", 0, _MANY),
            _option("top_k"),
            _said("top-k {}", "all levels"),
        ),
        Field("top-p", "Top-p", False, _RATIO, _option("top_p"), _said("top-p {}")),
        Field(
            "steps",
            "Steps",
            False,
            _whole("Steps", 0, _MANY),
            _option("steps"),
            _said("{} steps", "a step a pixel"),
        ),
        Field("order", "Order", True, _order, _option("order"), lambda value, _: f"{value} order"),
    )
}
