"""What a conditional can depend on, by structure: of the whole network as the model says it, and
after each of its layers as found by a twin of it.

The twin has the same layers with other weights, all of them above zero: no sum of its paths
vanishes and no rectifier is shut, so that the gradient of a feature is not zero exactly where there
is a path.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.engine.insights.between_levels import between_levels
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

_MOST_WEIGHTS = 20_000_000  # of a network that a twin is made of: 160 MB
_WEIGHT = 0.5  # about what the weights of the twin that end in one unit come to, all together
_REMEMBERED = 64  # sites of which the reach after some layers is kept
_BYTES_A_PAIR = 16  # of sites, while dependencies are worked out


@dataclass
class _Known:
    """What has been found out about a model."""

    dependencies: NDArray[np.bool_] | None = None
    layers: tuple[str, ...] | None = None
    twin: AutoregressiveModel | None = None
    after: OrderedDict[tuple[int, int], NDArray[np.bool_]] = field(default_factory=OrderedDict)


_known: WeakKeyDictionary[AutoregressiveModel, _Known] = WeakKeyDictionary()
_lock = threading.RLock()


def _of(model: AutoregressiveModel) -> _Known:
    return _known.setdefault(model, _Known())


def dependencies(model: AutoregressiveModel) -> NDArray[np.bool_]:
    """`model.dependencies()`, worked out once for a model: bool (N, N), both by rank in its order.

    StudioError where that takes more memory than there is.
    """
    with _lock:
        known = _of(model)
        if known.dependencies is None:
            sites = model.spec.sites or getattr(model, "receptive_field", 0)
            memory.require(
                float(_BYTES_A_PAIR * sites**2),
                f"The receptive field of all {sites:,} sites",
                "cpu",
                "Choose a model for smaller pictures.",
            )
            known.dependencies = model.dependencies().cpu().numpy()
        return known.dependencies


def reach(
    model: AutoregressiveModel, order: NDArray[np.int64], site: int, after: int = 0
) -> NDArray[np.bool_]:
    """The sites that the conditional of a site can depend on, bool (N,), all by raster index.

    order: raster indices in the order of generation, (N,).
    after: the first so many of `layers`, and what they make of the site; 0 for the whole network.
    """
    rank = int(np.flatnonzero(order == site)[0])
    found = np.zeros(len(order), bool)
    found[order] = dependencies(model)[rank]
    if 0 < after < len(layers(model)):  # the last one gives the conditional itself
        found &= _after(model, site, after)
    return found


def layers(model: AutoregressiveModel) -> tuple[str, ...]:
    """Names of the modules that give a vector for each site, as the picture goes through them, the
    whole of a block rather than its parts; () where none does, as with hidden units that see the
    whole picture, and where they cannot be followed."""
    with _lock:
        known = _of(model)
        if known.layers is None:
            known.layers = _look_for_layers(model, known)
        return known.layers


def vectors_at(output: Any, space: tuple[int, ...], site: int, rank: int) -> list[Tensor]:
    """What a module gives of one site of one picture, each (C,); nothing where its output holds no
    vector for each site.

    output: a tensor, (1, C, *space) or (1, *space, C), (1, N, C) or (N, 1, C); several of them, or
    an object with fields.
    site, rank: the site by its raster index, and by its place in the order, by which sequences go.
    """
    return [vector for each in _tensors(output) for vector in _vector(each, space, site, rank)]


def _vector(x: Tensor, space: tuple[int, ...], site: int, rank: int) -> Iterator[Tensor]:
    sites = int(np.prod(space))
    if x.ndim == 2 + len(space) and x.shape[0] == 1 and x.shape[2:] == space:
        yield x[0].flatten(1)[:, site]
    elif x.ndim == 2 + len(space) and x.shape[0] == 1 and x.shape[1:-1] == space:
        yield x[0].flatten(0, -2)[site]
    elif x.ndim == 3 and x.shape[:2] == (1, sites):
        yield x[0, rank]
    elif x.ndim == 3 and x.shape[:2] == (sites, 1):
        yield x[rank, 0]


def _tensors(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, tuple | list):
        for part in output:
            yield from _tensors(part)
    elif is_dataclass(output) and not isinstance(output, type):
        for part in fields(output):
            yield from _tensors(getattr(output, part.name))


def apart(model: AutoregressiveModel) -> AutoregressiveModel:
    """The same network with the same weights, not copied, on which hooks disturb nobody who draws
    with the model meanwhile."""
    shared = {id(each): each for each in (*model.parameters(), *model.buffers())}
    return copy.deepcopy(model, shared)


def seen_at(
    model: AutoregressiveModel, x: Tensor, condition: Tensor | None, site: int, names: list[str]
) -> dict[str, list[Tensor]]:
    """What modules of these names give of a site, each (C,), in one pass over one picture; those
    that give a vector for each site, in the order in which they are done.

    model: nobody else's, see `apart`.
    x: levels (1, C, *space), floats that require a gradient; in the model's own order.
    """
    found: dict[str, list[Tensor]] = {}
    rank = int((model.order == site).nonzero()[0])
    modules = dict(model.named_modules())

    def keep(name: str, output: Any) -> None:
        of_site = vectors_at(output, x.shape[2:], site, rank)
        # a map of the condition has vectors too, but none that the picture goes into
        vectors = [vector for vector in of_site if vector.requires_grad]
        if vectors:
            # what follows may work in place
            found.setdefault(name, []).extend(vector.clone() for vector in vectors)

    hooks = [
        modules[name].register_forward_hook(
            lambda module, given, output, name=name: keep(name, output)  # type: ignore[misc]
        )
        for name in names
    ]
    try:
        with between_levels():
            model.conditionals(x, condition)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _look_for_layers(model: AutoregressiveModel, known: _Known) -> tuple[str, ...]:
    if model.predicts_all or not model.spec.sites or model.parameter_count > _MOST_WEIGHTS:
        return ()
    try:
        known.twin = _twin(model)
        names = [name for name, _ in known.twin.named_modules() if name]
        found = seen_at(known.twin, _grey(model), None, int(model.order[-1]), names)
    except (RuntimeError, TypeError):  # a network that cannot be copied, or only with its weights
        return ()
    return tuple(
        name for name in found if not any(name.startswith(f"{other}.") for other in found)
    )


def _twin(model: AutoregressiveModel) -> AutoregressiveModel:
    twin = copy.deepcopy(model).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(0)
    for weight in twin.parameters():
        drawn = 0.5 + torch.rand(weight.shape, generator=generator, dtype=torch.float64)
        ends = weight[0].numel() if weight.ndim > 1 else 1
        weight.copy_(_WEIGHT / ends * drawn)
    return twin


def _grey(model: AutoregressiveModel) -> Tensor:
    """A picture for the twin: between black and white, so that nothing is multiplied by 0."""
    shape = 1, model.spec.channels, *model.spec.space
    middle = (model.spec.levels - 1) / 2
    return torch.full(shape, middle, dtype=torch.float64, device=model.device, requires_grad=True)


def _after(model: AutoregressiveModel, site: int, count: int) -> NDArray[np.bool_]:
    """The sites that the first so many layers make a site's features of, bool (N,)."""
    with _lock:
        known = _of(model)
        if (site, count) not in known.after:
            assert known.twin is not None
            names = [*layers(model)][:count]
            x = _grey(model)
            vectors = [
                vector for each in seen_at(known.twin, x, None, site, names).values()
                for vector in each
            ]
            (gradient,) = torch.autograd.grad(torch.cat(vectors).sum(), x)
            known.after[site, count] = (gradient.abs().amax((0, 1)) > 0).flatten().cpu().numpy()
            if len(known.after) > _REMEMBERED:
                known.after.popitem(last=False)
        return known.after[site, count]
