"""The second stage: what it says of codes is shown by the tests of the zoo; here, what it has to do
with pictures, and where its weights come from."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import models
from models.interface import Classes, TwoStageModel
from models.vq_autoencoder import VQAutoencoder
from models.vq_prior import CodePrior
from tests.models.zoo import small


def prior(shape: tuple[int, int, int] = (1, 4, 3), **settings: Any) -> CodePrior:
    model = small("vq-prior", shape, levels=240, **settings)
    assert isinstance(model, CodePrior)
    return model


def picture(seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (2, 3, 16, 12), generator=generator)


def test_its_codes_stand_for_pictures_and_come_from_the_autoencoder_in_it():
    model = prior()
    assert isinstance(model, TwoStageModel)
    assert (model.spec.shape, model.pictures.shape) == ((1, 4, 3), (3, 16, 12))
    assert (model.pictures.levels, model.patch) == (256, (4, 4))
    codes = model.encode(picture())
    assert torch.equal(codes, model.autoencoder.encode(picture()))
    assert torch.equal(model.decode(codes), model.autoencoder.decode(codes))


def test_a_code_is_known_where_all_pixels_of_its_patch_are():
    model = prior()
    known = torch.zeros(2, 16, 12, dtype=torch.bool)
    known[0, :8] = True  # two rows of patches
    known[1, 1:9, :8] = True  # one whole row of two, the others in part
    codes, whole = model.codes_of(picture(), known)
    assert whole[0, 0].int().tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert whole[1, 0].int().tolist() == [[0, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert codes.shape == whole.shape


def test_pixels_that_are_not_given_are_not_looked_at():
    model = prior()
    known = torch.zeros(1, 16, 12, dtype=torch.bool)
    known[:, :8] = True
    one, other = picture(0), picture(1)
    other[:, :, :8] = one[:, :, :8]
    assert torch.equal(model.codes_of(one, known)[0], model.codes_of(other, known)[0])
    nothing = torch.zeros_like(known)
    assert torch.equal(model.codes_of(one, nothing)[0], model.codes_of(other, nothing)[0])


def test_the_weights_of_the_autoencoder_are_not_learnt():
    model = models.build("vq-prior", width=8, heads=2, layers=1, hidden=8, coder_width=4)
    learnt = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {name for name, _ in model.named_parameters()} - learnt == {
        name for name, _ in model.named_parameters() if name.startswith("autoencoder.")
    }
    assert model.weights_of(model.FROZEN_PARTS) >= {"autoencoder.first.weight"}


def test_it_is_built_for_an_autoencoder_which_becomes_a_part_of_it():
    coder = models.build(
        "vq-autoencoder", shape=(1, 8, 16), levels=4, codes=30, patch=2, width=6, blocks=1
    )
    assert isinstance(coder, VQAutoencoder)
    model = models.build("vq-prior", **CodePrior.settings_for(coder))
    assert isinstance(model, CodePrior)
    assert (model.spec.shape, model.spec.levels) == ((1, 4, 8), 30)
    assert model.pictures == coder.spec
    assert model.part_for(coder) == "autoencoder"
    assert model.part_for(model) == ""
    model.autoencoder.load_state_dict(coder.state_dict())
    x = torch.randint(4, (2, 1, 8, 16))
    assert torch.equal(model.encode(x), coder.encode(x))
    again = models.build("vq-prior", **CodePrior.settings_for(model))
    again.load_state_dict(model.state_dict())


def test_other_models_and_pictures_of_no_whole_number_of_patches_are_refused():
    with pytest.raises(ValueError, match="the codes of autoencoder are none that it can learn"):
        CodePrior.settings_for(models.build("autoencoder"))
    odd = models.build("vq-autoencoder", shape=(3, 30, 32), width=4, blocks=0)
    with pytest.raises(ValueError, match="32 x 30, are no whole number of patches of 4"):
        CodePrior.settings_for(odd)
    with pytest.raises(ValueError, match="one code at a place"):
        models.build("vq-prior", shape=(2, 4, 4))


def test_a_class_is_told_at_every_place_and_no_class_is_one_of_its_own():
    model = prior(classes=2)
    assert isinstance(model.conditioning, Classes)
    codes = torch.randint(240, (1, 1, 4, 3))
    rows = [model.conditionals(codes, torch.tensor([label])) for label in (-1, 0, 1)]
    assert torch.equal(rows[0], model.conditionals(codes))
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert (rows[one] - rows[other]).abs().amax(2).min() > 0


def test_the_stepper_is_told_the_class_too_after_prime_and_select():
    model = prior(classes=2)
    codes = torch.randint(240, (2, 1, 4, 3))
    labels = torch.tensor([1, -1])
    expected = model.conditionals(codes, labels)
    stepper = model.stepper(2, labels)
    stepper.prime(codes, 5)
    stepper.select(torch.tensor([1, 0]))
    torch.testing.assert_close(stepper.conditional(), expected[[1, 0], 5], rtol=0, atol=1e-4)


def test_dropout_is_for_training_only():
    model = prior(dropout=0.5)
    codes = torch.randint(240, (1, 1, 4, 3))
    assert torch.equal(model.conditionals(codes), model.conditionals(codes))
    model.train()
    assert not torch.equal(model.conditionals(codes), model.conditionals(codes))
