"""WaveNet for sound (van den Oord et al. 2016a): a waveform, sample by sample, at 256 levels.

The idea: dilated causal convolutions look back over some thousands of samples at the price of a few
layers (section 2.1, `models.layers.dilated`), a softmax over the levels of a companded sample is
the distribution of the next (section 2.2), and what is to be said can be given: a class, the same
at every sample (section 2.5, "global conditioning"), or a log-mel spectrogram, which transposed
convolutions bring to the rate of the samples ("local conditioning"), as in the vocoder of Tacotron
2 (Shen et al. 2018, section 2.3). It is known before the first sample, so the network may look
ahead in it.

Differences from the paper: the code of the sample before is looked up in a table instead of being
convolved as a one-hot vector with two taps; a row of its own says "before the beginning", so that
silence and outside differ. The network is small enough for a laptop's processor to be faster than
its sound: 2 x 10 layers of 32 channels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import LongTensor, Tensor, nn

from models.interface import AudioModel, Classes, DilatedWeights, ModelConfig, Spectrogram
from models.layers.cached import CachedStepper
from models.layers.condition_maps import FrameMap
from models.layers.dilated import Condition, DilatedLayer, DilatedNetwork, DilatedNetworkStep
from models.recipe import Recipe
from models.settings import as_text, setting
from models.variants import Publication, Variant
from models.wavenet import PAPER

_SHORTEST = (
    50.0  # radians that the shortest wave of the first table goes through in half of the levels
)
_TEN = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)  # distances that double from layer to layer
_BLOCK = 320  # samples for which what the condition says is computed at once


@dataclass(frozen=True)
class Config(ModelConfig):
    """Of a fixed shape, such as (1, 28, 28), its sites are read one after the other."""

    shape: tuple[int | None, ...] = (1, None)
    levels: int = 256
    sample_rate: int = setting(
        8000, "Samples of the sound in a second", unit="Hz", range=(1, 768_000)
    )
    width: int = setting(32, "Channels of a layer", range=(1, 4096))
    skip: int = setting(
        64, "Channels of the skip connections and between the last two layers", range=(1, 4096)
    )
    dilations: tuple[int, ...] = setting(
        _TEN * 2,
        "One layer for each: the distance between its two taps",
        unit="samples",
        range=(1, 65536),
        length=(1, 256),
    )
    classes: int = setting(0, "Classes that it can be conditioned on; 0 for none", range=(0, 65536))
    class_names: tuple[str, ...] = setting(
        (), "Names of the classes; empty: their numbers", length=(0, 65536)
    )
    mels: int = setting(
        0, "Channels of the spectrogram that it is conditioned on; 0 for none", range=(0, 1024)
    )
    hop: int = setting(80, "Length of a frame of the spectrogram", unit="samples", range=(1, 65536))
    upsampling: tuple[int, ...] = setting(
        (5, 4, 4),
        "Strides by which a frame becomes so many samples; multiplied, they make a hop",
        range=(1, 4096),
        length=(1, 16),
    )
    map_width: int = setting(
        32, "Channels of the map that the spectrogram becomes", range=(1, 4096)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape[0] != 1:
            raise ValueError("a WaveNet for sound has one channel")
        if None in self.shape and self.shape != (1, None):
            raise ValueError(f"shape is {as_text(self.shape)}, but sound of any length is 1, none")
        if self.classes and self.mels:
            raise ValueError("a WaveNet is conditioned on classes or a spectrogram, but not both")
        if self.upsampling.count(1) > 1:
            raise ValueError("a stride of 1 lengthens nothing: one at most is possible")
        if math.prod(self.upsampling) != self.hop:
            raise ValueError(f"the strides of the upsampling, multiplied, make a hop: {self.hop}")


class WaveNet(DilatedNetwork, AudioModel):
    """Dilated causal convolutions over the samples; of any length, as long as somebody listens."""

    measure = "bits_per_sample"
    OUTER_PARTS = ("first", "layers.0", "out")
    CONDITION_PARTS = ("class_gates", "condition_map", "condition_gates")
    frames_ahead = FrameMap.BEFORE
    config: Config
    first: nn.Embedding

    def __init__(self, config: Config) -> None:
        table = _table(config.levels, config.width)
        super().__init__(config, table, config.width, config.dilations, config.skip)
        self.sample_rate = config.sample_rate
        layers, gates = len(config.dilations), 2 * config.width
        # V of every layer; none at first, so that the condition is learnt last
        if config.classes:
            self.conditioning = Classes(config.classes, config.class_names)
            self.class_gates = nn.Parameter(torch.zeros(config.classes, layers, gates))
        elif config.mels:
            self.conditioning = Spectrogram(config.mels, config.hop)
            self.condition_map = FrameMap(config.mels, config.map_width, config.upsampling)
            self.condition_gates = nn.Parameter(torch.zeros(config.map_width, layers, gates))

    def condition_of(self, condition: Tensor | None, start: int, count: int) -> Condition | None:
        """s and V, where s is what the condition says of `count` samples from `start` on, (B,
        count, channels), or (B, 1, channels) where it is the same at every sample. None for a model
        that takes no condition.

        condition: see `checked_condition`.
        """
        if condition is None:
            return None
        if isinstance(self.conditioning, Spectrogram):
            return self.condition_map(condition, start, count), self.condition_gates
        assert isinstance(self.conditioning, Classes)
        classes = torch.arange(self.conditioning.count, device=self.device)
        hot = condition[:, None] == classes  # no class at all for -1
        return hot.to(self.dtype)[:, None], self.class_gates

    def gates(self, condition: Tensor | None, batch: int, start: int, count: int) -> Tensor | None:
        """V s: what it adds before the gate of every layer, (B, count or 1, layers, 2 * width);
        None for nothing. Raises ValueError where the condition does not fit the model."""
        s_and_v = self.condition_of(self.checked_condition(condition, batch), start, count)
        return None if s_and_v is None else torch.einsum("bnc,clg->bnlg", *s_and_v)

    def embedded(self, x: Tensor, before: bool = True) -> Tensor:
        """What the first layer makes of n samples, (B, n, width), from their codes (B, n): each is
        given the one before it.

        before: whether the first of them is the first of all; else n - 1 samples come of it, the
        first code is for the second.
        """
        h: Tensor = self.first(x[:, :-1])
        return torch.cat([self.first.weight[-1].expand(x.shape[0], 1, -1), h], 1) if before else h

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        codes = x.flatten(1).long()
        return self.outputs(self.embedded(codes), self.condition_of(condition, 0, codes.shape[1]))

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> WaveNetStepper:
        return WaveNetStepper(self, batch, condition)

    def compiled_network(self) -> DilatedWeights:
        layers = [cast(DilatedLayer, layer) for layer in self.layers]
        residuals = [layer.residual for layer in layers if layer.residual is not None]
        return DilatedWeights(
            table=self.first.weight,
            dilations=self.dilations,
            taps=torch.stack([layer.taps.weight for layer in layers]),
            taps_bias=torch.stack([layer.taps.bias for layer in layers]),
            residual=_stacked([layer.weight for layer in residuals], self.width, self.width),
            residual_bias=_stacked([layer.bias for layer in residuals], self.width),
            skip=self.skip.weight,
            skip_bias=self.skip.bias,
            head=self.head.weight,
            head_bias=self.head.bias,
            out=self.out.weight,
            out_bias=self.out.bias,
            condition=lambda condition, start, count: self.gates(condition, 1, start, count),
        )


def _stacked(weights: list[Tensor], *shape: int) -> Tensor:
    """(layers, *shape), also of no layer at all."""
    return torch.stack(weights) if weights else torch.zeros(0, *shape)


def _table(levels: int, width: int) -> nn.Embedding:
    """A row for each level, and at last one for "before the beginning".

    Rows of levels that are near are alike at first: each channel is a wave over the levels, from
    long ones to short ones. With rows drawn at random, 60 steps on speech came to 6.18 bits a
    sample instead of 5.51.
    """
    table = nn.Embedding(levels + 1, width)
    # radians from the middle level to the last
    waves = torch.logspace(0, math.log10(_SHORTEST), width)
    phases = 2 * math.pi * torch.rand(width)
    with torch.no_grad():
        table.weight[:levels] = (
            math.sqrt(2) * (torch.linspace(-1, 1, levels)[:, None] * waves + phases).sin()
        )
    return table


class WaveNetStepper(CachedStepper):
    """The mirror of `WaveNet._conditionals`. No site is the last: the codes, int32 (B, room), are
    made longer as they come, and all that a rewind or `prime` computes anew is the receptive field.
    """

    model: WaveNet
    _room = _BLOCK

    def _make(self) -> None:
        self._network = DilatedNetworkStep(self.model, self.memory)
        self._biases = Biases(self.model, self._network, self.batch, self.condition)
        self._table = self.model.first.weight.detach()
        self._codes = self._no_codes()

    def _no_codes(self) -> Tensor:
        return torch.zeros(self.batch, self._room, dtype=torch.int32, device=self.model.device)

    def _take(self, values: Tensor) -> None:
        if self.position == self._room:
            self._codes = torch.cat([self._codes, self._no_codes()], 1)
            self._room *= 2
        self._codes[:, self.position] = values[:, 0]

    def _step(self) -> Tensor:
        t = self.position
        beginning = torch.full_like(self._codes[:, 0], len(self._table) - 1)
        h = self._table.index_select(0, self._codes[:, t - 1] if t else beginning)
        return self._network.step(t, h, self._biases.at(t))

    def _fill(self, x: Tensor, count: int) -> None:
        self._room = _BLOCK * (count // _BLOCK + 1)
        self._codes = self._no_codes()
        self._codes[:, :count] = x.flatten(1)[:, :count]
        self._forget(count)

    def _forget(self, count: int) -> None:
        start = max(0, count + 1 - self.model.receptive_field)
        codes = self._codes[:, max(0, start - 1) : count]
        condition = self.model.condition_of(self.condition, start, count - start)
        self._network.fill(self.model.embedded(codes, before=start == 0), count, condition)

    def _select(self, rows: Tensor) -> None:
        codes = self._codes.index_select(0, rows)
        super()._select(rows)
        self._codes = codes
        self._biases = Biases(self.model, self._network, self.batch, self.condition)


class Biases:
    """What is added before the gates at each sample. What the condition says of it is computed for
    a block of samples at a time."""

    def __init__(
        self, model: WaveNet, network: DilatedNetworkStep, batch: int, condition: Tensor | None
    ) -> None:
        self._model, self._network, self._batch = model, network, batch
        self._condition, self._block = condition, -1

    def at(self, position: int) -> list[Tensor]:
        """For each layer, (2 * width,) or (B, 2 * width)."""
        block, at = divmod(position, _BLOCK)
        if block != self._block:
            gates = self._model.gates(self._condition, self._batch, block * _BLOCK, _BLOCK)
            biases = self._network.biases(gates)  # (layers, 2 * width) or (B, n, layers, 2 * width)
            biases = biases[None] if gates is None else biases.permute(1, 2, 0, 3).contiguous()
            self._samples = [list(sample.unbind(0)) for sample in biases.unbind(0)]
            self._block = block
        return self._samples[at % len(self._samples)]  # one for all, where they are alike


_RECIPE = Recipe(
    data="speech", preparation="mu-law-256", epochs=24, batch=4, rate=4e-3, muon_rate=2e-2
)

# 56 minutes at twice the rate: an epoch has 4.6 times as many samples as one of `speech`.
_RECIPE_16K = Recipe(
    data="speech-16k",
    preparation="mu-law-256",
    minutes=360,
    batch=4,
    rate=3e-3,
    muon_rate=1e-2,
)

_VOCODER = Publication(
    "Shen et al.",
    2018,
    "Natural TTS Synthesis by Conditioning WaveNet on Mel Spectrogram Predictions",
    "https://arxiv.org/abs/1712.05884",
)

VARIANTS = [
    Variant(
        "wavenet",
        WaveNet,
        Config(),
        _RECIPE,
        "Dilated causal convolutions over a waveform: sound, sample by sample",
        does=(
            "It makes sound sample by sample from the thousands before, by convolutions whose"
            " taps are twice as far apart in every layer."
        ),
        look_for="It has learnt how speech sounds, but no words: listen to it babble.",
        published=PAPER,
    ),
    Variant(
        "wavenet-mel",
        WaveNet,
        Config(mels=40),
        _RECIPE.with_changes(epochs=16, muon_rate=1e-2, start="wavenet"),  # it can speak already
        "The same, conditioned on a spectrogram of what is to be heard: a vocoder",
        does=(
            "It is given a spectrogram of what is to be heard, and makes a waveform that sounds so."
        ),
        look_for=(
            "Paint into the spectrogram, or record yourself, and hear it said by the voice"
            " that it has learnt."
        ),
        published=_VOCODER,
    ),
    Variant(
        "wavenet-16k",
        WaveNet,
        Config(
            sample_rate=16_000,
            width=64,
            skip=64,  # with 128 the compiled engine made 1.7 seconds a second, with 64 it makes 2.5
            dilations=_TEN * 3,
            hop=160,
            upsampling=(5, 4, 4, 2),
        ),
        _RECIPE_16K.with_changes(minutes=720),
        "The first, four times as large, for sound at 16 kHz",
        does=(
            "It makes sound at 16,000 samples a second, each from the 3,070 before, by three times"
            " ten convolutions."
        ),
        look_for="Let it try several takes and keep the best: some run away into noise.",
        published=PAPER,
    ),
    Variant(
        "wavenet-mel-16k",
        WaveNet,
        Config(
            sample_rate=16_000,
            width=48,
            skip=96,
            mels=80,
            hop=160,
            upsampling=(5, 4, 4, 2),
            map_width=48,
        ),
        _RECIPE_16K,
        "A vocoder at 16 kHz: it says again what a spectrogram shows, word for word",
        does=(
            "It is given a spectrogram of 80 bands, a hundred frames a second, and makes a waveform"
            " that sounds so."
        ),
        look_for="Open a test recording: its words are said again, by the voice it has learnt.",
        published=_VOCODER,
    ),
]
