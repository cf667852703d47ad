"""Settings: the fields of a `ModelConfig` or a `Recipe`, each with what it means and what it may be
as data beside it, which forms, commands and `check` read.

    @dataclass(frozen=True)
    class Config(ModelConfig):
        width: int = setting(64, "Channels of the stream", range=(1, 4096))

A field that is declared anew keeps what its base class says of it: every model has a `shape`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from types import MappingProxyType, UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

Range = tuple[float, float]
_SAID = ("help", "unit", "range", "length", "label")
_SINGLE = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
_SEVERAL = {int: "whole numbers", float: "numbers", str: "names"}
_LONGEST_TEXT = 4096  # characters, of a path
_MOST_VALUES = 2**24  # of a picture: 4096 x 4096
_SAID_OF_A_VALUE = 60  # characters of a value that a sentence repeats


def setting(
    default: Any = dataclasses.MISSING,
    help: str = "",  # noqa: A002 - what it is called in the metadata
    *,
    unit: str = "",
    range: Range | None = None,  # noqa: A002
    length: Range | None = None,
    label: str = "",
) -> Any:
    """A field of a dataclass.

    help: what it means, in one sentence without its stop.
    unit: of its value.
    range: the lowest and the highest value, of each item where there are several.
    length: how few and how many items there may be.
    label: its name in a form, where it is another than that of the field.
    """
    known = {"help": help, "unit": unit, "range": range, "length": length, "label": label}
    return dataclasses.field(default=default, metadata=known)


@dataclass(frozen=True)
class SettingSpec:
    """What is known of a field.

    kind: the type it is declared with; for the rest see `setting`.
    """

    key: str
    kind: Any
    help: str = ""
    unit: str = ""
    range: Range | None = None
    length: Range | None = None
    label: str = ""

    @property
    def title(self) -> str:
        """Its name in a form."""
        return self.label or self.key.replace("_", " ").capitalize()

    @property
    def limits(self) -> str:
        """Unit and range in words, such as "seconds, 0.001 to 600"; "" for neither."""
        words = [self.unit] if self.unit else []
        if self.range is not None:
            low, high = self.range
            words.append(f"{_number(low)} {'or more' if high > 1e9 else f'to {_number(high)}'}")
        return ", ".join(words)

    @property
    def meaning(self) -> str:
        """What it means, with its unit and range."""
        return f"{self.help} ({self.limits})" if self.limits else self.help

    @property
    def wanted(self) -> str:
        """What kind of value it takes, in words."""
        items = get_args(self.kind)
        if get_origin(self.kind) is not tuple:
            return _SINGLE.get(self.kind, "another kind of value")
        several = _SEVERAL.get(items[0], "numbers")
        if items[-1] is Ellipsis:
            return f"a list of {several}, such as {'1,2,4' if several != 'names' else 'a,b'}"
        return f"{len(items)} {several} with commas between"

    def check(self, value: Any) -> None:
        """ValueError, one sentence without its stop, for a value
        of another type or length or out of range."""
        if not _fits(value, self.kind):
            raise ValueError(f"{self.key} is {brief(value)}, but it takes {self.wanted}")
        several = isinstance(value, tuple)
        items = value if several else (value,)
        if self.length is not None and not self.length[0] <= len(value) <= self.length[1]:
            few, many = self.length
            raise ValueError(f"{self.key} has {len(value)} values, but takes {few:g} to {many:g}")
        if self.range is not None:
            low, high = self.range
            if not all(item is None or low <= item <= high for item in items):
                raise ValueError(
                    f"{self.key} is {brief(value)}, but {'each of them ' if several else ''}must"
                    f" lie between {_number(low)} and {_number(high)}"
                )
        if any(isinstance(item, str) and len(item) > _LONGEST_TEXT for item in items):
            raise ValueError(
                f"{self.key} is {brief(value)}, but takes at most {_LONGEST_TEXT} characters"
            )


def settings_of(kind: type) -> Mapping[str, SettingSpec]:
    """What is known of each field of a dataclass, by its name."""
    kinds, known = get_type_hints(kind), _metadata(kind)
    return MappingProxyType(
        {
            field.name: SettingSpec(field.name, kinds[field.name], **known[field.name])
            for field in dataclasses.fields(kind)
        }
    )


def _metadata(kind: type) -> dict[str, Mapping[str, Any]]:
    """What `setting` says of each field: by the class, or else by the nearest of its bases."""
    found: dict[str, Mapping[str, Any]] = {}
    for base in reversed(kind.__mro__):
        for field in dataclasses.fields(base) if dataclasses.is_dataclass(base) else ():
            said = {key: value for key, value in field.metadata.items() if key in _SAID}
            found[field.name] = said or found.get(field.name, {})
    return found


def check(values: Any) -> None:
    """ValueError, one sentence without its stop, for the first
    field of a dataclass whose value cannot be used."""
    for key, known in settings_of(type(values)).items():
        known.check(getattr(values, key))


def _number(value: float) -> str:
    return f"{value:,.9f}".rstrip("0").rstrip(".")


def as_text(value: Any) -> str:
    """A value as a person would type it: 0.002, or 1, 2, 4, or true."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return ", ".join(as_text(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def brief(value: Any) -> str:
    """The same, cut short where it is long: for a sentence that says what is wrong with it."""
    several = isinstance(value, (tuple, list))
    # no more of a long list, or of a number of many digits, is written than is shown
    text = as_text(value[:_SAID_OF_A_VALUE] if several else value)
    return text if len(text) <= _SAID_OF_A_VALUE else f"{text[: _SAID_OF_A_VALUE - 1]}…"


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of the kind that its field is declared with;
    a kind that is not known here takes any."""
    origin, items = get_origin(kind), get_args(kind)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if items[-1] is Ellipsis:
            items = items[:1] * len(value)
        return len(value) == len(items) and all(map(_fits, value, items))
    if isinstance(kind, UnionType) or origin is Union:
        return any(_fits(value, item) for item in items)
    if kind in (int, float):
        number = Integral if kind is int else Real
        return isinstance(value, number) and not isinstance(value, bool)
    return not isinstance(kind, type) or kind is Any or isinstance(value, kind)


@dataclass(frozen=True)
class ModelConfig:
    """What a model is built from. Every family has a `Config` of its own kind, with its defaults.

    ValueError, one sentence, where a value cannot be used; a family that has more to say of its
    values together says it in a `__post_init__` of its own, after this one's.
    """

    # names that fields had in earlier versions, and what they are called now
    FORMER: ClassVar[Mapping[str, str]] = MappingProxyType({})
    # fields that come with the weights which training starts from, and that nobody is asked for
    GIVEN: ClassVar[tuple[str, ...]] = ()

    shape: tuple[int | None, ...] = setting(
        help="Channels, rows and columns; empty: as the pictures are",
        range=(1, 65536),
        length=(2, 4),
    )
    levels: int = setting(help="Values that a channel can take", range=(2, 65536))

    def __post_init__(self) -> None:
        check(self)
        values = math.prod(size or 1 for size in self.shape)
        if values > _MOST_VALUES:
            raise ValueError(
                f"shape is {as_text(self.shape)}: these are {values:,} values, and"
                f" {_MOST_VALUES:,} are the most"
            )

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values: what `models.build(name, **values)` makes the same model of."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }
