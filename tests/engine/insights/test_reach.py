"""What a conditional can depend on, by structure: of the whole network and after each layer."""

from __future__ import annotations

import gc
import itertools
import weakref

import numpy as np
import pytest
import torch
from torch import nn

import models
from studio.engine.insights import reach
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from tests.example_model import NADE, Config
from tests.models.zoo import NAMES, PICTURES, small
from tests.thorough import some_of

SPACE = (1, 5, 6)
SITE = 26


@pytest.mark.parametrize("name", NAMES)
def test_the_reach_of_every_site_is_what_the_model_says(name: str) -> None:
    model = small(name)
    order, expected = model.order.numpy(), model.dependencies().numpy()
    for rank, site in enumerate(order):
        assert np.array_equal(reach.reach(model, order, site)[order], expected[rank])


@pytest.mark.parametrize("name", some_of(PICTURES))
def test_layer_by_layer_it_never_shrinks_and_ends_where_the_whole_network_reaches(
    name: str,
) -> None:
    model = small(name, SPACE)
    order, count = model.order.numpy(), len(reach.layers(model))
    steps = [reach.reach(model, order, SITE, after) for after in range(1, count + 1)]
    assert all((earlier <= later).all() for earlier, later in itertools.pairwise(steps))
    if steps:
        assert np.array_equal(steps[-1], reach.reach(model, order, SITE))


@pytest.mark.parametrize("name", some_of(PICTURES))
def test_all_layers_together_see_what_the_model_says_by_their_gradient_alone(name: str) -> None:
    model = small(name, SPACE)
    count = len(reach.layers(model))
    if count:
        found = reach._after(model, SITE, count)
        found[SITE] = False  # a key of attention knows its own pixel, for those that come later
        assert np.array_equal(found, reach.reach(model, model.order.numpy(), SITE))


def test_the_first_layer_sees_no_further_than_its_kernel() -> None:
    model = small("pixelcnn", (1, 9, 9), kernel=3)
    seen = reach.reach(model, model.order.numpy(), 40, after=1)
    assert np.flatnonzero(seen).tolist() == [30, 31, 32, 39]


def test_every_layer_takes_a_waveform_of_pixels_further_back() -> None:
    model = small("wavenet-pixels", (1, 1, 16), dilations=(1, 2, 4))
    counts = [reach.reach(model, model.order.numpy(), 15, after).sum() for after in (1, 2, 3, 4)]
    assert counts == [1, 2, 4, 8]


def blind(name: str) -> set[tuple[int, int]]:
    """The rows and columns from a pixel in the middle of an earlier one that is not seen, within
    three rows above."""
    model = small(name, (1, 20, 20))
    site = 12 * 20 + 10
    seen = reach.reach(model, model.order.numpy(), site).reshape(20, 20)
    return {(up, right) for up in (1, 2, 3) for right in range(-9, 10) if not seen[12 - up, 10 + right]}


def test_the_plain_pixelcnn_has_a_blind_spot_to_the_right_above() -> None:
    assert blind("pixelcnn") == {
        (up, right) for up in (1, 2, 3) for right in range(-9, 10) if right > 3 * up
    }


def test_two_stacks_have_none() -> None:
    assert not blind("pixelcnn-two-stack")


def test_a_network_of_units_that_see_the_whole_picture_has_no_layers() -> None:
    assert reach.layers(small("made")) == ()


def test_of_a_block_the_parts_are_no_layers() -> None:
    assert reach.layers(small("pixelcnn", blocks=1)) == ("first", "blocks.0", "head", "out")


def test_a_map_of_the_condition_is_no_layer() -> None:
    assert reach.layers(small("gated-pixelcnn-map", dilations=(1,)))[0] == "layers.0"


def test_a_model_of_another_package_reaches_what_it_says() -> None:
    model = NADE(Config(shape=(1, 3, 3))).requires_grad_(False)
    assert reach.layers(model) == ()
    assert np.array_equal(reach.reach(model, np.arange(9), 4), np.arange(9) < 4)


def test_dependencies_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small("pixelcnn")
    first = reach.dependencies(model)
    monkeypatch.setattr(model, "dependencies", lambda: pytest.fail("asked again"))
    assert reach.dependencies(model) is first


def test_nothing_is_kept_of_a_model_that_is_gone() -> None:
    model = small("pixelcnn")
    reach.reach(model, model.order.numpy(), SITE, after=1)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_more_sites_than_fit_are_refused_before_anything_is_allocated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = small("pixelcnn")
    monkeypatch.setattr(memory, "free", lambda device: 1000)
    with pytest.raises(StudioError, match="receptive field"):
        reach.dependencies(model)


def test_the_weights_of_a_model_stay_what_they_are() -> None:
    model = small("pixelcnn")
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    reach.reach(model, model.order.numpy(), SITE, after=1)
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_vectors_are_found_however_they_are_laid_out() -> None:
    x = torch.arange(24.0).view(1, 2, 3, 4)  # (1, C, H, W)
    expected = x[0, :, 1, 2]
    laid_out = [x, x.movedim(1, 3), x.flatten(2).mT, x.flatten(2).permute(2, 0, 1)]
    found = reach.vectors_at((laid_out, "no tensor"), (3, 4), 6, 6)
    assert all(torch.equal(each, expected) for each in found)
    assert len(found) == 4


def test_the_network_apart_shares_its_weights() -> None:
    model = models.build("made", shape=(1, 2, 2), hidden=4)
    twin = reach.apart(model)
    assert all(mine is other for mine, other in zip(model.parameters(), twin.parameters(), strict=True))
    assert isinstance(twin, nn.Module)
    assert twin is not model
