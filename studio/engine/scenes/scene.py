"""`Scene`: everything that is needed to show exactly this again. A small, versioned JSON document;
what each field means stands in `studio.engine.scenes.document`, which reads and writes it.

Free of torch: a scene names its model, and does not hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.gap import Gap
from studio.engine.generation.changes import Change
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretches, but_decoding


@dataclass(frozen=True)
class ModelReference:
    """Which model it was.

    name: of its checkpoint, see `studio.engine.checkpoints.places.name_of`.
    weights: their fingerprint, see `studio.engine.checkpoints.fingerprints`; "" where nobody knows.
    """

    name: str
    weights: str = ""


@dataclass(frozen=True, eq=False)
class Sound:
    """What a scene of sound has besides.

    beginning: codes that are kept and gone on from, uint8 (n,) or (takes, n), None for silence.
    rate: samples a second of them.
    filled: gaps in them that a model has filled.
    spectrogram: for a vocoder, float32 (frames, mels) 0..1.
    seconds: to be made after the beginning; 0 for as many as usual.
    take: which one is heard.
    """

    beginning: NDArray[np.uint8] | None = None
    rate: int = 1
    filled: tuple[Gap, ...] = ()
    spectrogram: NDArray[np.float32] | None = None
    seconds: float = 0.0
    take: int = 0


@dataclass(frozen=True, eq=False)
class Scene:
    """A moment of a drawing, or of a sound. Two are equal where their documents are.

    earlier: what comes first and is sampled otherwise than the options say.
    position: sites, or samples, that are there; None for all of them.
    chosen: the picture that the person chose, None for none.
    view: how the window shows it (overlay, speed and so on), by name, anything that JSON can hold;
    the engine keeps it and makes nothing of it.
    title: what a person calls it.
    unknown: fields that this version of the studio does not know, kept as they are.
    """

    model: ModelReference
    options: SamplingOptions = field(default_factory=SamplingOptions)
    evidence: Evidence | None = None
    changes: tuple[Change, ...] = ()
    earlier: Stretches = ()
    position: int | None = None
    chosen: int | None = None
    sound: Sound | None = None
    view: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def with_options(self, **options: Any) -> Scene:
        """The same with other fields of `SamplingOptions`, from the beginning on; what is only
        decoded otherwise comes out the same."""
        changed = replace(self.options, **options)
        same = but_decoding(changed) == but_decoding(self.options)
        return replace(self, options=changed, earlier=self.earlier if same else ())

    def __eq__(self, other: object) -> bool:
        from studio.engine.scenes.document import as_document

        return isinstance(other, Scene) and as_document(self) == as_document(other)

    __hash__ = None  # type: ignore[assignment]
