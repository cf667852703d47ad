"""The stepper that every model has for nothing: a full pass a site, and right for each kind of
model: with a class, a painting or a spectrogram, in any order, and of open length."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import models
from models.interface import AutoregressiveModel
from models.stepping import PrefixStepper
from tests.models.zoo import conditions, pictures, small

NAMES = ["gated-pixelcnn-class", "gated-pixelcnn-map", "wavenet-mel", "pixelsnail-zigzag"]


def prefix_stepper(
    model: AutoregressiveModel, condition: Tensor | None, order: Tensor | None = None
) -> PrefixStepper:
    checked = model.checked_condition(condition, 3)
    return PrefixStepper(model, 3, checked, model.checked_order(order))


@pytest.mark.parametrize("name", NAMES)
@torch.inference_mode()
def test_it_follows_its_model_from_site_to_site(name: str) -> None:
    model = small(name, (1, 3, 4), 4)
    x, condition = pictures(model, 3), conditions(model, 3)
    expected = model.conditionals(x, condition)
    stepper = prefix_stepper(model, condition)
    for site, values in enumerate(model.sites(x).unbind(1)):
        torch.testing.assert_close(stepper.conditional(), expected[:, site], rtol=0, atol=1e-4)
        stepper.commit(values)


@torch.inference_mode()
def test_it_follows_an_order_that_it_is_given() -> None:
    model = small("made-any-order", (2, 3, 3), 4)
    x, order = pictures(model, 3), torch.randperm(9)
    stepper = prefix_stepper(model, None, order)
    expected = model.conditionals(x, order=order)
    for site, values in enumerate(model.sites(x, order).unbind(1)):
        torch.testing.assert_close(stepper.conditional(), expected[:, site], rtol=0, atol=1e-4)
        stepper.commit(values)


@torch.inference_mode()
def test_it_goes_on_without_an_end_where_the_length_is_open() -> None:
    torch.manual_seed(0)
    model = models.build("wavenet", width=4, skip=4, dilations=(1, 2, 4))
    assert isinstance(model, AutoregressiveModel)
    x = torch.randint(256, (3, 1, 30))
    stepper = prefix_stepper(model, None)
    stepper.prime(x, 10)
    for site in range(10, 20):
        stepper.commit(x[:, :, site])
    torch.testing.assert_close(stepper.conditional(), model.conditionals(x)[:, 20])


@torch.inference_mode()
def test_rows_that_are_selected_keep_their_condition() -> None:
    model = small("gated-pixelcnn-class", (1, 3, 4))
    x, labels, rows = pictures(model, 3), torch.tensor([4, -1, 7]), torch.tensor([2, 2, 0, 1])
    stepper = prefix_stepper(model, labels)
    stepper.prime(x, 7)
    stepper.select(rows)
    expected = model.conditionals(x[rows], labels[rows])[:, 7]
    torch.testing.assert_close(stepper.conditional(), expected)


@torch.inference_mode()
def test_what_is_rewound_is_forgotten() -> None:
    model = small("pixelcnn", (1, 3, 4))
    x = pictures(model, 3)
    stepper = prefix_stepper(model, None)
    stepper.prime(x, 9)
    stepper.rewind(4)
    assert stepper.position == 4
    torch.testing.assert_close(stepper.conditional(), model.conditionals(x)[:, 4])
    with pytest.raises(ValueError, match="cannot rewind to 5"):
        stepper.rewind(5)
