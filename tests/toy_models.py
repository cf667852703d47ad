"""Models of others: a vocoder and a reconstructor, of no family that the studio has."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import LongTensor, Tensor, nn

from models import (
    AudioModel,
    ModelConfig,
    Recipe,
    Reconstructor,
    Spectrogram,
    Variant,
    setting,
)


@dataclass(frozen=True)
class VocoderConfig(ModelConfig):
    shape: tuple[int | None, ...] = (1, None)
    levels: int = 256
    sample_rate: int = setting(1000, "Samples a second", range=(1, 96_000))
    mels: int = 6
    hop: int = 10


class Vocoder(AudioModel):
    """A sample is guessed from the one before it and from the frame in which it lies."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__(config)
        self.sample_rate = config.sample_rate
        self.conditioning = Spectrogram(config.mels, config.hop)
        self.first = nn.Embedding(config.levels + 1, config.levels)
        self.condition_out = nn.Linear(config.mels, config.levels)

    @property
    def receptive_field(self) -> int:
        return 1

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        assert isinstance(self.conditioning, Spectrogram)
        assert condition is not None
        codes = x.flatten(1).long()
        before = torch.cat([torch.full_like(codes[:, :1], self.spec.levels), codes[:, :-1]], 1)
        frames = condition.transpose(1, 2).repeat_interleave(self.conditioning.hop, 1)
        silence = frames.new_zeros(len(frames), codes.shape[1], frames.shape[2])
        heard = torch.cat([frames, silence], 1)[:, : codes.shape[1]]
        return self.first(before) + self.condition_out(heard)


@dataclass(frozen=True)
class BlurConfig(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2


class Blur(Reconstructor):
    """Every pixel is guessed from those around it, and from itself."""

    why = "A blur sees every pixel that it gives back, and cannot generate."

    def __init__(self, config: BlurConfig) -> None:
        super().__init__(config)
        self.out = nn.Conv2d(self.spec.channels, self.likelihood.parameters, 3, padding=1)

    def reconstruct(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        self.checked_condition(condition, len(x))
        return self.out(self.scaled(x)).flatten(2).transpose(1, 2)


VARIANTS = [
    Variant(
        "toy-vocoder",
        Vocoder,
        VocoderConfig(),
        Recipe(data="speech", preparation="mu-law-256", epochs=2, batch=4),
        "Guesses a sample from its frame",
    ),
    Variant("toy-blur", Blur, BlurConfig(), Recipe(epochs=2, batch=10), "Guesses from around"),
]
