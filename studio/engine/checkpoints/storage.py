"""Checkpoints: the weights of a model and its card in one safetensors file, saved whole or not at
all, loaded without running anything that is in them.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor

import models
from models.interface import Classes, Model
from studio.engine.checkpoints.cards import FORMAT, KEY, read_header, shipped
from studio.engine.checkpoints.packing import described, packed, unpacked
from studio.engine.checkpoints.places import LATEST, at_epoch, named
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import clear_leftovers, in_json, write_atomically
from studio.engine.runtime.texts import shortened

# as a safetensors header calls them
_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def save(
    model: Model,
    path: str | Path,
    card: dict[str, Any] | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write the weights and the card of a model, atomically.

    card: what is known beyond the model itself (data, preparation, recipe, seed, metrics ...); the
    rest is filled in.
    dtype: of the weight matrices in the file; bfloat16 halves it, and int8 takes a quarter, see
    `studio.engine.scoring.shipping`.
    StudioError, one sentence, where the file cannot be written:
    what was there before is then still there.
    """
    packs = dtype == torch.int8
    whole = {**_own_facts(model), **(card or {}), "format": FORMAT if packs else 1}
    kept = torch.float32 if packs else dtype
    weights = {name: _stored(tensor, kept) for name, tensor in model.state_dict().items()}
    if not _are_numbers(weights):
        raise StudioError(f'"{path}" was not saved: some weights of the model are not numbers.')
    if packs:
        weights = packed(weights)
    clear_leftovers(path)
    write_atomically(path, to_bytes(weights, {KEY: json.dumps(in_json(whole))}))


def load(path: str | Path, device: str | torch.device = "cpu") -> Model:
    """The model of a checkpoint, given by its path or the name of a shipped one, ready to use: in
    evaluation mode, and in float32 whatever the file keeps its weights in.

    `.card` holds its card. StudioError, one sentence, for anything
    that is not a whole checkpoint of this studio.
    """
    path = resolve(path)
    card, tensors = read_header(path)
    require_model(card["model"], f'"{path}"')
    try:
        with torch.device("meta"):  # costs nothing, whatever sizes the card asks for
            empty = _built(card)
    except Exception as error:  # whatever a model may raise for settings that are nonsense
        raise StudioError(
            f'"{path}" describes a model that this studio cannot build: {error}.'
        ) from error
    own = empty.state_dict()
    found = empty.current_names({name: _empty(entry) for name, entry in described(tensors).items()})
    if found.keys() != own.keys() or any(
        found[name].shape != tensor.shape
        or found[name].is_floating_point() != tensor.is_floating_point()
        for name, tensor in own.items()
    ):
        raise StudioError(f'The weights in "{path}" do not fit the model that its card describes.')
    whole = [*own.values(), *empty.buffers(), *found.values()]
    memory.require(sum(t.numel() * t.element_size() for t in whole), f'Opening "{path}"')
    try:
        weights = empty.current_names(unpacked(load_file(path)))
    except (SafetensorError, OSError, ValueError) as error:
        raise StudioError(f'The weights in "{path}" are damaged.') from error
    except MemoryError:
        raise StudioError(f'"{path}" is too large for the memory of this machine.') from None
    if not _are_numbers(weights):
        raise StudioError(
            f'Some weights in "{path}" are not numbers: the training that made it failed.'
        )
    model = _built(card)
    model.load_state_dict(weights)
    model.card = card
    return model.requires_grad_(False).eval().to(device)


def resolve(name_or_path: str | Path) -> Path:
    """The checkpoint at a path, that of a run's folder, or the one of that name: shipped, the
    person's own, or a run's, of an epoch too (RUN@3). StudioError where there is none."""
    path, text = Path(name_or_path), str(name_or_path)
    with suppress(OSError):  # a name that is too long for a file
        if path.is_file():
            return path
        if (path / LATEST).is_file():
            return path / LATEST
        if (found := named(text) or at_epoch(text)) is not None:
            return found
        if path.is_dir():
            raise StudioError(f'"{path}" is a folder, not a checkpoint.')
    raise StudioError(
        f'There is no checkpoint "{shortened(text)}"; shipped are'
        f" {', '.join(shipped()) or 'none'}, and `studio models` lists your runs."
    )


def require_model(name: str, what: str) -> None:
    """StudioError where `what`, a checkpoint or a run in words, is of a model that is not known."""
    if name not in models.available():
        raise StudioError(
            f'{what} needs the model "{name}", which is not known here: name the file that declares'
            " it before the command (studio --models FILE.py ...), or install its package."
        )


def _empty(entry: Any) -> Tensor:
    """A tensor of the shape and type that a header names; where these are nonsense, one that fits
    nothing."""
    try:
        return torch.empty(entry["shape"], dtype=_TYPES[entry["dtype"]], device="meta")
    except (KeyError, TypeError, ValueError, RuntimeError, OverflowError):
        return torch.empty(0, 0, 0, dtype=torch.bool, device="meta")


def _are_numbers(weights: Mapping[str, Tensor]) -> bool:
    return all(bool(t.isfinite().all()) for t in weights.values() if t.is_floating_point())


def _stored(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """A tensor as it is written. Biases and gains, which weigh next to nothing, stay as they are:
    rounding them cost `pixelcnn-plus-plus-emoji` nine times as many bits as all matrices did."""
    rounds = tensor.is_floating_point() and tensor.ndim > 1
    return tensor.detach().cpu().to(dtype if rounds else tensor.dtype).contiguous()


def _built(card: dict[str, Any]) -> Model:
    return models.build(card["model"], **card["config"])


def _own_version() -> str:
    """Of the studio; a checkout that was not installed has none."""
    try:
        return version("autoregressive-studio")
    except PackageNotFoundError:
        return "not installed"


def _own_facts(model: Model) -> dict[str, Any]:
    """What a card can say of any model: how to build it again, what it is made for, and where and
    when it was saved."""
    classes = model.conditioning.names if isinstance(model.conditioning, Classes) else None
    cannot = {} if model.autoregressive else {"why": model.why}
    return {
        "model": model.name,
        "autoregressive": model.autoregressive,
        **cannot,
        "config": model.config.to_dict(),
        "shape": list(model.pictures.shape),
        "levels": model.pictures.levels,
        "conditioning": None
        if model.conditioning is None
        else type(model.conditioning).__name__.lower(),
        "classes": None if classes is None else list(classes),
        "parameters": model.parameter_count,
        "date": time.strftime("%Y-%m-%d"),
        "versions": {
            "autoregressive-studio": _own_version(),
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }
