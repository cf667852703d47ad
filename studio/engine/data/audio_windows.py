"""Recordings of any length as windows of one length, so
that they can be learnt from and scored in batches.

A model that looks `receptive_field` samples back needs no more than these to predict the next as
well as in the whole recording. So every window begins with such a context, which is not counted,
for it was in the windows before; only at the beginning of a recording, where there is nothing
before, everything counts. Each sample of a recording counts exactly once.
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.companding import mu_law_decode
from models.interface import AudioModel, Classes, Spectrogram
from models.sending import sent
from studio.engine.data.audio_data import Sounds
from studio.engine.media.mel import MelSpec, log_mel


class Windows:
    """length: samples of a window, at most.
    counts: int64 (N,), how many of each count.
    recording: int64 (N,), which one each is of.

    Codes, labels and spectrograms are kept on the device.
    """

    def __init__(
        self, sounds: Sounds, model: AudioModel, seconds: float, device: torch.device
    ) -> None:
        """seconds: how much of a window counts, beside its context."""
        conditioning, self.device = model.conditioning, device
        self._hop, self._ahead = (
            (conditioning.hop, model.frames_ahead)
            if isinstance(conditioning, Spectrogram)
            else (1, 0)
        )
        context = (
            -(-model.receptive_field // self._hop) + self._ahead
        ) * self._hop  # windows begin where a frame does
        counted = max(1, round(seconds * model.sample_rate / self._hop)) * self._hop
        self.length = context + counted

        lengths = torch.tensor([len(codes) for codes in sounds.codes])
        each = 1 + (lengths - context - 1).clamp(min=0) // counted  # windows of each recording
        self.recording = torch.repeat_interleave(each)
        # of a window in its recording
        number = torch.arange(len(self.recording)) - _before(each)[self.recording]
        start = number * counted
        self._begin = (number > 0) * context  # of what counts, and its end
        self._end = (lengths[self.recording] - start).clamp(max=self.length)
        self.counts, self._longest = self._end - self._begin, int(self._end.max())
        self._start = (_before(lengths)[self.recording] + start).to(device)
        self._codes = torch.cat([*sounds.codes, sounds.codes[0].new_zeros(self.length)]).to(device)
        self._labels = self._frames = None
        if isinstance(conditioning, Classes) and sounds.labels is not None:
            self._labels = sounds.labels[self.recording].to(device)
        if isinstance(conditioning, Spectrogram):
            spec = MelSpec.at(model.sample_rate, conditioning.hop, conditioning.mels)
            found = [
                torch.from_numpy(log_mel(mu_law_decode(codes).numpy(), spec))
                for codes in sounds.codes
            ]
            after = torch.zeros(self.length // conditioning.hop + self._ahead, conditioning.mels)
            self._frames = torch.cat([*found, after]).to(device)  # (frames of all, mels)
            frames = torch.tensor([len(some) for some in found])
            self._first = (_before(frames)[self.recording] + start // self._hop).to(device)
            self._left = (frames[self.recording] - start // self._hop).to(device)

    def __len__(self) -> int:
        return len(self.recording)

    def of(self, rows: Tensor, whole: bool = False) -> tuple[Tensor, Tensor | None, Tensor]:
        """Codes, uint8 (B, 1, n), as long as the longest of these windows; their condition (see
        `Model.conditioning`); which of them do not count, bool (B, n), the context and what comes
        after the end of a recording.

        rows: int64 (B,), on the host.
        whole: as long as the longest of all windows, whichever these are.
        """
        begin, end = self._begin[rows], self._end[rows]
        at = torch.arange(self._longest if whole else int(end.max()))
        known = (at < begin[:, None]) | (at >= end[:, None])
        rows, at = sent(rows, self.device), sent(at, self.device)
        x = self._codes[self._start[rows, None] + at].unsqueeze(1)
        return x, self._condition(rows, len(at)), sent(known, self.device)

    def _condition(self, rows: Tensor, samples: int) -> Tensor | None:
        if self._frames is None:
            return None if self._labels is None else self._labels[rows]
        # frames of its own, and those after them that its end looks at
        wide = -(-samples // self._hop) + self._ahead
        at = torch.arange(wide, device=self.device)
        there = at < self._left[rows, None]  # after the end of a recording there is silence
        return (self._frames[self._first[rows, None] + at] * there.unsqueeze(2)).transpose(1, 2)


def _before(counts: Tensor) -> Tensor:
    """How many there are in the ones before each."""
    return counts.cumsum(0) - counts
