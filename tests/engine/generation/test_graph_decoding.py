"""Rows of sites captured as one: recorded, with everything refused that a CUDA graph could not
hold, and compiled. On a GPU the same tests run by graphs."""

from __future__ import annotations

import copy

import pytest
import torch

from studio.engine.generation.decoders import GRAPH, decoders_for
from studio.engine.generation.graph_decoding import GraphDecoding
from studio.engine.generation.noise import noise_for
from studio.engine.runtime import courtesy
from studio.engine.runtime.graphs import UncapturableError
from tests.models.zoo import DIFFERENT, conditions, small
from tests.thorough import THOROUGH

MODELS = {name: small(name, (1, 2, 3), levels=4) for name in DIFFERENT}
CAPTURED = [name for name, model in MODELS.items() if GRAPH in decoders_for(model)]
AS_IT_IS = 1.0, 0, 1.0


def never() -> bool:
    return False


def graphs_of(model, rows: int = 2) -> GraphDecoding:
    condition = conditions(model, rows)
    return GraphDecoding(
        lambda: model.stepper(rows, condition), model.likelihood, AS_IT_IS, len(model.order)
    )


@pytest.mark.parametrize("name", CAPTURED if THOROUGH else ["pixelcnn", "made", "transformer"])
def test_the_steps_can_be_captured_where_there_are_no_values(name: str) -> None:
    """On the meta device, where a value that is asked for or a tensor from elsewhere is an error;
    that the steps of every model stay on it is proved in tests/models."""
    model = copy.deepcopy(MODELS[name]).to("meta")
    order = MODELS[name].order
    model.register_buffer("order", order.to("meta"), persistent=False)
    assert graphs_of(model).capture(never)


@pytest.fixture(
    params=["cpu", pytest.param("cuda", marks=pytest.mark.cuda)],
)
def device(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("name", CAPTURED)
@torch.inference_mode()
def test_run_again_they_draw_what_other_noise_draws_step_by_step(name: str, device: str) -> None:
    model = copy.deepcopy(MODELS[name]).to(device)
    graphs, sites = graphs_of(model), len(model.order)
    assert graphs.capture(never)
    held = torch.zeros(sites, 2, dtype=torch.bool, device=device)
    values = torch.zeros(sites, 2, model.spec.channels, dtype=torch.uint8, device=device)
    differing = 0
    for seed in (3, 4):
        noise = noise_for(model, 2, seed).to(device).transpose(0, 1)[model.order]
        settled, owner = values[:0], object()
        while len(settled) < sites:
            drawn, _ = graphs.run(owner, noise, settled, held, values)
            settled = torch.cat([settled, drawn.to(torch.uint8)])
        stepper = model.stepper(2, conditions(model, 2))
        for site in range(sites):
            wanted = model.likelihood.sample(stepper.conditional(), noise[site])
            differing += int((settled[site] != wanted).sum())
            stepper.commit(settled[site].long())
    # on a GPU the noise may fall into what two kernels leave apart
    assert differing <= (device != "cpu")


def test_a_step_that_waits_is_refused_by_name() -> None:
    model = small("made", (1, 2, 3), levels=4)
    sample = model.likelihood.sample

    def waiting(params, noise, *sampling):
        return sample(params, noise, *sampling) if params.sum().item() else params

    model.likelihood.sample = waiting  # type: ignore[method-assign]
    with pytest.raises(
        UncapturableError, match=r"waits for the device.*(item|_local_scalar_dense)"
    ):
        graphs_of(model).capture(never)


def test_capturing_stops_when_asked_to_and_goes_on_later() -> None:
    graphs = graphs_of(small("made", (1, 3, 3), levels=4))
    asked = iter([False, True])
    assert not graphs.capture(lambda: next(asked))
    assert graphs.capture(never)


def test_capturing_gives_way_to_a_late_window_at_every_site(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(courtesy.window, "give_way", lambda: asked.append(True))
    graphs = graphs_of(model := small("made", (1, 3, 3), levels=4))
    assert graphs.capture(never)
    assert len(asked) >= len(model.order)
