"""`Rendering`: sound made sample by sample, in several
takes side by side, for as long as somebody listens.

The noise is drawn up front, a block at a time (`noise_for`), and belongs to the seed, the take and
the sample: however the work is cut into stretches, gone back over or begun with a recording, a
sample is made with the same noise. Nothing in the loop waits for the device; codes go to the host a
chunk at a time.

The samples come from the model's stepper, on any device, or from the compiled engine, which is much
faster on a processor; both have the same noise, and one may take over from the other at any sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.companding import mu_law_decode
from models.interface import AudioModel, Classes, Model, Spectrogram
from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.audio.sample_sources import Source, Stepping, Streaming
from studio.engine.generation.next_site import NextSite, looked_at
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import require

_BLOCK = 4096  # samples whose noise is drawn at once
# bytes a sample: of each take while there is made room for more, and of what the model says of it;
# and of one while it is written
_GROWING, _SCORED, _DECODED = 4, 16, 12


def noise_for(seed: int, take: int, block: int) -> NDArray[np.float32]:
    """The noise of one block of samples of a take, float32 (4096,) in [0, 1)."""
    sequence = np.random.SeedSequence(seed, spawn_key=(take, block))
    return np.random.Generator(np.random.PCG64(sequence)).random(_BLOCK, np.float32)


def as_audio_model(model: Model) -> AudioModel:
    """The model, where it makes sound; StudioError, one sentence, where it does not."""
    if not isinstance(model, AudioModel) or model.spec.sites is not None:
        raise StudioError(
            f"{model.name or type(model).__name__} is for pictures and makes no sound."
        )
    return model


def _never() -> bool:
    return False


class Rendering:
    """Makes `options.count` takes, all with the same beginning, or each with its own.

    beginning: codes that are kept, (n,), or (beginnings, n), of which a take has one.
    spectrogram: float (frames, mels) of all that is to be heard, the beginning too, for a model
    conditioned on one; None for silence.
    engine: of this model, where the compiled one is to make the samples.
    scored: whether to note what the model itself says of its samples, see `nats`.
    position: how many samples there are.
    start: how many of them are the beginning.
    rate: samples a second.
    length: where the spectrogram ends, and with it the sound; None where nothing does.

    Of the options, method, order and corruption are for pictures. One thread at a time uses it, but
    others may look at `position`, `codes` and `samples` meanwhile.
    StudioError, one sentence, where something does not fit the model.
    """

    _source: Source | None
    # memory (takes, n), and how many samples of it there are: replaced at once
    _there: tuple[NDArray[np.uint8], int]
    # memory (takes, n) for what the model says of each, where that is asked for
    _nats: NDArray[np.float32] | None = None

    def __init__(
        self,
        model: Model,
        options: SamplingOptions | None = None,
        beginning: NDArray[Any] | None = None,
        spectrogram: NDArray[Any] | None = None,
        engine: CompiledNetwork | None = None,
        scored: bool = False,
    ) -> None:
        self.model = as_audio_model(model)
        self._engine, self._scored = engine, scored
        self.rate = self.model.sample_rate
        self.options = options or SamplingOptions()
        check_options(self.options, model)
        beginning = np.zeros(0, np.uint8) if beginning is None else beginning
        # (beginnings, n)
        self._beginning = np.stack([checked_codes(own, self.model) for own in _rows(beginning)])
        self._spectrogram = (
            None if spectrogram is None else _checked_spectrogram(spectrogram, self.model)
        )
        self.start = self._beginning.shape[1]
        self._begin()

    # What can be asked.

    @property
    def position(self) -> int:
        return self._there[1]

    @property
    def length(self) -> int | None:
        conditioning = self.model.conditioning
        if self._spectrogram is None or not isinstance(conditioning, Spectrogram):
            return None
        return len(self._spectrogram) * conditioning.hop

    @property
    def codes(self) -> NDArray[np.uint8]:
        """What is there, (takes, position)."""
        memory, position = self._there
        return memory[:, :position]

    def samples(self, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        """What is heard of it, from one sample to another, float32 (takes, n) in -1..1."""
        return mu_law_decode(self.codes[:, start:stop])

    @property
    def nats(self) -> NDArray[np.float64]:
        """-log p of what was made after the beginning, by the model itself at temperature 1, of
        each take, (takes,). ValueError unless it is `scored`."""
        if self._nats is None:
            raise ValueError("nobody has asked for a score of this sound")
        return self._nats[:, self.start : self.position].sum(1, dtype=np.float64)

    def next_probabilities(self, take: int = 0) -> NDArray[np.float32]:
        """Of every level, for the sample that comes next, (levels,): as it will be drawn, at the
        temperature and within the top-k and top-p of the options."""
        return self.upcoming(take).sampled[0]

    @torch.inference_mode()
    def upcoming(self, take: int = 0, hurried: bool = False) -> NextSite:
        """The sample that comes next, looked into; see `looked_at`."""
        block, at = divmod(self.position, _BLOCK)
        noise = torch.from_numpy(self._noise_of(block)[take, at : at + 1])
        params = self._settled().expected(take)
        return looked_at(
            self.model.likelihood,
            params,
            self.position,
            self.options.sampling,
            noise.to(params.device),
            hurried=hurried,
        )

    # What can be done.

    def run(self, count: int, interrupted: Callable[[], bool] = _never) -> int:
        """Make `count` more samples of every take, as far as there are any; returns how many.

        interrupted: asked every `Source.chunk` samples, some hundredths of a second at most; True
        ends the run early.
        """
        begin = self.position
        end = begin + count if self.length is None else min(begin + count, self.length)
        while self.position < end and not interrupted():
            self._make(min(self._settled().chunk, end - self.position))
        return self.position - begin

    def check_room(self, end: int) -> None:
        """TooLargeError, with the estimate, where sound up to sample `end` does not fit into
        memory."""
        takes = self.options.count
        several = f"{takes} takes of " if takes > 1 else ""
        require(
            end * (takes * (_GROWING + (_SCORED if self._scored else 0)) + _DECODED),
            f"Making {several}{end / self.rate:,.0f} s of sound",
            advice="Ask for fewer seconds" + (" or takes." if takes > 1 else "."),
        )

    def rewind(self, position: int) -> None:
        """Go back to `position`, but not into the beginning; what came after is forgotten, and
        comes out the same again."""
        position = max(self.start, position)
        if position < self.position:
            self._go_back(position)

    def set_options(self, options: SamplingOptions) -> None:
        """Other seed, count or class: from the beginning on;
        other temperature, top-k or top-p: from here on."""
        check_options(options, self.model)
        before, self.options = self.options, options
        if before.of_sound != options.of_sound:
            self._begin()

    def set_spectrogram(self, spectrogram: NDArray[Any] | None, kept: int = 0) -> None:
        """Another spectrogram from here on; of what there is, the first `kept` samples stay."""
        spectrogram = None if spectrogram is None else _checked_spectrogram(spectrogram, self.model)
        self._spectrogram = spectrogram
        self._go_back(
            min(
                self.position,
                max(self.start, kept if self.length is None else min(kept, self.length)),
            )
        )

    def use(self, engine: CompiledNetwork | None) -> None:
        """Let the compiled engine make the samples from here on;
        None for the model's own stepper."""
        self._engine, self._source = engine, None

    # How it is done.

    def _begin(self) -> None:
        memory = np.zeros((self.options.count, self.start + _BLOCK), np.uint8)
        # where there are fewer beginnings than takes, they come again
        memory[:, : self.start] = np.resize(self._beginning, (self.options.count, self.start))
        self._there = memory, self.start
        self._nats = np.zeros(memory.shape, np.float32) if self._scored else None
        # number of a block, and the noise of all takes
        self._noise = -1, np.zeros((self.options.count, 0), np.float32)
        self._source = None  # made when the first sample is asked for

    def _go_back(self, position: int) -> None:
        self._there = self._there[0], position
        self._source = None

    def _make(self, count: int) -> None:
        """Make some samples, no more than are left of the block in which they lie."""
        memory, position = self._there
        block, at = divmod(position, _BLOCK)
        noise = self._noise_of(block)[:, at : at + count]
        end = position + noise.shape[1]
        if end > memory.shape[1]:
            memory = np.concatenate([memory, np.zeros_like(memory)], 1)
            if self._nats is not None:
                self._nats = np.concatenate([self._nats, np.zeros_like(self._nats)], 1)
        nats = None if self._nats is None else self._nats[:, position:end]
        memory[:, position:end] = self._settled().run(noise, self.options.sampling, nats)
        self._there = memory, end

    def _noise_of(self, block: int) -> NDArray[np.float32]:
        """Of all takes, (takes, 4096)."""
        if self._noise[0] != block:
            seed, takes = self.options.seed, self.options.take_numbers
            self._noise = block, np.stack([noise_for(seed, take, block) for take in takes])
        return self._noise[1]

    def _settled(self) -> Source:
        """What makes samples, standing at the current one."""
        if self._source is None:
            condition = self._condition()
            if self._engine is None:
                self._source = Stepping(self.model, condition, self.codes)
            else:
                self._source = Streaming(self._engine, condition, self.codes)
        return self._source

    def _condition(self) -> Tensor | None:
        takes = self.options.count
        if self._spectrogram is not None:
            return torch.from_numpy(self._spectrogram.T).expand(takes, -1, -1)
        if self.options.condition is not None and isinstance(self.model.conditioning, Classes):
            return torch.full((takes,), self.options.condition)
        return None


def _rows(codes: NDArray[Any]) -> NDArray[Any]:
    return codes if codes.ndim == 2 and len(codes) else codes[None]


def checked_codes(codes: NDArray[Any], model: AudioModel) -> NDArray[np.uint8]:
    """Codes (n,) of a recording; StudioError, one sentence, where the model has no such codes."""
    if codes.ndim != 1 or codes.dtype.kind not in "iu":
        raise StudioError("A beginning must be one row of whole numbers.")
    if codes.size and not 0 <= int(codes.min()) <= int(codes.max()) < model.spec.levels:
        raise StudioError(
            f"The codes of a beginning must lie between 0 and {model.spec.levels - 1}."
        )
    return codes.astype(np.uint8)


def _checked_spectrogram(spectrogram: NDArray[Any], model: AudioModel) -> NDArray[np.float32]:
    if not isinstance(model.conditioning, Spectrogram):
        raise StudioError(f"{model.name or type(model).__name__} takes no spectrogram.")
    mels = model.conditioning.mels
    if spectrogram.ndim != 2 or spectrogram.shape[1] != mels or not len(spectrogram):
        raise StudioError(
            f"The spectrogram has the shape {spectrogram.shape}: the model takes frames of {mels}"
            " channels."
        )
    return np.ascontiguousarray(spectrogram, np.float32)
