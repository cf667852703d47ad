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
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.insights.between_levels import between_levels
from studio.engine.insights.layers import Layer, layers_of, watched
from studio.engine.runtime import memory

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
    layers: tuple[tuple[Layer, ...], ...] | None = None
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
            sites = model.spec.sites
            if sites is None:  # of open length: as many as show all that is seen
                sites = int(getattr(model, "receptive_field", 0))
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


def layers(model: AutoregressiveModel) -> tuple[tuple[Layer, ...], ...]:
    """What each of the layers gives that have a vector for each site, in the order in which the
    picture goes through them; whole blocks rather than their parts. () where there are none, as
    with hidden units that see the whole picture, and where they cannot be followed."""
    with _lock:
        known = _of(model)
        if known.layers is None:
            known.layers = _look_for_layers(model, known)
        return known.layers


def features(
    model: AutoregressiveModel,
    x: Tensor,
    condition: Tensor | None,
    site: int,
    of: Sequence[Layer],
) -> list[Tensor]:
    """What some layers give of a site in one pass, each (C,); nothing of those that x does not go
    into, such as those that make a map of the condition.

    x: levels (1, C, *space), floats that require a gradient.
    site: its raster index.
    """
    with watched(model, of) as seen, between_levels():
        model.conditionals(x, condition)
    found = [seen[layer.name][0].flatten(1)[:, site] for layer in of]
    return [vector for vector in found if vector.requires_grad]


def _look_for_layers(model: AutoregressiveModel, known: _Known) -> tuple[tuple[Layer, ...], ...]:
    if model.any_order or not model.spec.sites or model.parameter_count > _MOST_WEIGHTS:
        return ()
    of_module: dict[str, list[Layer]] = {}
    try:
        for layer in layers_of(model):
            if layer.depth == 0 and layer.form.grid == model.spec.space:
                of_module.setdefault(layer.name.partition("#")[0], []).append(layer)
        known.twin = _twin(model)
        last = int(model.order[-1])
        return tuple(
            tuple(group)
            for group in of_module.values()
            if features(known.twin, _grey(model), None, last, group)
        )
    except (RuntimeError, TypeError):  # a network that cannot be copied, or only with its weights
        return ()


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
            first = [layer for group in layers(model)[:count] for layer in group]
            x = _grey(model)
            vectors = features(known.twin, x, None, site, first)
            (gradient,) = torch.autograd.grad(torch.cat(vectors).sum(), x)
            known.after[site, count] = (gradient.abs().amax((0, 1)) > 0).flatten().cpu().numpy()
            if len(known.after) > _REMEMBERED:
                known.after.popitem(last=False)
        return known.after[site, count]
