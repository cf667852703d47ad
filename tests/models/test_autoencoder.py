"""The autoencoder: what it sees, how it is corrupted,
what it learns; and that it claims no likelihood."""

from __future__ import annotations

import math

import pytest
import torch

import models
from models.autoencoder import Autoencoder

SHAPES = [((1, 28, 28), 2), ((1, 7, 6), 2), ((3, 4, 5), 4), ((2, 1, 2), 3), ((1, 9, 8), 256)]


def small(
    shape: tuple[int, int, int] = (1, 7, 6), levels: int = 2, **settings: object
) -> Autoencoder:
    torch.manual_seed(0)
    model = models.build(
        "autoencoder", shape=shape, levels=levels, **({"hidden": (32, 16), "code": 8} | settings)
    )
    assert isinstance(model, Autoencoder)
    return model.eval()


def pictures(model: Autoencoder, batch: int, seed: int = 1) -> torch.Tensor:
    size = (batch, model.spec.channels, *model.spec.space)
    return torch.randint(model.spec.levels, size, generator=torch.Generator().manual_seed(seed))


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_it_is_listed_but_not_among_those_that_generate() -> None:
    assert "autoencoder" in models.available()
    assert "autoencoder" not in models.autoregressive()
    model = small()
    assert not isinstance(model, models.AutoregressiveModel)
    assert not model.autoregressive
    assert "cannot generate" in model.why
    assert not hasattr(model, "log_prob")


def test_its_output_at_a_pixel_has_seen_that_pixel_and_later_ones_so_it_is_no_conditional() -> None:
    """What `test_zoo` forbids every model that generates:
    gradients from a site to itself and to sites after it."""
    model = small().double()
    seen = torch.zeros(42, 42, dtype=torch.bool)
    for trial in range(6):
        x = (pictures(model, 4, seed=trial).double() + torch.rand(4, 1, 7, 6) / 2).requires_grad_()
        params = model.reconstruct(x)
        for site in range(42):
            (gradient,) = torch.autograd.grad(params[:, site].square().sum(), x, retain_graph=True)
            seen[site] |= gradient.flatten(2).abs().amax((0, 1)) > 0
    assert seen.diagonal().all()
    assert seen.triu(1).any()
    assert seen.all(), "every pixel sees the whole picture"


def test_its_outputs_multiplied_are_no_distribution() -> None:
    model = small((1, 2, 4), noise=0.0, boxes=0.0)
    everything = (torch.arange(256)[:, None] >> torch.arange(8) & 1).view(-1, 1, 2, 4)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    # by its own loss it becomes a copying machine, sure of every picture that it is shown
    for _ in range(150):
        optimiser.zero_grad()
        model.loss(everything, generator=noise()).backward()
        optimiser.step()
    products = model.likelihood.log_prob(
        model.reconstruct(everything), everything.flatten(2).transpose(1, 2)
    ).sum(1)
    assert products.exp().sum() > 2


@pytest.mark.parametrize(("shape", "levels"), SHAPES)
def test_it_gives_parameters_of_every_site_for_any_kind_of_picture(
    shape: tuple[int, int, int], levels: int
) -> None:
    model = small(shape, levels)
    x = pictures(model, 3)
    params = model.reconstruct(x)
    assert params.shape == (3, math.prod(shape[1:]), model.likelihood.parameters)
    assert model.loss(x, generator=noise()).isfinite()
    figures = model.figures(x, generator=noise())
    assert all(values.shape == (3,) for values in figures.values())
    assert "bits_per_dim" not in figures
    assert model.measure in figures


def test_noise_replaces_its_share_of_the_pixels_by_any_level() -> None:
    model = small((2, 28, 28), 4)
    x = torch.full((50, 2, 28, 28), 1)
    noisy = model.corrupt(x, 0.4, noise())
    levels = noisy.flatten().bincount(minlength=4) / noisy.numel()
    torch.testing.assert_close(levels, torch.tensor([0.1, 0.7, 0.1, 0.1]), atol=0.01, rtol=0)
    assert torch.equal(model.corrupt(x, 0.0, noise()), x)
    assert torch.equal(model.corrupt(x, 0.4, noise()), noisy)
    assert not torch.equal(model.corrupt(x, 0.4, noise(1)), noisy)
    both = (noisy != 1).any(1)
    assert both.float().mean().item() == pytest.approx(0.4 * (1 - 1 / 16), abs=0.01), (
        "a pixel is hit with all its channels"
    )


def test_training_shows_whole_pictures_noise_up_to_a_share_and_blank_boxes() -> None:
    model = small((1, 28, 28), noise=0.5, boxes=0.0)
    x = torch.ones(2000, 1, 28, 28, dtype=torch.long)
    corrupted = (model.shown(x, noise()) != x).flatten(1).float().mean(1)
    assert (corrupted == 0).float().mean().item() == pytest.approx(0.2, abs=0.03)
    assert 0.2 < corrupted.max() < 0.3, "half of the replaced pixels happen to keep their level"
    boxed = small((1, 28, 28), noise=0.0, boxes=0.5).shown(x, noise())
    blank = (boxed == 0).flatten(1).float().mean(1)
    assert (blank > 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert blank.max() <= 0.25 + 0.05
    first = boxed[blank.argmax(), 0] == 0
    assert torch.equal(first, first.any(1)[:, None] & first.any(0)), "a box is a box"


def test_without_noise_and_boxes_it_is_a_plain_autoencoder() -> None:
    model = small(noise=0.0, boxes=0.0)
    x = pictures(model, 20)
    assert torch.equal(model.shown(x, noise()), x)


def test_its_figures_are_of_the_whole_picture_given_a_corrupted_one() -> None:
    model = small()
    x = pictures(model, 5)
    figures = model.figures(x, generator=noise(3))
    for prefix, shown in (("", model.corrupt(x, 0.3, noise(3))), ("plain_", x)):
        p = model.likelihood.probabilities(model.reconstruct(shown))[:, :, 0, 1]
        truth = x.flatten(1)
        bits = -torch.where(truth == 1, p, 1 - p).log2().mean(1)
        torch.testing.assert_close(figures[f"{prefix}reconstruction_bits"], bits)
        torch.testing.assert_close(
            figures[f"{prefix}pixels_right"], ((p > 0.5) == truth).float().mean(1)
        )


def test_every_weight_is_learnt_and_everything_stays_on_the_device() -> None:
    model = small()
    model.loss(pictures(model, 4), generator=noise()).backward()
    assert all(p.grad is not None for p in model.parameters())
    far = small().to("meta")
    x = torch.zeros(2, 1, 7, 6, dtype=torch.long, device="meta")
    assert far.reconstruct(x).device.type == "meta"
    assert far.loss(x, generator=noise()).device.type == "meta"


def test_it_can_be_built_again_and_takes_no_condition() -> None:
    model = small((1, 5, 5), 3, hidden=(16, 8), code=4)
    again = models.build(model.name, **model.config.to_dict())
    again.load_state_dict(model.state_dict())
    x = pictures(model, 2)
    assert isinstance(again, Autoencoder)
    assert torch.equal(again.reconstruct(x), model.reconstruct(x))
    with pytest.raises(ValueError, match="takes no class"):
        model.reconstruct(x, torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="colour_of_hair"):
        models.build("autoencoder", colour_of_hair=3)
