"""A run's folder keeps what it is given, and says so where it cannot."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from models.recipe import Recipe
from studio.engine.checkpoints.places import rename, runs_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.training.runs import Run, all_runs, columns, superfluous

REPOSITORY = Path(__file__).parents[3]


def test_runs_without_a_place_go_to_the_persons_own_folder_the_newest_first(
    user_data_folder: Path,
) -> None:
    assert all_runs() == []
    for name in ("made", "pixelcnn", "pixelcnn"):
        run = Run.create(name)
        run.write_config(name, {}, Recipe(), "cpu")
        time.sleep(0.02)
    assert runs_folder() == user_data_folder / "runs"
    found = all_runs()
    assert len({run.name for run in found}) == 3
    assert [run.name.split("-")[0] for run in found] == ["pixelcnn", "pixelcnn", "made"]
    assert Run.open(found[0].name) == found[0]


def test_configuration_state_and_metrics_come_back(tmp_path: Path) -> None:
    run = Run.create("made", tmp_path / "run")
    recipe = Recipe(epochs=0.5, betas=(0.8, 0.9))
    run.write_config("made", {"hidden": 3, "shape": [1, 2, 3]}, recipe, "cpu")
    assert run.read_config() == {
        "model": "made",
        "config": {"hidden": 3, "shape": [1, 2, 3]},
        "recipe": recipe,
        "device": "cpu",
    }
    run.save_state({"a.b": torch.arange(3)}, {"step": 7})
    tensors, numbers = run.load_state(torch.device("cpu"))
    assert tensors["a.b"].tolist() == [0, 1, 2]
    assert numbers == {"step": 7}
    for step in (1, 2, 3):
        run.add_metrics(
            {"step": step, "epoch": step / 2, "train_bits_per_dim": 0.5}, columns("bits_per_dim")
        )
    assert [row["step"] for row in run.metrics()] == [1, 2, 3]
    run.rewind_metrics(2, columns("bits_per_dim"))
    assert [row["step"] for row in run.metrics()] == [1, 2]


@pytest.mark.parametrize("name", ["config.json", "resume.safetensors"])
def test_a_damaged_file_is_reported(tmp_path: Path, name: str) -> None:
    run = Run.create("made", tmp_path / "run")
    run.write_config("made", {}, Recipe(), "cpu")
    run.save_state({"a": torch.zeros(1000)}, {})
    whole = (run.folder / name).read_bytes()
    (run.folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StudioError, match=r"no readable config|is damaged"):
        (run.read_config, lambda: run.load_state(torch.device("cpu")))[name.startswith("resume")]()


def test_a_run_that_has_nothing_to_go_on_from_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="nothing to resume"):
        Run.create("made", tmp_path / "run").load_state(torch.device("cpu"))


def test_a_run_that_never_began_leaves_no_folder(tmp_path: Path) -> None:
    run = Run.create("made", tmp_path / "run")
    run.discard()
    assert not run.folder.exists()


def test_a_run_that_a_process_is_training_is_not_renamed(user_data_folder: Path) -> None:
    run = Run.create("made", runs_folder() / "mine")
    run.write_config("made", {}, Recipe(), "cpu")
    with run.held(), pytest.raises(StudioError, match='"mine" is being trained'):
        rename(run.latest, "yours")
    assert rename(run.latest, "yours") == runs_folder() / "yours" / "latest.safetensors"


_HOLDS = """
import sys
from pathlib import Path
from studio.engine.training.runs import Run
with Run(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_is_trained_by_one_process_at_a_time_and_a_crash_leaves_no_lock(
    tmp_path: Path,
) -> None:
    run = Run.create("made", tmp_path / "run")
    program = [sys.executable, "-c", _HOLDS, str(run.folder)]
    with subprocess.Popen(
        program, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(StudioError, match="run is being trained by another process"),
            run.held(),
        ):
            pass
        other.kill()
    with run.held():
        pass
    run.discard()
    assert not run.folder.exists()


def test_settings_of_a_larger_model_than_is_kept_are_refused_before_it_is_made(
    tmp_path: Path,
) -> None:
    run = Run.create("made", tmp_path / "run")
    run.save_state({"model.weight": torch.zeros(100), "averaged.weight": torch.zeros(100)}, {})
    run.check_holds(400)
    with pytest.raises(StudioError, match="its files do not fit together"):
        run.check_holds(4000)


def test_few_checkpoints_of_epochs_all_stay() -> None:
    assert superfluous({1: 10, 2: 10, 3: 10}, largest=30, most=3) == []


def test_of_many_checkpoints_those_between_go_and_the_first_and_the_last_stay() -> None:
    kept: list[int] = []
    for epoch in range(1, 101):
        kept.append(epoch)
        gone = superfluous(dict.fromkeys(kept, 10), largest=90)
        kept = [each for each in kept if each not in gone]
    assert (kept[0], kept[-1], len(kept)) == (1, 100, 9)
    gaps = [after - before for before, after in pairwise(kept)]
    assert max(gaps) < 40, "they are spread over the whole training"


def test_there_are_no_more_checkpoints_than_a_slider_can_show() -> None:
    assert len(superfluous(dict.fromkeys(range(1, 121), 1))) == 20


@pytest.mark.parametrize(("largest", "left"), [(15, [2]), (9, [])])
def test_of_large_checkpoints_the_last_stays_if_there_is_room(
    largest: int, left: list[int]
) -> None:
    gone = superfluous({1: 10, 2: 10}, largest=largest)
    assert [epoch for epoch in (1, 2) if epoch not in gone] == left


def test_checkpoints_that_are_too_much_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.engine.training.runs.superfluous", lambda sizes: [2])
    run = Run.create("made", tmp_path / "run")
    for epoch in (1, 2, 3):
        run.epoch_checkpoint(epoch).touch()
    run.thin_out()
    assert [*run.epoch_checkpoints()] == [1, 3]
