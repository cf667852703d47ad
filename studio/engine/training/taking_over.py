"""Beginning with the weights of another checkpoint of the same family: every tensor whose name and
shape fit is taken over, and of those that have an entry for each class the entries of the classes
that both know by name. Whatever else there is begins afresh, and is named."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import torch
from torch import Tensor

import models
from models.interface import Classes, Model
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened

_NAMED = 4  # parts or classes that a sentence names
_LONGEST = 40  # characters of a name


@torch.no_grad()
def take_over(model: Model, source: Model, called: str) -> str:
    """Begin with what fits of the weights of `source`; a sentence that says what does not.

    called: the source, as the person calls it.
    StudioError, one sentence, where it is of another family or nothing fits.
    """
    said = f'of "{shortened(called)}"'
    otherwise = "choose another start, or none (start=)."
    if type(model) is not type(source):
        raise StudioError(
            f"The weights {said} do not fit this model, which is of another family: {otherwise}"
        )
    own, found = model.state_dict(), source.state_dict()
    known, theirs = _by_class(model), _by_class(source)
    taken = {
        name: _rows_taken(model, source, tensor, found[name], known[name])
        if name in known
        else _taken(tensor, found.get(name))
        for name, tensor in own.items()
        if name not in known or known[name] == theirs.get(name)
    }
    total, values = sum(tensor.numel() for tensor in own.values()), sum(taken.values())
    if not values:
        raise StudioError(f"None of the weights {said} fit this model: {otherwise}")
    if values == total:
        return f"Training begins with all weights {said}."
    share = math.floor(1000 * values / total) / 10  # never 100 %
    afresh = [*_parts({name: taken.get(name, 0) == 0 for name in own})]
    if strangers := _strangers(model, source) if any(taken.get(name) for name in known) else []:
        afresh.append(f"the class{'es' if len(strangers) > 1 else ''} {_listed(strangers)}")
    return f"{share:g} % of the weights are those {said}; these begin afresh: {_listed(afresh)}."


def _taken(own: Tensor, found: Tensor | None) -> int:
    """Take a tensor over where its shape fits; how many values were."""
    if found is None or found.shape != own.shape:
        return 0
    own.copy_(found)
    return own.numel()


def _rows_taken(model: Model, source: Model, own: Tensor, found: Tensor, dimension: int) -> int:
    """Take over the entries of the classes that both models know; how many values were."""
    pairs = _shared(model, source)
    others = [
        [size for at, size in enumerate(tensor.shape) if at != dimension] for tensor in (own, found)
    ]
    if not pairs or others[0] != others[1]:
        return 0
    here, there = (torch.tensor(side) for side in zip(*pairs, strict=True))
    own.index_copy_(dimension, here, found.index_select(dimension, there).to(own.dtype))
    return len(pairs) * math.prod(others[0])


def _names(model: Model) -> tuple[str, ...]:
    return model.conditioning.names if isinstance(model.conditioning, Classes) else ()


def _shared(model: Model, source: Model) -> list[tuple[int, int]]:
    """The numbers here and there of the classes that both know."""
    there = {name: number for number, name in enumerate(_names(source))}
    return [(here, there[name]) for here, name in enumerate(_names(model)) if name in there]


def _strangers(model: Model, source: Model) -> list[str]:
    known = {*_names(source)}
    return [shortened(name, _LONGEST) for name in _names(model) if name not in known]


def _by_class(model: Model) -> dict[str, int]:
    """The dimension of each tensor that has an entry for each class: where that of a model with one
    class more has one more."""
    if not isinstance(model.conditioning, Classes):
        return {}
    more = {"classes": model.conditioning.count + 1, "class_names": ()}
    try:
        with torch.device("meta"):
            larger = models.build(model.name, **{**model.config.to_dict(), **more}).state_dict()
    except ValueError:  # its classes are no setting, so they are as many in every model of it
        return {}
    found: dict[str, int] = {}
    for name, tensor in model.state_dict().items():
        sizes = zip(tensor.shape, larger[name].shape, strict=True)
        grown = [at for at, (size, twin) in enumerate(sizes) if twin == size + 1]
        if len(grown) == 1:
            found[name] = grown[0]
    return found


def _parts(afresh: dict[str, bool]) -> Iterable[str]:
    """The parts of a network in which something begins afresh: all of a part, or how many of its
    tensors.

    afresh: whether a tensor does, by its name.
    """
    all_of = Counter(name.partition(".")[0] for name in afresh)
    some_of = Counter(name.partition(".")[0] for name, begins in afresh.items() if begins)
    for part, count in some_of.items():
        yield part if count == all_of[part] else f"{count} of {all_of[part]} tensors of {part}"


def _listed(names: list[str]) -> str:
    """Such as: a, b and c; the first few of many."""
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} others"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
