"""What a conditional can depend on, by structure: of the whole network and after each layer."""

from __future__ import annotations

import gc
import itertools
import weakref

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
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
    whole = reach.reach(model, order, SITE)
    steps = [reach.reach(model, order, SITE, after) for after in range(1, count, 4)]
    assert all((now <= later).all() for now, later in itertools.pairwise([*steps, whole]))
    if count:
        found = reach._after(model, SITE, count)  # by the gradient alone, not by what it says
        found[SITE] = False  # a key of attention knows its own pixel, for those that come later
        assert np.array_equal(found, whole)


def test_the_first_layer_sees_no_further_than_its_kernel() -> None:
    model = small("pixelcnn", (1, 9, 9), kernel=3)
    seen = reach.reach(model, model.order.numpy(), 40, after=1)
    assert np.flatnonzero(seen).tolist() == [30, 31, 32, 39]


def test_every_layer_takes_a_waveform_of_pixels_further_back() -> None:
    model = small("wavenet-pixels", (1, 1, 16), dilations=(1, 2, 4))
    counts = [reach.reach(model, model.order.numpy(), 15, after).sum() for after in (1, 2, 3, 4)]
    assert counts == [1, 2, 4, 8]


def names(model: AutoregressiveModel) -> list[str]:
    return [group[0].name for group in reach.layers(model)]


def blind(name: str) -> set[tuple[int, int]]:
    """The rows and columns from a pixel in the middle of an earlier one that is not seen, within
    three rows above."""
    model = small(name, (1, 20, 20))
    site = 12 * 20 + 10
    seen = reach.reach(model, model.order.numpy(), site).reshape(20, 20)
    near = itertools.product((1, 2, 3), range(-9, 10))
    return {(up, right) for up, right in near if not seen[12 - up, 10 + right]}


def test_the_plain_pixelcnn_has_a_blind_spot_to_the_right_above() -> None:
    wedge = itertools.product((1, 2, 3), range(-9, 10))
    assert blind("pixelcnn") == {(up, right) for up, right in wedge if right > 3 * up}


def test_two_stacks_have_none() -> None:
    assert not blind("pixelcnn-two-stack")


def test_a_network_of_units_that_see_the_whole_picture_has_no_layers() -> None:
    assert reach.layers(small("made")) == ()


def test_of_a_block_the_parts_are_no_layers() -> None:
    assert names(small("pixelcnn", blocks=1)) == ["first", "blocks.0", "head", "out"]


def test_a_map_of_the_condition_is_no_layer() -> None:
    assert names(small("gated-pixelcnn-map", dilations=(1,)))[0] == "layers.0"


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
