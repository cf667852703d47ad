"""What a person drew is taught to a model that draws already: which one, how, and under what
name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.demonstrations import TEACHABLE
from studio.engine.checkpoints.cards import read_card
from studio.engine.checkpoints.places import drawings_folder, run_named, runs_folder
from studio.engine.data.drawing_files import read_drawings
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State
from studio.engine.training import own_symbols
from studio.engine.training.own_symbols import augmented, bases, teaching
from studio.engine.training.recipe_values import read_changes
from studio.engine.training.training_job import TrainingJob
from tests.drawn_symbols import drawings
from tests.engine.sentences import sentence
from tests.taught import shares
from tests.thorough import thorough_only
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture(autouse=True)
def folder(user_data_folder: Path) -> Path:
    return user_data_folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_checkpoint(tmp_path, "gated-pixelcnn-class")


def test_a_model_begins_as_its_base_is_whatever_is_usual(tmp_path: Path) -> None:
    base = tiny_checkpoint(tmp_path, "gated-pixelcnn-class", config={"dilations": (1, 2)})
    asked = teaching(drawings("cross", side=SIZE).with_name("later"), 2, base)
    recipe, config = read_changes(asked.model, asked.changes)
    assert (asked.model, recipe.start) == ("gated-pixelcnn-class", str(base))
    assert config == {"width": 4, "dilations": (1, 2), "head": 4}
    assert read_drawings(Path(recipe.data)).names == ("cross",)


def test_the_drawings_are_kept_where_the_card_finds_them(base: Path) -> None:
    made = drawings("cross", side=SIZE)
    first, second = (teaching(made, 2, base).changes["data"] for _ in range(2))
    assert first != second
    assert Path(first).parent == drawings_folder()
    np.testing.assert_array_equal(read_drawings(Path(first)).images, made.images)


def test_drawings_are_changed_a_little_each_time_they_are_shown(base: Path) -> None:
    asked = teaching(drawings("cross", side=SIZE), 2, base)
    recipe, _ = read_changes(asked.model, asked.changes)
    assert recipe.minutes == 2
    assert min(recipe.shift, recipe.rotation, recipe.zoom, recipe.stroke) > 0


def test_a_run_is_called_after_what_is_drawn_and_never_twice_the_same(base: Path) -> None:
    made = drawings("cross", side=SIZE).renamed(0, "A/B: x.")
    (runs_folder() / "own-A-B- x").mkdir(parents=True)
    run = teaching(made, 2, base).run
    assert run == "own-A-B- x-2"
    assert run_named(run).parent == runs_folder()


def learnt(asked: own_symbols.Teaching, folder: Path) -> TrainingJob:
    """A training of a single epoch."""
    recipe, config = read_changes(asked.model, {**asked.changes, "minutes": "0", "epochs": "1"})
    job = TrainingJob(asked.model, recipe=recipe, config=config, folder=folder)
    job.start()
    job.join(60)
    return job


def test_names_are_learnt_by_a_base_whose_family_has_none_by_itself(tmp_path: Path) -> None:
    base = tiny_checkpoint(tmp_path, "gated-pixelcnn", config={"classes": 2})
    asked = teaching(drawings("cross", "square", side=SIZE), 2, base)
    job = learnt(asked, tmp_path / "run")
    assert job.state is State.FINISHED
    assert read_card(job.run.latest)["config"]["class_names"] == ["cross", "square"]


@pytest.mark.parametrize("name", ["test", "val"])
def test_a_symbol_may_be_called_as_a_part_of_data_is(base: Path, tmp_path: Path, name: str) -> None:
    asked = teaching(drawings("cross", side=SIZE).renamed(0, name), 2, base)
    job = learnt(asked, tmp_path / "run")
    assert (job.state, job.message) == (State.FINISHED, "")
    assert read_card(job.run.latest)["config"]["class_names"] == [name]


def test_too_few_drawings_are_not_taught(base: Path) -> None:
    with pytest.raises(StudioError) as error:
        teaching(drawings("cross", count=7, side=SIZE), 2, base)
    assert sentence(error) == 'Draw 3 more of "cross": it takes at least 10.'
    assert not drawings_folder().exists()


@pytest.mark.parametrize(
    ("name", "levels", "why"),
    [
        ("pixelcnn", 2, "it knows no classes"),
        ("autoencoder", 2, "it draws nothing of its own"),
        ("gated-pixelcnn-class", 4, "it does not draw in black and white"),
    ],
)
def test_a_model_that_cannot_be_taught_is_refused_in_a_sentence(
    tmp_path: Path, name: str, levels: int, why: str
) -> None:
    base = tiny_checkpoint(tmp_path, name, levels)
    with pytest.raises(StudioError) as error:
        teaching(drawings("cross", side=SIZE), 2, base)
    assert sentence(error) == f"{base} cannot be taught drawings: {why}."


def test_drawings_of_another_size_are_refused_in_a_sentence(base: Path) -> None:
    with pytest.raises(StudioError) as error:
        teaching(drawings("cross", side=9), 2, base)
    assert "The drawings are 9 × 9 pixels" in sentence(error)
    assert "draws 8 × 8" in str(error.value)


def test_a_base_that_is_not_there_is_named() -> None:
    with pytest.raises(StudioError, match='There is no checkpoint "nowhere"'):
        teaching(drawings("cross", side=SIZE), 2, "nowhere")


def test_shipped_models_that_can_be_taught_are_offered_the_usual_one_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {
        "a": tiny_checkpoint(tmp_path, "gated-pixelcnn-class", data="squares"),
        "b": tiny_checkpoint(tmp_path, "pixelcnn"),
    }
    monkeypatch.setattr(own_symbols, "shipped", lambda: there)
    monkeypatch.setattr(own_symbols, "TEACHABLE", ("missing", "b", "a"))
    assert [(base.checkpoint, base.learnt, base.space) for base in bases()] == [
        ("a", "squares", (SIZE, SIZE))
    ]


def test_all_of_them_are_shipped() -> None:
    assert [base.checkpoint for base in bases()] == [*TEACHABLE]


def test_what_training_sees_is_every_drawing_a_little_changed() -> None:
    made = drawings("triangle", "square", count=3)
    seen = augmented(made, 6)
    assert seen.shape == (6, 28, 28)
    assert {*np.unique(seen)} == {0, 255}
    for before, after in zip(made.images, seen, strict=True):
        assert not np.array_equal(before, after)
        ink = [(picture > 0).mean() for picture in (before, after)]
        assert 0.4 < ink[1] / ink[0] < 2.5


def test_more_are_seen_than_there_are_drawings() -> None:
    seen = augmented(drawings("triangle", count=1), 4)
    assert len({picture.tobytes() for picture in seen}) == 4


@thorough_only
@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    ("base", "names"),
    [
        ("gated-pixelcnn-class", ("triangle", "heart", "house")),
        ("gated-pixelcnn-kanji", ("triangle",)),  # on 32 x 32 pixels
    ],
)
def test_several_symbols_and_larger_ones_are_recognised_after_two_minutes(
    base: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    found = shares(names, base, tmp_path / "run")
    assert sum(found.values()) / len(names) >= 0.6
