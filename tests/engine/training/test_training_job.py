"""A job of training says at once what cannot be, and leaves nothing behind where it failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime import costs
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import SMALL, small_recipe, trained


def test_a_folder_that_is_in_use_or_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").touch()
    with pytest.raises(StudioError, match="is not empty"):
        TrainingJob("made", folder=tmp_path / "used")
    (tmp_path / "file").touch()
    with pytest.raises(StudioError, match="cannot be written"):
        TrainingJob("made", folder=tmp_path / "file" / "run")


def test_a_job_that_failed_holds_on_to_nothing(stripes: Path, tmp_path: Path) -> None:
    job: Job[Path] = TrainingJob(
        "made", recipe=small_recipe("made", stripes, start="nowhere"), folder=tmp_path / "run"
    )
    job.start()
    job.join(60)
    assert "Traceback" in job.error
    assert job.refused


def test_a_finished_run_and_one_that_is_none_cannot_be_resumed(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("made", stripes, tmp_path / "run", epochs=1)
    again = TrainingJob(resume=job.run.folder)
    again.start()
    again.join(60)
    assert "is finished" in again.message
    with pytest.raises(StudioError, match="There is no run"):
        TrainingJob(resume=tmp_path / "nothing")


def test_a_model_that_there_is_not_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r'no model "gpt"; there are .*made'):
        TrainingJob("gpt", folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_training_that_never_began_leaves_no_folder(stripes: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", stripes, start="nowhere")
    job = TrainingJob("made", recipe=recipe, folder=tmp_path / "run")
    assert job.run.folder.exists()
    job.start()
    assert job.join(60)
    assert not job.run.folder.exists()


def test_what_is_too_large_fails_with_the_estimate_unless_it_is_wanted_anyway(
    stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "training", lambda *_: costs.Training("made", 1e15))
    recipe = small_recipe("made", stripes, epochs=1)
    config = SMALL["made"]
    refused, wanted = (
        TrainingJob("made", recipe=recipe, config=config, folder=tmp_path / name, anyway=anyway)
        for name, anyway in (("refused", False), ("wanted", True))
    )
    for job in (refused, wanted):
        job.start()
        job.join(60)
    assert refused.too_large
    assert "Training made like this would take about" in refused.message
    assert not (tmp_path / "refused").exists()
    assert wanted.state is State.FINISHED
