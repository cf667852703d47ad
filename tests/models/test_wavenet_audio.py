"""WaveNet for sound, where it is more than any model of the zoo:
of open length, and given what is to be heard."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import models
from models.wavenet_audio import WaveNet

TOLERANCE = 1e-4
KINDS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a class": {"classes": 3},
    "a spectrogram": {"mels": 5, "hop": 8, "upsampling": (2, 2, 2)},
}


def small(**overrides: Any) -> WaveNet:
    """It looks 63 samples back; weights drawn from a seed, and none of them zero."""
    torch.manual_seed(0)
    model = models.build(
        "wavenet",
        **{"levels": 16, "width": 8, "skip": 8, "dilations": (1, 2, 4, 8, 16) * 2, **overrides},
    )
    assert isinstance(model, WaveNet)
    for p in model.parameters():
        if p.abs().max() == 0:
            torch.nn.init.normal_(p, std=0.5)
    return model.eval().requires_grad_(False)


def sound(batch: int, length: int, seed: int = 1) -> Tensor:
    """Random codes, (B, 1, T)."""
    return torch.randint(16, (batch, 1, length), generator=torch.Generator().manual_seed(seed))


def condition(model: WaveNet, batch: int) -> Tensor | None:
    if model.config.mels:
        return torch.rand(batch, 5, 30, generator=torch.Generator().manual_seed(2))
    return torch.arange(batch) - 1 if model.config.classes else None


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def model(request: pytest.FixtureRequest) -> WaveNet:
    return small(**request.param)


def test_what_is_heard_first_does_not_depend_on_how_long_it_goes_on(model: WaveNet) -> None:
    x, given = sound(2, 200), condition(model, 2)
    whole = model.conditionals(x, given)
    assert whole.shape == (2, 200, 16)
    for length in (1, 63, 130):
        torch.testing.assert_close(
            model.conditionals(x[:, :, :length], given), whole[:, :length], rtol=0, atol=1e-5
        )


def test_the_receptive_field_is_as_far_as_a_change_is_heard() -> None:
    model = small(dilations=(1, 2, 4, 1, 2)).double()
    assert model.receptive_field == 11
    x = sound(1, 200)
    changed = x.clone()
    changed[0, 0, 100] ^= 1
    heard = (model.conditionals(x) != model.conditionals(changed))[0].any(1).nonzero().flatten()
    assert heard.tolist() == list(range(101, 112))
    assert model.dependencies().shape == (12, 12)
    assert model.dependencies()[11].tolist() == [True] * 11 + [False]


@torch.inference_mode()
def test_the_stepper_goes_on_for_as_long_as_it_is_asked(model: WaveNet) -> None:
    # longer than the stepper has room for at first, and than the spectrogram
    x, given = sound(3, 700), condition(model, 3)
    expected = model.conditionals(x, given)
    stepper = model.stepper(3, given)
    for t in range(700):
        torch.testing.assert_close(stepper.conditional(), expected[:, t], rtol=0, atol=TOLERANCE)
        stepper.commit(x[:, :, t])


@torch.inference_mode()
def test_a_long_beginning_is_taken_and_gone_back_to(model: WaveNet) -> None:
    x, given = sound(2, 900), condition(model, 2)
    expected = model.conditionals(x, given)
    stepper = model.stepper(2, given)
    stepper.prime(x, 850)
    for back in (850, 700, 320, 63, 62, 5):
        stepper.rewind(back)
        for t in range(back, back + 40):
            torch.testing.assert_close(
                stepper.conditional(), expected[:, t], rtol=0, atol=TOLERANCE
            )
            stepper.commit(x[:, :, t])


@torch.inference_mode()
def test_takes_of_one_beginning_keep_the_condition_of_each(model: WaveNet) -> None:
    x, given, rows = sound(2, 400), condition(model, 2), torch.tensor([1, 0, 1])
    expected = model.conditionals(x, given)[rows]
    stepper = model.stepper(2, given)
    stepper.prime(x, 318)
    stepper.select(rows)
    for t in range(318, 330):
        torch.testing.assert_close(stepper.conditional(), expected[:, t], rtol=0, atol=TOLERANCE)
        stepper.commit(x[rows, :, t])


def test_only_the_receptive_field_is_computed_for_a_beginning() -> None:
    model = small()
    lengths: list[int] = []
    model.layers[0].register_forward_hook(
        lambda layer, inputs, _: lengths.append(inputs[0].shape[1])
    )
    model.stepper(1).prime(sound(1, 5000), 5000)
    assert lengths == [62]


def test_silence_surrounds_a_spectrogram() -> None:
    model = small(**KINDS["a spectrogram"])
    x, frames = sound(1, 200), torch.rand(1, 5, 10)
    silence = torch.zeros(1, 5, 40)
    longer = torch.cat([frames, silence], 2)
    torch.testing.assert_close(model.log_prob(x, frames), model.log_prob(x, longer))
    assert torch.equal(model.log_prob(x), model.log_prob(x, silence))


def test_a_stretch_of_what_a_spectrogram_says_is_what_it_is_in_the_whole() -> None:
    model = small(**KINDS["a spectrogram"])
    frames = torch.rand(2, 5, 40)
    whole = model.gates(frames, 2, 0, 320)
    assert whole is not None
    assert whole.shape == (2, 320, 10, 16)
    for start, count in ((0, 50), (101, 7), (250, 70)):
        part = model.gates(frames, 2, start, count)
        torch.testing.assert_close(part, whole[:, start : start + count], rtol=0, atol=1e-5)


def test_a_sample_takes_account_of_later_frames_too() -> None:
    model = small(**KINDS["a spectrogram"])
    x, frames = sound(1, 80), torch.rand(1, 5, 10)
    other = frames.clone()
    other[:, :, 5] += 1  # of the samples from 40 on
    heard = (
        (model.conditionals(x, frames) != model.conditionals(x, other))[0]
        .any(1)
        .nonzero()
        .flatten()
    )
    assert 8 < heard.min() < 40


def test_it_has_its_own_order() -> None:
    model, x = small(), sound(1, 20)
    assert torch.equal(model.log_prob(x, order=torch.arange(20)), model.log_prob(x))
    with pytest.raises(ValueError, match="own order"):
        model.log_prob(x, order=torch.arange(20).flip(0))


def test_it_is_as_large_as_the_benchmark_says() -> None:
    assert 170_000 < models.build("wavenet").parameter_count < 180_000


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"shape": (2, None)}, "one channel"),
        ({"width": 0}, "width is 0"),
        ({"dilations": ()}, "dilations has 0 values"),
        ({"classes": 2, "mels": 5}, "not both"),
        ({"mels": -3}, "mels is -3"),
        ({"hop": 7}, "make a hop: 7"),
        ({"hop": 4, "upsampling": (1, 1, 4)}, "a stride of 1 lengthens nothing"),
    ],
)
def test_what_cannot_be_built_is_reported_in_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        models.build("wavenet", **settings)
