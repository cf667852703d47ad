"""`studio bench --choose`: the fastest way to decode, measured for models on a device and kept, so
that `--decode auto` and the window take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import torch

from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.checkpoints.fingerprints import fingerprint
from studio.engine.generation.decoder_choice import choose
from studio.engine.generation.decoders import BATCHES, decoders_for
from studio.engine.generation.generation import as_autoregressive
from studio.engine.generation.room import check_room
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError

NAME = "choices"

Document = dict[str, Any]


def run(
    names: Sequence[str] = (),
    device: str = "auto",
    quick: bool = False,
    show: Callable[[str], object] = lambda text: None,
) -> Document:
    """Measure what is not known yet, and return a document that JSON can hold.

    names: of shipped checkpoints or runs, or paths; none for all that are shipped and draw.
    quick: for one picture at once only.
    show: is given each choice as soon as it is there.
    StudioError, one sentence, for a model that is named and draws no pictures site by site.
    """
    where = devices.pick(device)
    document: Document = {
        "machine": devices.describe(where),
        "torch": torch.__version__,
        NAME: {},
    }
    for name in names or cards.shipped():
        path = checkpoints.resolve(name)
        loaded = checkpoints.load(path, where)
        if not decoders_for(loaded):
            if names:
                raise StudioError(f"{name} draws no pictures, so there is nothing to choose.")
            continue
        model, rows = as_autoregressive(loaded), document[NAME].setdefault(name, [])
        for batch in BATCHES[:1] if quick else BATCHES:
            try:
                check_room(model, SamplingOptions(count=batch))
            except TooLargeError as error:
                show(f"{name}: {error}")
                break
            found = choose(model, batch, fingerprint(path))
            assert found is not None  # nothing interrupts it
            rows.append({**asdict(found), "sites": len(model.order), "sentence": found.in_words()})
            show(f"{name}: {found.in_words()}")
    return document


def as_text(document: Document) -> str:
    """The document for a person."""
    lines = [f"{document['machine']}, torch {document['torch']}."]
    for name, rows in document[NAME].items():
        lines += ["", f"{name}:"]
        lines += [f"  {row['sentence']}" for row in rows]
    return "\n".join(lines)
