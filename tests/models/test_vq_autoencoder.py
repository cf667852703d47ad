"""The discrete autoencoder: pictures of any size become codes and come back, and it learns to."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

import models
from models.vq_autoencoder import VQAutoencoder

SHAPES = [((3, 32, 32), 256), ((3, 64, 64), 256), ((1, 28, 28), 2), ((1, 7, 6), 4), ((1, 1, 8), 2)]


def small(
    shape: tuple[int, int, int] = (3, 8, 8), levels: int = 256, **settings: object
) -> VQAutoencoder:
    torch.manual_seed(0)
    model = models.build(
        "vq-autoencoder", shape=shape, levels=levels, **{"width": 8, "blocks": 1, **settings}
    )
    assert isinstance(model, VQAutoencoder)
    return model.eval()


def pictures(model: VQAutoencoder, batch: int, seed: int = 1) -> Tensor:
    size = (batch, model.spec.channels, *model.spec.space)
    return torch.randint(model.spec.levels, size, generator=torch.Generator().manual_seed(seed))


def flat(model: VQAutoencoder) -> Tensor:
    """Pictures of one colour each, which are easy to learn."""
    colours = pictures(model, 32)[:, :, :1, :1]
    return colours.expand(-1, -1, *model.spec.space)


@pytest.mark.parametrize(("shape", "levels"), SHAPES)
def test_a_picture_of_any_size_becomes_a_grid_of_codes_and_a_picture_again(
    shape: tuple[int, int, int], levels: int
) -> None:
    model = small(shape, levels)
    x = pictures(model, 2)
    codes = model.encode(x)
    grid = (1, math.ceil(shape[1] / 4), math.ceil(shape[2] / 4))
    assert (codes.shape[1:], codes.dtype) == (grid, torch.int64)
    assert (model.codes.shape, model.codes.levels) == (grid, 240)
    assert 0 <= codes.min() <= codes.max() < 240
    made = model.decode(codes)
    assert (made.shape, made.dtype) == (x.shape, torch.int64)
    assert 0 <= made.min() <= made.max() < levels
    assert model.reconstruct(x).shape == (2, shape[1] * shape[2], model.likelihood.parameters)


def test_what_is_decoded_is_the_middle_of_what_it_says_of_every_pixel() -> None:
    model = small()
    x = pictures(model, 2)
    means = model.reconstruct(x)[:, :, 1:4].transpose(1, 2).unflatten(2, (8, 8))
    torch.testing.assert_close(
        model.decode(model.encode(x)).float(), (means * 127.5 + 127.5).round().clamp(0, 255)
    )


def test_where_a_code_is_not_known_its_patch_is_grey_and_others_do_not_look_at_it() -> None:
    model = small((1, 8, 16))
    codes = model.encode(pictures(model, 1))
    known = torch.ones(1, 1, 2, 4, dtype=torch.bool)
    known[..., 1, 2] = False
    made = model.decode(codes, known)
    assert (made[0, 0, 4:, 8:12] == 128).all()
    assert not (made[0, 0, :4] == 128).all()
    codes[..., 1, 2] = (codes[..., 1, 2] + 1) % 240
    assert torch.equal(model.decode(codes, known), made)


def test_a_training_of_a_moment_lowers_what_it_is_measured_by() -> None:
    model = small(codes=64)
    x = flat(model)
    with torch.no_grad():
        before = float(model.figures(x)[model.measure].mean())
    optimiser = torch.optim.Adam(model.train().parameters(), lr=1e-2)
    for step in range(20):
        optimiser.zero_grad()
        model.loss(x, generator=torch.Generator().manual_seed(step)).backward()
        optimiser.step()
    with torch.no_grad():
        after = model.eval().figures(x)
    assert float(after[model.measure].mean()) < before - 0.5
    assert float(after["squared_error"].mean()) < 0.06


def test_its_figures_are_of_the_picture_given_its_codes() -> None:
    model = small()
    x = pictures(model, 3)
    figures = model.figures(x)
    nats = -model.likelihood.log_prob(model.reconstruct(x), x.flatten(2).transpose(1, 2)).sum(1)
    torch.testing.assert_close(figures["reconstruction_bits"], nats / (192 * math.log(2)))
    off = (model.decode(model.encode(x)) - x) / 255
    torch.testing.assert_close(
        figures["squared_error"], off.square().flatten(1).mean(1), atol=1e-3, rtol=0
    )


def test_a_step_hides_some_codes_of_some_pictures_and_counts_the_others_for_them() -> None:
    model = small((1, 16, 16))
    shown = model._some_shown(4000, torch.Generator().manual_seed(0)).flatten(1)
    whole = shown.all(1)
    assert whole.float().mean().item() == pytest.approx(0.75, abs=0.05)
    assert shown[:, 0].all()
    running = (shown.int().diff(dim=1) <= 0).all(1) & ~whole
    assert running.sum() > 400, "the first ones, as while it is drawn"
    assert (~running & ~whole).sum() > 300, "any"


def test_every_weight_is_learnt_and_everything_stays_on_the_device() -> None:
    model = small()
    model.loss(pictures(model, 4), generator=torch.Generator()).backward()
    assert all(p.grad is not None for p in model.parameters())
    far = small().to("meta")
    x = torch.zeros(2, 3, 8, 8, dtype=torch.long, device="meta")
    known = torch.ones(1, 1, 2, 2, dtype=torch.bool, device="meta")
    assert far.decode(far.encode(x), known).device.type == "meta"
    assert far.loss(x, generator=torch.Generator()).device.type == "meta"


def test_it_takes_no_condition_and_only_patches_that_can_be_halved() -> None:
    model = small()
    with pytest.raises(ValueError, match="takes no class"):
        model.reconstruct(pictures(model, 2), torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="patch is 3, but must be 1, 2, 4, 8 or 16"):
        small(patch=3)


def test_what_it_makes_of_a_picture_is_what_its_codes_stand_for() -> None:
    model = small()
    x = pictures(model, 2)
    assert torch.equal(model.restored(x), model.decode(model.encode(x)))
    assert torch.equal(model.corrupt(x, model.scored_corruption), x), "it is shown no noise"
