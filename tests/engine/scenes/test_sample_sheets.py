"""Sheets of samples: small, in columns of classes, and drawn again from what they carry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.interface import Model
from studio.engine import checkpoints
from studio.engine.generation.sampling_options import QUICK_STEPS, SamplingOptions
from studio.engine.media.image_grid import image_grid
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.carried import carried_in
from studio.engine.scenes.drawing import drawn
from studio.engine.scenes.plan import plan_in
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.sample_sheets import save_sample_sheet, scenes_of
from studio.engine.scenes.scene import ModelReference, Scene
from tests.tiny import tiny_checkpoint, tiny_voice

ANY = ModelReference("any")


def made(place: Path, count: int, seed: int = 0) -> tuple[Model, tuple[Scene, ...], Path]:
    model, out = checkpoints.load(place), place.with_suffix(".png")
    scenes = scenes_of(model, reference_to(place), count, seed)
    save_sample_sheet(model, scenes, out, scale=2)
    return model, scenes, out


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_a_sheet_carries_the_scene_from_which_the_same_is_drawn_again(tmp_path: Path) -> None:
    model, (scene,), out = made(tiny_checkpoint(tmp_path), count=9, seed=5)
    assert scene.options == SamplingOptions(count=9, seed=5)
    carried = carried_in(out)
    assert carried == scene
    assert (pixels(out) == image_grid(drawn(carried, model).values, 2, 2)).all()


def test_of_two_levels_it_has_a_palette_of_few_colours(tmp_path: Path) -> None:
    *_, out = made(tiny_checkpoint(tmp_path), count=4)
    with Image.open(out) as image:
        assert image.mode == "P"
        assert len(image.getcolors() or ()) == 3  # black, white, and what is between the pictures


def test_in_many_colours_it_has_the_nearest_of_256(tmp_path: Path) -> None:
    place = tiny_checkpoint(tmp_path, "pixelcnn", levels=256, channels=3)
    model, (scene,), out = made(place, count=16)
    with Image.open(out) as image:
        assert image.mode == "P"
    exact = image_grid(drawn(scene, model).values, 256, 2)
    assert 0 < np.abs(pixels(out).astype(int) - exact).mean() < 40


def test_a_column_is_of_one_class_and_has_a_seed_of_its_own(tmp_path: Path) -> None:
    model, scenes, out = made(tiny_checkpoint(tmp_path, "gated-pixelcnn-class"), 8, seed=2**64 - 1)
    assert [scene.options.condition for scene in scenes] == [0, 1, 2]
    assert [scene.options.seed for scene in scenes] == [2**64 - 1, 0, 1]
    assert {scene.options.count for scene in scenes} == {3}
    first, second = (drawn(scene, model).values for scene in scenes[:2])
    both = image_grid(np.stack([first, second], 1).reshape(-1, *first.shape[1:]), 2, 2, columns=2)
    shown = pixels(out)
    assert shown.shape[0] == both.shape[0]
    assert (shown[:, : both.shape[1]] == both).all()


def test_such_a_sheet_carries_the_scene_of_every_class(tmp_path: Path) -> None:
    _, scenes, out = made(tiny_checkpoint(tmp_path, "gated-pixelcnn-class"), 8)
    carried = carried_in(out)
    assert carried is not None
    plan = plan_in(carried)
    assert plan is not None
    assert [scene.options for scene in plan.scenes] == [scene.options for scene in scenes]
    assert plan.titles == ("class a", "class b", "class c")


def classes(tmp_path: Path, *names: str) -> list[int | None]:
    config = {"classes": len(names), "class_names": names}
    model = checkpoints.load(tiny_checkpoint(tmp_path, "gated-pixelcnn-class", config=config))
    return [scene.options.condition for scene in scenes_of(model, ANY, 64, 0)]


def test_of_many_classes_sixteen_have_a_column_and_the_class_of_all_others_none(
    tmp_path: Path,
) -> None:
    chosen = classes(tmp_path, *map(str, range(40)), "other")
    assert len(chosen) == 16
    assert (chosen[0], chosen[-1]) == (0, 39)
    assert classes(tmp_path, "a", "other", "b") == [0, 2]


def test_a_model_that_predicts_all_pixels_at_once_draws_in_few_passes(tmp_path: Path) -> None:
    (scene,) = scenes_of(checkpoints.load(tiny_checkpoint(tmp_path, "ardm")), ANY, 64, 0)
    assert scene.options.steps == QUICK_STEPS


def test_of_a_model_of_two_stages_it_shows_the_pictures_and_not_the_codes(tmp_path: Path) -> None:
    model, _, out = made(tiny_checkpoint(tmp_path, "vq-prior", 16), count=4)
    height, width = model.pictures.space
    assert pixels(out).shape[:2] == (2 * (2 * height + 1) + 1, 2 * (2 * width + 1) + 1)


def test_what_draws_no_pictures_from_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="makes sound"):
        scenes_of(checkpoints.load(tiny_voice(tmp_path)), ANY, 64, 0)
    reconstructor = checkpoints.load(tiny_checkpoint(tmp_path, "autoencoder"))
    with pytest.raises(StudioError) as error:
        scenes_of(reconstructor, ANY, 64, 0)
    assert str(error.value) == reconstructor.why
