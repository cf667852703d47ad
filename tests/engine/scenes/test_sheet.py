"""A grid as one labelled sheet, and as a film."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from studio.engine import checkpoints
from studio.engine.generation.decoding import pictures_of
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.media.image_grid import HATCH, image_grid
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axes import axis
from studio.engine.scenes.carried import carried_in
from studio.engine.scenes.grid import CellMoment, Grid, Loaded, figures
from studio.engine.scenes.plan import Plan, plan_of
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import ModelReference, Scene
from studio.engine.scenes.sheet import Sheet, check_sheet, save_sheet
from tests.coded_models import LEVELS, PATCH, SIDE, Config, Shades
from tests.tiny import tiny_checkpoint

Drawn = tuple[Plan, tuple[CellMoment, ...]]


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    """Two rows of three, of which the last does not fit."""
    place = tiny_checkpoint(tmp_path)
    model = checkpoints.load(place)
    scene = Scene(reference_to(place), SamplingOptions(seed=5))
    plan = plan_of(scene, axis("temperature=0.5,1,2"), axis("method=clamp,map"))
    grid = Grid(plan.scenes, {scene.model: Loaded(model)})
    grid.draw(8, lambda: grid.moments)
    return plan, grid.moments


def holds(sheet: np.ndarray, picture: np.ndarray) -> bool:
    """Whether a picture is somewhere on the sheet as it is."""
    windows = np.lib.stride_tricks.sliding_window_view(sheet[..., 0], picture.shape[:2])
    return bool((windows[::1, ::1] == picture[..., 0]).all((2, 3)).any())


def test_every_picture_is_on_the_sheet_as_it_was_drawn(drawn: Drawn):
    plan, cells = drawn
    sheet = Sheet(plan, cells, scale=2).finished

    assert sheet.dtype == np.uint8
    assert sheet.shape[2] == 3
    for cell in cells:
        if cell.snapshot is not None:
            assert holds(sheet, image_grid(cell.snapshot.values, 2, 2))


def test_headings_figures_and_sentences_are_written(drawn: Drawn):
    plan, cells = drawn
    sheet = Sheet(plan, cells, scale=2)
    left, top = sheet._left, sheet._top

    assert (sheet.finished[:top] < 100).any(), "the headings of the columns"
    assert (sheet.finished[top:, :left] < 100).any(), "the headings of the rows"
    below = top + sheet._high + 1
    assert (sheet.finished[below : below + 18, left:] < 200).any(), "figures"
    sentence = top + sheet._cell_high + 18
    assert (sheet.finished[sentence : sentence + sheet._high, left:] < 100).any(), "why not"


def test_with_differences_it_is_taller(drawn: Drawn):
    plan, cells = drawn

    plain, compared = (Sheet(plan, cells, 2, differences).finished for differences in (False, True))

    assert compared.shape[1] == plain.shape[1]
    assert compared.shape[0] > plain.shape[0] + 2 * 16
    reddish = (compared[..., 0].astype(int) - compared[..., 2] > 100).any()
    assert reddish, "something differs"


@pytest.mark.parametrize("race", [False, True])
def test_a_film_begins_with_nothing_and_shows_more_and_more(drawn: Drawn, race: bool):
    sheet = Sheet(*drawn, scale=2)

    frames = list(sheet.frames(16, race))

    assert len(frames) == 4
    assert {frame.shape for frame in frames} == {sheet.finished.shape}
    hatched = [int((frame == HATCH[0]).all(2).sum()) for frame in frames]
    assert hatched[0] > hatched[-1] > 0
    assert hatched == sorted(hatched, reverse=True)


@pytest.mark.parametrize("suffix", [".png", ".gif"])
def test_it_is_written_with_its_metadata(drawn: Drawn, tmp_path: Path, suffix: str):
    path = tmp_path / f"sheet{suffix}"

    save_sheet(Sheet(*drawn, scale=1), path, drawn[0], speed=400.0)

    assert carried_in(path) == drawn[0].as_scene
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == {".png": 1, ".gif": 5}[suffix]


def test_it_is_written_as_a_film(drawn: Drawn, tmp_path: Path):
    save_sheet(Sheet(*drawn, scale=1), tmp_path / "sheet.mp4", drawn[0], speed=400.0)

    frames, _ = imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "sheet.mp4"))
    assert frames > 4


@pytest.mark.parametrize("name", ["sheet.npy", "sheet.wav", "sheet"])
def test_another_ending_is_refused_before_the_work(tmp_path: Path, name: str):
    with pytest.raises(StudioError, match=r"choose \.png, \.gif or \.mp4"):
        check_sheet(tmp_path / name)


class Brightening(Shades):
    """Pictures that are brighter the more of their codes are there, so that a patch changes."""

    def decode(self, codes: Tensor, known: Tensor | None = None) -> Tensor:
        assert known is not None
        brighter = int(known.sum()) // SIDE
        return (super().decode(codes, known) + brighter) % LEVELS


def test_of_codes_a_sheet_shows_pictures_and_a_film_what_they_looked_like_then():
    torch.manual_seed(0)
    model = Brightening(Config()).eval().requires_grad_(False)
    scene = Scene(ModelReference("shades"), SamplingOptions(seed=5))
    plan = plan_of(scene, axis("seed=5,6"))
    grid = Grid(plan.scenes, {scene.model: Loaded(model)})
    grid.draw(SIDE, lambda: grid.moments)
    sheet = Sheet(plan, grid.moments, scale=2)
    snapshot = grid.moments[0].snapshot
    assert snapshot is not None
    assert holds(sheet.finished, image_grid(snapshot.pictures, LEVELS, 2))
    there = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) < SIDE
    then = pictures_of(model, np.where(there, snapshot.values, 0).astype(np.uint8), there)
    known = snapshot.pixels_of(snapshot.order[:SIDE])
    assert (then != snapshot.pictures)[..., known].all()
    partly = image_grid(then, LEVELS, 2, known, (PATCH, 0), patch=(PATCH, PATCH))
    assert holds([*sheet.frames(SIDE)][1], partly)


def test_under_a_model_of_codes_its_speed_is_told_in_codes():
    assert "1,000 codes/s" in figures(12.0, 1000.0, 2.0, coded=True)[0]
    assert "1,000 pixels/s" in figures(12.0, 1000.0, 2.0)[0]
