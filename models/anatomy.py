"""What a network is made of, as figures: plain numbers that a page can draw as an article does.

A module says what it looks like by a method `anatomy`, see `Drawn`. One that says nothing is drawn
as what it holds, and in the end as a `Box`: so every network has figures, also one of another
package that knows nothing of this.

It is longer than other files, being the list of figures that do not move as well; those that do are
in `models.moving_figures`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from models.data_spec import DataSpec

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def varying(called: str) -> Any:
    """A field in which figures that are drawn as one may differ, such as a dilation."""
    return field(metadata={"varies": called})


@dataclass(frozen=True, eq=False)
class Figure:
    """What one part of a network looks like: a subclass has numbers, words and arrays.

    title: what it is, as an article would call it; about: what that does, in one sentence.
    """

    title: ClassVar[str]
    about: ClassVar[str]

    def name(self) -> str:
        """The title, and of which kind it is."""
        return self.title

    def form(self) -> Hashable:
        """The same for figures that are drawn as one: all but the values of arrays, which are
        weights, and what varies."""
        shared = [each for each in dataclasses.fields(self) if "varies" not in each.metadata]
        return type(self), *(_plain(getattr(self, each.name)) for each in shared)

    def differences(self) -> dict[str, str]:
        """What varies, by what it is called."""
        return {
            each.metadata["varies"]: str(getattr(self, each.name))
            for each in dataclasses.fields(self)
            if "varies" in each.metadata
        }


def _plain(value: Any) -> Hashable:
    if isinstance(value, np.ndarray):
        return value.shape
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    if dataclasses.is_dataclass(value):
        return tuple(_plain(getattr(value, each.name)) for each in dataclasses.fields(value))
    return value if isinstance(value, Hashable) else str(value)


@runtime_checkable
class Drawn(Protocol):
    """A module that says what it looks like."""

    def anatomy(self) -> Iterable[Figure | nn.Module]:
        """Figures, and modules within it whose own figures come there, in the order in which data
        flow through them. What it leaves out is not drawn."""
        ...


@dataclass(frozen=True, eq=False)
class Part:
    """A figure of the page, and how often it is there.

    names: of the modules it is a figure of, as `named_modules` has them.
    figures: one of each, equal but for what `Figure.form` leaves out.
    group: neighbouring parts with the same number are repeated together.
    """

    names: tuple[str, ...]
    figures: tuple[Figure, ...]
    group: int = 0

    @property
    def count(self) -> int:
        return len(self.figures)

    @property
    def figure(self) -> Figure:
        """The first."""
        return self.figures[0]

    def differences(self) -> str:
        """In what they differ, such as "dilation 1, 2, 4"; "" where there is nothing to say."""
        told = [each.differences() for each in self.figures]
        return "; ".join(f"{name} {', '.join(one[name] for one in told)}" for name in told[0])


def figures(model: nn.Module) -> tuple[Part, ...]:
    """The figures of a network in the order in which data flow through it; neighbours that are
    equal are one part with a count.

    Weights are read, nothing is computed with the network; it may be on any device.
    """
    names = {module: name for name, module in model.named_modules()}
    parts = _parts(model, names)
    spec, likelihood = getattr(model, "spec", None), getattr(model, "likelihood", None)
    if isinstance(spec, DataSpec):
        parts = [Part(("",), (Input(tuple(spec.shape), spec.levels),)), *parts]
        count = getattr(likelihood, "parameters", None)
        if isinstance(count, int):
            parts.append(Part(("",), (Output(type(likelihood).__name__, count),)))
    return tuple(_numbered(parts))


def _parts(module: nn.Module, names: dict[nn.Module, str]) -> list[Part]:
    items: list[list[Part]] = []
    for each in _contents(module):
        if isinstance(each, Figure):
            items.append([Part((names[module],), (each,))])
        else:
            items.append(_parts(each, names))
    merged: list[Part] = []
    for _, run in groupby(filter(None, items), _looks):
        alike = list(run)
        merged += [_one(rows) if len(alike) > 1 else rows[0] for rows in zip(*alike, strict=True)]
    return merged


def _contents(module: nn.Module) -> Iterator[Figure | nn.Module]:
    """What it says, or else its own weights as a box, and then what it holds."""
    # by its class: another package may call something else so that it holds
    if isinstance(module, Drawn) and hasattr(type(module), "anatomy"):
        yield from module.anatomy()
        return
    if any(True for _ in module.parameters(recurse=False)):
        yield box(module)
    yield from module.children()


def _looks(parts: list[Part]) -> Hashable:
    return tuple((part.figure.form(), part.count) for part in parts)


def _one(parts: tuple[Part, ...]) -> Part:
    """Parts that look the same, as one."""
    return Part(
        tuple(name for part in parts for name in part.names),
        tuple(figure for part in parts for figure in part.figures),
    )


def _numbered(parts: list[Part]) -> Iterator[Part]:
    """Parts of which each is there as often as the one before it, and in the same modules or in
    those between, are repeated together."""
    number, before = 0, None
    for part in parts:
        if before is None or part.count == 1 or not _interleaved(before, part):
            number += 1
        yield dataclasses.replace(part, group=number)
        before = part


def _interleaved(one: Part, other: Part) -> bool:
    """Whether both have their turns in the same places of the network."""

    def places(part: Part) -> set[str]:
        return {name.partition(".")[0] for name in part.names}

    return one.count == other.count and bool(places(one) & places(other))


# ---- the kinds of figure -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Box(Figure):
    """A part that says nothing of itself.

    kind: the name of its class.
    weights: (name, shape) of each.
    kernel: of a convolution, rows and columns, or steps; () for anything else.
    """

    kind: str
    weights: tuple[tuple[str, tuple[int, ...]], ...]
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()

    title = "Layer"
    about = "A part that is drawn as a box, with its weights."


def box(module: nn.Module) -> Box:
    """The weights that a module has itself, without those of what it holds."""
    weights = tuple((n, tuple(p.shape)) for n, p in module.named_parameters(recurse=False))
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)):
        return Box(type(module).__name__, weights, tuple(module.kernel_size), tuple(module.stride))
    return Box(type(module).__name__, weights)


@dataclass(frozen=True, eq=False)
class Input(Figure):
    """What goes in: shape (channels, *space), None for an open length; levels of each value."""

    shape: tuple[int | None, ...]
    levels: int

    title = "What goes in"
    about = "The data that the network is given."


@dataclass(frozen=True, eq=False)
class Output(Figure):
    """What comes out: so many parameters of a distribution at each site; its name."""

    likelihood: str
    parameters: int

    title = "What comes out"
    about = "The numbers from which the value of each site is drawn."


@dataclass(frozen=True, eq=False)
class MaskedKernel(Figure):
    """The square of a masked convolution, with what is masked out.

    kind: "A", which leaves the centre out, or "B".
    mask: True where it looks, bool (k, k).
    strength: the mean magnitude of the weights of each tap, float32 (k, k), 0 where it is masked.
    """

    kind: str
    inputs: int
    outputs: int
    mask: Mask
    strength: Floats

    title = "Masked kernel"
    about = "A convolution that looks only at what comes before."

    def name(self) -> str:
        return f"{self.title} {self.kind}"


@dataclass(frozen=True, eq=False)
class Taps:
    """What a convolution looks at.

    offsets: rows down and columns to the right of the site, int64 (taps, 2), as it is seen from the
    site once all is moved.
    strength: the mean magnitude of the weights of each, float32 (taps,).
    moved: by how many rows down and columns to the right the features are moved, so that the site
    itself is not among what is looked at.
    """

    offsets: NDArray[np.int64]
    strength: Floats
    moved: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Stacks(Figure):
    """A layer of the vertical stack, which sees the rows above, and of the horizontal one, which
    sees what lies to the left and takes the vertical one's features of its own pixel."""

    vertical: Taps
    horizontal: Taps
    width: int
    dilation: int = varying("dilation")

    title = "Two stacks"
    about = "Two convolutions that together see all earlier pixels, without a blind spot."


@dataclass(frozen=True, eq=False)
class Gate(Figure):
    """signal . sigmoid: half of the channels say what, the other half how much of it.

    signal: what the first half goes through: "tanh", or "" for nothing.
    width: channels of each half.
    before: what is added up before the gate, in words.
    condition: what the condition is, in words; "" for none.
    after: where its output goes, in words.
    """

    signal: str
    width: int
    before: tuple[str, ...]
    condition: str = ""
    after: tuple[str, ...] = ()

    title = "Gate"
    about = "One half of the channels decides how much of the other half is let through."


@dataclass(frozen=True, eq=False)
class UnitLayer:
    """A layer of units with the numbers that decide what each may see.

    called: in words.
    numbers: int64 (units,), ascending, and index: which unit of the network each is; of a layer
    with more than `MOST_UNITS` of them, so many that are evenly spread.
    total: how many there are in the network.
    """

    called: str
    numbers: NDArray[np.int64]
    index: NDArray[np.int64]
    total: int


@dataclass(frozen=True, eq=False)
class Connection:
    """A masked layer of weights from one layer of units to a later one: mask bool (later, earlier),
    True where a weight is let through, in the order of their numbers."""

    called: str
    earlier: int
    later: int
    mask: Mask


@dataclass(frozen=True, eq=False)
class MaskedUnits(Figure):
    """Layers of units between which only some weights are let through, inputs first and outputs
    last (Germain et al. 2015, figure 1).

    order: the raster index of the site that an input or an output of each number from 1 on belongs
    to, int64 (N,). Another order changes nothing but that.
    rule: in words, what lets a weight through.
    """

    layers: tuple[UnitLayer, ...]
    connections: tuple[Connection, ...]
    order: NDArray[np.int64]
    rule: str

    title = "Masked units"
    about = "Units with numbers: a weight never leads from a higher number to a lower one."

    def flows_into(self, layer: int, units: Sequence[int]) -> list[Mask]:
        """What flows into each of some units of a layer, on whatever way: of every layer up to
        theirs, bool (len(units), units there)."""
        found = [
            np.zeros((len(units), len(each.numbers)), bool) for each in self.layers[: layer + 1]
        ]
        found[layer][np.arange(len(units)), units] = True
        for later in range(layer, 0, -1):
            ways = found[later].astype(np.float32)
            for each in self.connections:
                if each.later == later:  # a product of floats is many times faster than of bools
                    found[each.earlier] |= ways @ each.mask.astype(np.float32) > 0
        return found


MOST_UNITS = 1024  # of a layer, in a figure


def spread(total: int, most: int) -> NDArray[np.int64]:
    """Places of at most so many of a row, the first, the last and others evenly between them."""
    return np.linspace(0, total - 1, min(total, most)).round().astype(np.int64)


def magnitudes(weight: Tensor) -> Floats:
    """The mean magnitude of a convolution's weight (outputs, inputs, *kernel) over its channels,
    float32 (*kernel)."""
    found: Floats = weight.detach().abs().float().mean((0, 1)).cpu().numpy()
    return found
