"""The compiled WaveNet: the codes and the distributions
of the model itself, whatever way is taken to them."""

from __future__ import annotations

import threading
import time
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from models.wavenet_audio import WaveNet
from studio.engine.audio import compiled_network
from studio.engine.audio.compiled_network import BLOCK, CompiledNetwork
from tests.engine.speaking import lively

LENGTH = BLOCK + 200


def dilated_kernel() -> ModuleType:
    from studio.engine.audio import dilated_kernel

    return dilated_kernel


KINDS: dict[str, dict[str, Any]] = {
    "as it is shipped": {},
    "a class": {"classes": 3},
    "a spectrogram": {"mels": 5, "hop": 8, "upsampling": (2, 2, 2), "map_width": 6},
    "no multiple of the lanes": {"levels": 21, "width": 6, "skip": 9, "dilations": (1, 2, 3, 7)},
    "wider than the blocks": {"levels": 100, "width": 48, "skip": 112, "dilations": (1, 2, 4, 8)},
    "one layer": {"levels": 3, "dilations": (5,)},
}


def condition(model: WaveNet) -> torch.Tensor | None:
    if model.config.mels:
        # not as long as what is heard
        return torch.rand(1, 5, 40, generator=torch.Generator().manual_seed(2))
    return torch.tensor([1]) if model.config.classes else None


def noise(length: int = LENGTH, seed: int = 0) -> np.ndarray:
    return torch.rand(length, generator=torch.Generator().manual_seed(seed)).numpy()


@pytest.fixture(scope="module")
def small() -> CompiledNetwork:
    return CompiledNetwork(lively(levels=21, width=6, skip=9, dilations=(1, 2, 4, 8)))


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def model(request: pytest.FixtureRequest) -> WaveNet:
    return lively(**request.param)


@torch.inference_mode()
def test_the_same_noise_gives_the_codes_of_the_stepper(model):
    stepper, drawn = model.stepper(1, condition(model)), []
    for uniform in torch.from_numpy(noise()).split(1):
        values = model.likelihood.sample(stepper.conditional(), uniform[None])
        stepper.commit(values)
        drawn.append(int(values))
    codes = CompiledNetwork(model).stream(condition(model)).run(noise())
    assert codes.dtype == np.uint8
    np.testing.assert_array_equal(codes, drawn)


@torch.inference_mode()
def test_every_distribution_is_that_of_the_parallel_pass(model):
    codes = torch.randint(model.spec.levels, (LENGTH,), generator=torch.Generator().manual_seed(5))
    expected = model.conditionals(codes[None, None], condition(model))[0].softmax(-1)
    logits = CompiledNetwork(model).stream(condition(model)).follow(codes.numpy())
    torch.testing.assert_close(torch.from_numpy(logits).softmax(-1), expected, rtol=0, atol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize(
    "sampling",
    [
        (0.0, 0, 1.0),
        (0.6, 0, 1.0),
        (1.5, 0, 1.0),
        (1.0, 1, 1.0),
        (1.0, 5, 1.0),
        (1.0, 0, 0.7),
        (0.9, 15, 0.9),
    ],
)
def test_temperature_top_k_and_top_p_are_those_of_the_likelihood(small, sampling):
    codes = small.stream().run(noise(), *sampling)
    params = small.model.conditionals(torch.from_numpy(codes.astype(np.int64))[None, None])[0]
    drawn = small.model.likelihood.sample(params, torch.from_numpy(noise())[:, None], *sampling)
    np.testing.assert_array_equal(codes, drawn[:, 0])


def test_noise_at_either_end_draws_a_level_that_can_be_drawn(small):
    least, most = np.zeros(LENGTH, np.float32), np.full(LENGTH, 1 - 2**-24, np.float32)
    for noise in (least, most):
        codes = small.stream().run(noise, top_k=2)
        logits = small.stream().follow(codes)
        assert (logits[np.arange(LENGTH), codes] >= np.sort(logits)[:, -2]).all()


def test_stretch_by_stretch_is_the_same_as_at_once(model):
    engine = CompiledNetwork(model)
    stream, whole = engine.stream(condition(model)), engine.stream(condition(model)).run(noise())
    parts = [stream.run(part) for part in np.split(noise(), [1, 8, 200, BLOCK, BLOCK + 1])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert stream.position == LENGTH


@pytest.mark.parametrize("count", [0, 1, 50, 500, LENGTH])
def test_a_beginning_is_gone_on_with_as_if_it_had_been_drawn(small, count):
    codes = small.stream().run(noise())
    stream = small.stream()
    stream.run(noise(300, seed=1))  # forgotten
    stream.prime(codes[:count])
    assert stream.position == count
    np.testing.assert_array_equal(stream.run(noise()[count:]), codes[count:])


def test_of_a_long_beginning_only_what_can_be_seen_is_gone_through(small):
    codes = np.random.default_rng(0).integers(0, 21, 50_000_000, np.uint8)
    began = time.perf_counter()
    small.stream().prime(codes)
    assert time.perf_counter() - began < 5  # all of it would take a minute


def test_a_spectrogram_begins_where_the_recording_began():
    model = lively(**KINDS["a spectrogram"])
    engine, given = CompiledNetwork(model), condition(model)
    codes = engine.stream(given).run(noise(300))
    stream = engine.stream(given)
    stream.prime(codes[:250])
    np.testing.assert_array_equal(stream.run(noise(300)[250:]), codes[250:])


def test_a_copy_goes_its_own_way(model):
    stream = CompiledNetwork(model).stream(condition(model))
    stream.run(noise(100))
    other = stream.copy()
    taken = other.run(noise(LENGTH, seed=1))
    again = stream.copy()
    assert (stream.run(noise(LENGTH)) != taken).any()
    np.testing.assert_array_equal(again.run(noise(LENGTH, seed=1)), taken)


def test_looking_at_the_next_distribution_changes_nothing(small):
    stream, untouched = small.stream(), small.stream()
    for part in np.split(noise(60), 20):
        expected = stream.logits()
        np.testing.assert_array_equal(stream.copy().follow(np.array([3]))[0], expected)
        np.testing.assert_array_equal(stream.run(part), untouched.run(part))


def test_the_weights_are_those_of_the_model_when_it_was_made():
    model = lively(**KINDS["no multiple of the lanes"])
    engine = CompiledNetwork(model)
    before = engine.stream().run(noise())
    for p in model.parameters():
        p.data.zero_()
    np.testing.assert_array_equal(engine.stream().run(noise()), before)


@torch.inference_mode()
def test_what_the_model_says_of_each_sample_is_told_at_any_temperature(small):
    nats = np.empty(300, np.float32)
    codes = small.stream().run(noise(300), 0.7, 5, nats=nats)
    codes = torch.from_numpy(codes.astype(np.int64))
    params = small.model.conditionals(codes[None, None])
    expected = -small.model.likelihood.log_prob(params[0], codes[:, None])
    np.testing.assert_allclose(nats, expected, atol=1e-4)


def test_weights_of_bfloat16_take_half_the_room_and_make_the_same_to_the_last_bit(monkeypatch):
    model = lively(width=64, skip=64, dilations=(1, 2, 4)).bfloat16().float()
    halved = CompiledNetwork(model)
    monkeypatch.setattr(dilated_kernel(), "can_be_halved", lambda weights: False)
    whole = CompiledNetwork(model)
    assert len(halved.weights) < 0.6 * len(whole.weights)
    codes = whole.stream().run(noise())
    np.testing.assert_array_equal(halved.stream().run(noise()), codes)
    one, other = (engine.stream().follow(codes) for engine in (whole, halved))
    assert np.array_equal(one, other)


# What cannot be.


@pytest.mark.parametrize("codes", [[21], [-1], [300]])
def test_codes_that_there_are_not_are_refused(small, codes):
    with pytest.raises(ValueError, match="from 0 to 20"):
        small.stream().prime(np.array(codes))


def test_settings_that_make_no_sense_are_refused(small):
    with pytest.raises(ValueError, match="temperature"):
        small.stream().run(noise(), temperature=-1.0)


def test_a_condition_that_does_not_fit_is_refused_before_anything_is_drawn(small):
    with pytest.raises(ValueError, match="condition"):
        small.stream(torch.tensor([1]))


def test_levels_that_are_no_codes_are_refused():
    with pytest.raises(ValueError, match="3 to 256 levels"):
        CompiledNetwork(lively(levels=2))


def test_other_threads_go_on_while_it_speaks(monkeypatch):
    # so that the compiled code is called only once
    monkeypatch.setattr(compiled_network, "BLOCK", 1 << 20)
    stream, ticks = CompiledNetwork(lively(width=64)).stream(), 0
    thread = threading.Thread(target=stream.run, args=(noise(20_000),))
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)
        ticks += 1
    assert ticks > 20  # a call that kept the interpreter would leave room for one
