"""What of a model is exported: its parallel pass, its step, what the step for sound is given of a
condition, and what makes pictures of the codes of a model of two stages. Each is a module whose
inputs and outputs are tensors with names."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from models.interface import (
    AudioModel,
    AutoregressiveModel,
    Classes,
    DilatedWeights,
    Map,
    Model,
    OrderAgnosticModel,
    Reconstructor,
    Spectrogram,
    TwoStageModel,
)
from models.stepping import PrefixStepper
from studio.engine.exports.sound_step import SoundStep
from studio.engine.exports.step_function import StepFunction, step_function
from studio.engine.runtime.errors import StudioError

_SAMPLES = 320  # of the sound that a model for sound is tried with
_FRAMES = 4  # of its spectrogram


@dataclass(frozen=True)
class Graph:
    """module: what is exported.
    inputs: an example of each, by name.
    outputs: their names.
    sizes: of the inputs, the axes whose length is left open, and what these lengths are called.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    sizes: dict[str, dict[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.module.eval()


class Conditionals(nn.Module):
    """The parameters of all sites of a picture, (B, N, P), each by those before it."""

    def __init__(self, model: AutoregressiveModel, with_order: bool) -> None:
        super().__init__()
        self.model, self.with_order = model, with_order

    def forward(self, levels: Tensor, *given: Tensor) -> Tensor:
        condition = given[0] if self.model.conditioning is not None else None
        return self.model.conditionals(levels, condition, given[-1] if self.with_order else None)


class Predictions(nn.Module):
    """The parameters of all sites that are not known, (B, N, P) by raster index."""

    def __init__(self, model: OrderAgnosticModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, levels: Tensor, known: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.model.predict(levels, known, condition)


class Reconstruction(nn.Module):
    """The parameters of all sites, (B, N, P) by raster index, of what is given back."""

    def __init__(self, model: Reconstructor) -> None:
        super().__init__()
        self.model = model

    def forward(self, levels: Tensor) -> Tensor:
        return self.model.reconstruct(levels)


class Decoder(nn.Module):
    """Codes (B, 1, h, w) -> levels of pictures, int64 (B, C, H, W)."""

    def __init__(self, model: TwoStageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, codes: Tensor) -> Tensor:
        return self.model.decode(codes)


class Gates(nn.Module):
    """What a condition (1, ...) adds before each gate of a step for sound, (1, samples or 1,
    layers, 2 * width)."""

    def __init__(self, model: AudioModel, weights: DilatedWeights) -> None:
        super().__init__()
        self.model, self.weights = model, weights

    def forward(self, condition: Tensor) -> Tensor:
        kind, count = self.model.conditioning, 1
        if isinstance(kind, Spectrogram):
            count = condition.shape[2] * kind.hop
        added = self.weights.condition(condition, 0, count)
        assert added is not None
        return added


def parallel_pass(model: Model, batch: int = 2) -> Graph:
    """The pass over whole pictures, or over sound; StudioError for a model that has none."""
    sizes = {"levels": {0: "batch"}}
    inputs = {"levels": _levels(model, batch)}
    if model.spec.sites is None:
        sizes["levels"][2] = "samples"
    if isinstance(model, Reconstructor):
        return Graph(Reconstruction(model), inputs, ("parameters",), sizes)
    if not isinstance(model, AutoregressiveModel):
        raise StudioError(f"{model.name} has no pass that could be exported.")
    module: nn.Module
    if isinstance(model, OrderAgnosticModel):
        module = Predictions(model)
        generator = torch.Generator().manual_seed(1)
        inputs["known"] = torch.rand(batch, *model.spec.space, generator=generator) < 0.5
        sizes["known"] = {0: "batch"}
    else:
        module = Conditionals(model, model.any_order)
    if (condition := example_condition(model, batch)) is not None:
        inputs["condition"] = condition
        sizes["condition"] = {0: "batch"}
        if isinstance(model.conditioning, Spectrogram):
            sizes["condition"][2] = "frames"
    if model.any_order and not isinstance(model, OrderAgnosticModel):
        inputs["order"] = model.order.clone()
    return Graph(module, inputs, ("parameters",), sizes)


def step(model: Model, batch: int = 1) -> Graph | None:
    """The step from site to site for so many rows; None for a model that computes a whole pass at
    every site. NotRecorded where its steps cannot be written down."""
    if not isinstance(model, AutoregressiveModel) or isinstance(model, OrderAgnosticModel):
        return None
    if model.spec.sites is None:
        return _sound_step(model, batch)
    condition = example_condition(model, batch)
    if isinstance(model.stepper(batch, condition), PrefixStepper):
        return None
    function = step_function(model, batch, condition)
    inputs = {"position": torch.zeros((), dtype=torch.long)}
    inputs["value"] = torch.zeros(batch, model.spec.channels, dtype=torch.long)
    if condition is not None:
        inputs["condition"] = condition
    state = [f"state_{number}" for number in range(len(function.parts))]
    inputs |= dict(zip(state, function.begin(), strict=True))
    return Graph(function, inputs, ("parameters", *(f"new_{name}" for name in state)))


def decoder(model: Model) -> Graph | None:
    """What makes pictures of codes; None for a model that has none."""
    if not isinstance(model, TwoStageModel):
        return None
    return Graph(Decoder(model), {"codes": _levels(model, 2)}, ("levels",), {"codes": {0: "batch"}})


def gates(model: Model) -> Graph | None:
    """What the step of a model for sound is given of its condition; None for all others."""
    weights = model.compiled_network() if isinstance(model, AudioModel) else None
    if not isinstance(model, AudioModel) or weights is None or model.conditioning is None:
        return None
    condition = example_condition(model, 1)
    assert condition is not None
    sizes = {"condition": {2: "frames"}} if isinstance(model.conditioning, Spectrogram) else {}
    return Graph(Gates(model, weights), {"condition": condition}, ("added",), sizes)


def kinds_of_step(graph: Graph) -> StepFunction | None:
    """Of a step that is another one at some sites: what it is at each."""
    return graph.module if isinstance(graph.module, StepFunction) else None


def example_condition(model: AutoregressiveModel, batch: int) -> Tensor | None:
    """One that a model takes; None for a model that takes none."""
    generator = torch.Generator().manual_seed(2)
    kind = model.conditioning
    if isinstance(kind, Classes):
        return (torch.arange(batch) + 1) % (kind.count + 1) - 1
    if isinstance(kind, Map):
        known = torch.rand(batch, *model.spec.space, generator=generator) < 0.3
        return model.painted(_levels(model, batch), known)
    if isinstance(kind, Spectrogram):
        return torch.rand(batch, kind.mels, _FRAMES, generator=generator)
    return None


def _sound_step(model: AutoregressiveModel, batch: int) -> Graph | None:
    weights = model.compiled_network() if isinstance(model, AudioModel) else None
    if weights is None:
        return None
    module = SoundStep(weights)
    inputs = {"before": torch.full((batch,), len(weights.table) - 1)}
    if model.conditioning is not None:
        inputs["added"] = torch.zeros(batch, len(weights.dilations), 2 * weights.width)
    state = [f"state_{number}" for number in range(len(weights.dilations))]
    inputs |= dict(zip(state, module.begin(batch), strict=True))
    sizes = {name: {1 if name in state else 0: "batch"} for name in inputs}
    return Graph(module, inputs, ("parameters", *(f"new_{name}" for name in state)), sizes)


def _levels(model: Model, batch: int) -> Tensor:
    space = (_SAMPLES,) if model.spec.sites is None else model.spec.space
    generator = torch.Generator().manual_seed(0)
    shape = (batch, model.spec.channels, *space)
    return torch.randint(model.spec.levels, shape, generator=generator)
