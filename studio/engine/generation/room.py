"""How much memory a drawing will take, before any of it is taken: the record, the noise, what the
window shows, and what the model's stepper remembers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from models.interface import AutoregressiveModel, Model
from models.stepping import PrefixStepper
from studio.engine.runtime import memory

_SMALL = 1 << 20  # pictures x sites that need no closer look
_RECORD = 2 * 4 + 1  # bytes a site: nats, entropy, level
_SHOWN = 2 * (_RECORD + 4)  # the same on the host, and a colour: of this moment and the last
_PASS = 3  # tensors as large as all parameters of a picture that a full pass holds at a time


def check_room(model: Model, count: int) -> None:
    """TooLargeError, with the estimate, where so many pictures at once do not fit into memory."""
    if not isinstance(model, AutoregressiveModel) or is_small(model, count):
        return
    height, width = model.spec.space
    many = "a picture" if count == 1 else f"{count} pictures"
    memory.require(
        room(model, count),
        f"Drawing {many} of {width} × {height} pixels at once",
        str(model.device),
        "Choose fewer samples.",
    )


def is_small(model: Model, count: int) -> bool:
    """Whether so many pictures surely fit."""
    return count * (model.spec.sites or 0) < _SMALL


@torch.inference_mode()
def room(model: AutoregressiveModel, count: int) -> int:
    """Bytes that drawing so many pictures takes, about: of one and of two it is tried, without
    their numbers."""
    sites, likelihood = len(model.order), model.likelihood
    with torch.device("meta"):
        twin = type(model)(model.config)
    one, two = (_remembered(twin, rows) for rows in (1, 2))
    noise = 2 * 4 * likelihood.draws  # as it is drawn, and in the order
    each = sites * (noise + (_RECORD + _SHOWN) * model.spec.channels) + two - one
    return one + count * each


def _remembered(model: AutoregressiveModel, rows: int) -> int:
    """Bytes that a stepper makes until it has made a step."""
    condition = None
    if model.takes_painting:
        x = torch.zeros(rows, model.spec.channels, *model.spec.space, device=model.device)
        condition = model.painted(x.long(), x[:, 0].bool())
    with _Made() as made:
        stepper = model.stepper(rows, condition)
        if isinstance(stepper, PrefixStepper):  # it makes everything anew at each step
            return rows * len(model.order) * model.likelihood.parameters * 4 * _PASS
        stepper.conditional()
        x = torch.zeros(rows, model.spec.channels, dtype=torch.long, device=model.device)
        stepper.commit(x)
    return made.size


class _Made(TorchDispatchMode):
    """Counts the bytes of all tensors that are made in it."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[int, Tensor] = {}  # so that no storage takes the place of another

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in found if isinstance(found, (tuple, list)) else (found,):
            if isinstance(tensor, Tensor):
                self._held.setdefault(tensor.untyped_storage()._cdata, tensor)
        return found

    @property
    def size(self) -> int:
        return sum(tensor.untyped_storage().nbytes() for tensor in self._held.values())
