"""The layers of any model, found by looking on: hooks see what comes out of every module in a pass
and keep what holds one vector for each site. Nothing is known of any family.

It is longer than other files, since what tells that an output has the sites, and what makes maps of
it, are two sides of one thing.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.interface import AutoregressiveModel, OrderAgnosticModel
from studio.engine.insights.conditionals import condition_of, order_of
from studio.engine.insights.question import Question

_SAMPLES = 67  # of a sound, in the pass that looks for layers; few other things count as many
_PICTURES = 3  # in that pass: one, and two that differ from it in a site
_ROUNDING = 1e-5  # by how much the rows of a batch may differ, relative to the largest number


@dataclass(frozen=True)
class Form:
    """letters: the axes of an output in their order: b the batch, c the channels, s the sites.
    channels: numbers at a site.
    grid: rows and columns, or samples; fewer than the picture has where cells are coarser.
    in_place: whether rows and columns are axes of their own; else the sites lie one after the
    other, in the order of generation.
    """

    letters: str
    channels: int
    grid: tuple[int, ...]
    in_place: bool = True


@dataclass(frozen=True)
class Layer:
    """What comes out of a module: a vector for each site, or for each cell of a coarser grid.

    name: of the module, as `named_modules` has it; behind it "#2" for the second tensor that it
    gives, and so on.
    title: the same to be read, such as "Block 3, attend".
    depth: how many other layers it is a part of.
    """

    name: str
    title: str
    form: Form
    depth: int


_found: WeakKeyDictionary[AutoregressiveModel, tuple[Layer, ...]] = WeakKeyDictionary()
_looking = threading.Lock()


def layers_of(model: AutoregressiveModel) -> tuple[Layer, ...]:
    """The layers of a model in the order in which they are through; () where no module gives one
    vector a site, as with hidden units that see the whole picture. Of a module whose output is that
    of a module inside it, the outer one counts.

    The first time for each model costs a pass over three small or usual pictures.
    """
    with _looking:
        if model not in _found:
            _found[model] = _search(model)
        return _found[model]


@contextmanager
def watched(
    model: AutoregressiveModel, layers: Sequence[Layer], order: Tensor | None = None
) -> Iterator[dict[str, Tensor]]:
    """While it is open, what comes out of these layers in the passes of this thread, by name:
    (B, channels, *grid) by raster index, with its gradient. The latest pass counts.

    order: in which the model is asked, None for its own.

    Other threads may run the model meanwhile; what they compute is not looked at.
    """
    seen: dict[str, Tensor] = {}
    wanted: dict[str, list[tuple[int, Layer]]] = {}
    for layer in layers:
        module, _, number = layer.name.partition("#")
        wanted.setdefault(module, []).append((int(number or 1) - 1, layer))

    def keep(name: str, output: Any) -> None:
        tensors = list(_tensors(output))
        for number, layer in wanted[name]:
            # what follows may work in place
            seen[layer.name] = _by_raster(model, layer.form, tensors[number].clone(), order)

    with _hooks({name: model.get_submodule(name) for name in wanted}, keep):
        yield seen


def outputs(
    model: AutoregressiveModel, question: Question, names: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """What comes out of the layers of these names in one pass over the picture as it stands,
    (channels, *space) by raster index; a cell of a coarser grid is repeated for each of its sites.

    Of a sound only the samples that are there and the next one go through the network; the others
    are NaN. KeyError for a name that no layer has.
    """
    known = {layer.name: layer for layer in layers_of(model)}
    layers = [known[name] for name in names]
    x = torch.from_numpy(question.values)[None].to(model.device)
    there = torch.from_numpy(question.there)[None].to(model.device)
    if model.spec.sites is None:
        count = min(question.position + 1, x.shape[2])
        x, there = x[..., :count], there[..., :count]
    order = order_of(model, question)
    with torch.no_grad(), watched(model, layers, order) as seen:
        pass_over(model, x, there, condition_of(model, question, x), order)
    found = {}
    for name in names:
        values = _repeated(seen[name][0].float(), x.shape[2:]).cpu().numpy()
        after = [(0, whole - part) for whole, part in zip(question.space, x.shape[2:], strict=True)]
        found[name] = np.pad(values, [(0, 0), *after], constant_values=np.nan)
    return found


def pass_over(
    model: AutoregressiveModel,
    x: Tensor,
    there: Tensor,
    condition: Tensor | None = None,
    order: Tensor | None = None,
) -> Tensor:
    """One pass: the parameters of every site, (B, N, P), of a model that predicts all unknown sites
    at once by raster index, of any other in the order that it is asked in.

    x: levels, integer (B, C, *space), where there is nothing 0.
    there: bool (B, *space).
    """
    if isinstance(model, OrderAgnosticModel):
        return model.predict(x, there, condition)
    return model.conditionals(x, condition, order)


# What a pass shows.


def _tensors(output: Any) -> Iterator[Tensor]:
    """The tensors of an output, which may be a tuple or have fields."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, list | tuple):
        for part in output:
            yield from _tensors(part)
    elif is_dataclass(output) and not isinstance(output, type):
        for field in fields(output):
            yield from _tensors(getattr(output, field.name))


@contextmanager
def _hooks(modules: Mapping[str, nn.Module], keep: Callable[[str, Any], None]) -> Iterator[None]:
    """Call keep(name, output) behind each of the modules, in this thread only: others may draw with
    the same model meanwhile."""
    own = threading.get_ident()

    def looking_at(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def look(module: nn.Module, given: Any, output: Any) -> None:
            if threading.get_ident() == own:
                keep(name, output)

        return look

    with ExitStack() as stack:
        for name, module in modules.items():
            stack.callback(module.register_forward_hook(looking_at(name)).remove)
        yield


def _search(model: AutoregressiveModel) -> tuple[Layer, ...]:
    """See `layers_of`."""
    space = model.spec.space if model.spec.sites else (_SAMPLES,)
    x, there, changed = _pictures(model, space)
    found: dict[str, tuple[Layer, Tensor]] = {}

    def keep(name: str, output: Any) -> None:
        for number, tensor in enumerate(_tensors(output), 1):
            form = _form(tensor, space)
            if form is None or not (form.in_place or _in_order(model, form, tensor, changed)):
                continue
            same = [key for key, (_, other) in found.items() if other is tensor]
            for inner in same:
                if inner.startswith(f"{name}."):
                    del found[inner]  # it is the last part of this one
            if any(key in found for key in same):
                continue  # handed through
            label = name if number == 1 else f"{name}#{number}"
            found.pop(label, None)  # the latest of several passes
            before = sum(key.partition("#")[0] == name for key in found)
            found[label] = Layer(label, _title(name, before + 1), form, 0), tensor

    modules = {name: module for name, module in model.named_modules() if name}
    condition = model.painted(x, there) if model.takes_painting else None
    with torch.no_grad(), _hooks(modules, keep):
        pass_over(model, x, there, condition)
    names = {key.partition("#")[0] for key in found}
    return tuple(
        replace(layer, depth=sum(layer.name.startswith(f"{other}.") for other in names))
        for layer, _ in found.values()
    )


def _pictures(
    model: AutoregressiveModel, space: tuple[int, ...]
) -> tuple[Tensor, Tensor, tuple[int, int]]:
    """A picture of chance, and two in which one site has another value: the first of the middle
    row, and the last of the row before. Levels (3, C, *space), what is there, bool (3, *space), and
    the raster indices of both sites."""
    generator = torch.Generator().manual_seed(0)
    sites, levels = math.prod(space), model.spec.levels
    x = torch.randint(levels, (1, model.spec.channels, sites), generator=generator)
    x, middle = x.repeat(_PICTURES, 1, 1), space[0] // 2 * (sites // space[0])
    changed = middle, max(0, middle - 1)
    for picture, site in enumerate(changed, 1):
        x[picture, :, site] = (x[picture, :, site] + levels // 2) % levels
    there = torch.rand(1, sites, generator=generator).repeat(_PICTURES, 1) < 0.5
    return x.unflatten(2, space).to(model.device), there.unflatten(1, space), changed


def _form(tensor: Tensor, space: tuple[int, ...]) -> Form | None:
    """How the vectors of the sites lie in an output of the pass that looks for layers, if it has
    any."""
    if not tensor.is_floating_point():
        return None
    shape, sites = tuple(tensor.shape), math.prod(space)
    if len(space) == 2 and len(shape) == 4 and shape[0] == _PICTURES:
        if _scale(shape[2:], space):
            return Form("bcs", shape[1], shape[2:])
        if _scale(shape[1:3], space):
            return Form("bsc", shape[3], shape[1:3])
    if len(shape) == 3:
        for letters in ("bsc", "sbc", "bcs"):
            of = dict(zip(letters, shape, strict=True))
            if of["b"] == _PICTURES and of["s"] == sites:
                return Form(letters, of["c"], space, in_place=False)
    return None


def _scale(grid: Sequence[int], space: Sequence[int]) -> int:
    """How many rows and columns of the picture a cell of a grid has; the last cells may be cut or
    lie outside. 0 where it is no grid over the picture."""
    if min(grid) < 1:
        return 0
    scale = max(-(-whole // part) for whole, part in zip(space, grid, strict=True))
    outside = [part - -(-whole // scale) for whole, part in zip(space, grid, strict=True)]
    return scale if max(outside) <= (scale > 1) else 0


def _in_order(
    model: AutoregressiveModel, form: Form, tensor: Tensor, changed: tuple[int, int]
) -> bool:
    """Whether a sequence can have the sites in the order of generation: what a changed site changes
    does not come before it. An LSTM that goes over diagonals has them in another order."""
    if model.predicts_all:
        return True
    h = _sequence(form, tensor)  # (3, N, C)
    rank = _ranks(model, None, h.shape[1])
    least = _ROUNDING * float(h.abs().max())
    for picture, site in enumerate(changed, 1):
        differs = ((h[picture] - h[0]).abs() > least).any(1).nonzero()
        if len(differs) and int(differs[0]) < int(rank[site]):
            return False
    return True


# How what is seen becomes maps.


def _ranks(model: AutoregressiveModel, order: Tensor | None, sites: int) -> Tensor:
    """When each site comes, by raster index."""
    if model.predicts_all or model.spec.sites is None:
        return torch.arange(sites, device=model.device)
    return (model.order if order is None else order.to(model.device)).argsort()


def _sequence(form: Form, tensor: Tensor) -> Tensor:
    """(B, N, C)."""
    return tensor.permute(*(form.letters.index(letter) for letter in "bsc"))


def _by_raster(
    model: AutoregressiveModel, form: Form, tensor: Tensor, order: Tensor | None
) -> Tensor:
    """(B, channels, *grid)."""
    if form.in_place:
        return tensor if form.letters == "bcs" else tensor.permute(0, 3, 1, 2)
    h = _sequence(form, tensor)
    h = h.index_select(1, _ranks(model, order, h.shape[1])).transpose(1, 2)
    return h.unflatten(2, model.spec.space) if model.spec.sites else h


def _repeated(values: Tensor, space: Sequence[int]) -> Tensor:
    """(C, *grid) -> (C, *space)."""
    scale = _scale(values.shape[1:], space)
    for axis, size in enumerate(space, 1):
        values = values.repeat_interleave(scale, axis).narrow(axis, 0, size)
    return values


def _title(name: str, number: int) -> str:
    """("blocks.2.attend", 2) -> "Block 3, attend (2)"."""
    words: list[str] = []
    for part in name.split("."):
        if part.isdigit() and words:
            words[-1] = f"{words[-1].removesuffix('s')} {int(part) + 1}"
        else:
            words.append(part.replace("_", " "))
    title = ", ".join(words)
    return title[:1].upper() + title[1:] + (f" ({number})" if number > 1 else "")
