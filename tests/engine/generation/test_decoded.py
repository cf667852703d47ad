"""What is drawn in codes is shown as pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.interface import TwoStageModel
from studio.engine.generation.decoded import decoded, shown_in
from studio.engine.generation.exporting import Frame, moment
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.media.image_grid import CURSOR, image_grid
from tests.models.zoo import small


@pytest.fixture
def model() -> TwoStageModel:
    """Of 2 x 3 codes, each for 4 x 4 pixels."""
    found = small("vq-prior", (1, 2, 3), levels=16)
    assert isinstance(found, TwoStageModel)
    return found


def drawn(model: TwoStageModel, sites: int) -> Frame:
    generation = Generation(model, SamplingOptions(count=2))
    generation.step(sites)
    return moment(generation)


def test_a_whole_drawing_is_what_its_codes_decode_to(model: TwoStageModel) -> None:
    frame = drawn(model, 6)
    found = decoded(model, frame)
    assert found.values.shape == (2, 3, 8, 12)
    assert found.values.dtype == np.uint8
    assert np.array_equal(found.values, model.decode(torch.from_numpy(frame.values)).numpy())
    assert found.known.all()
    assert found.cursor is None


def test_while_it_is_drawn_patches_are_hatched_and_the_next_is_marked(model: TwoStageModel) -> None:
    found = decoded(model, drawn(model, 4))
    assert found.known[:4].all()
    assert found.known[4:, :4].all()
    assert not found.known[4:, 4:].any()
    assert (found.cursor, found.patch) == ((4, 4), (4, 4))
    picture = image_grid(found.values[:1], 256, 1, found.known, found.cursor, None, found.patch)
    assert (picture[4:8, 4:8] == CURSOR).all()
    assert not (picture[4:8, 8:] == CURSOR).all(2).any()


def test_guesses_are_told_of_whole_patches(model: TwoStageModel) -> None:
    frame = drawn(model, 6)
    settled = np.zeros((2, 2, 3), bool)
    settled[1, 0, 2] = True
    found = decoded(model, Frame(frame.values, frame.known, settled=settled))
    assert found.settled is not None
    assert np.array_equal(found.settled, settled.repeat(4, 1).repeat(4, 2))
    assert found.settled.sum() == 16
    assert found.settled[1, :4, 8:].all()


@pytest.mark.parametrize(("name", "shape"), [("a.png", (3, 8, 12)), ("a.npy", (1, 2, 3))])
def test_a_picture_file_is_of_pictures_and_an_array_of_codes(
    name: str, shape: tuple[int, ...], model: TwoStageModel
) -> None:
    shown, levels = shown_in(Path(name), model)
    assert shown(drawn(model, 6)).values.shape[1:] == shape
    assert levels == (256 if name.endswith(".png") else 16)


def test_other_models_are_shown_as_they_draw() -> None:
    model = small("pixelcnn")
    shown, levels = shown_in(Path("a.png"), model)
    frame = Frame(np.zeros((1, 1, 7, 6), np.uint8), np.ones((7, 6), bool))
    assert shown(frame) is frame
    assert levels == 2
