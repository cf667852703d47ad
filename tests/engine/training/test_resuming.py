"""A training that was stopped, or that crashed, goes on as if nothing had happened."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.runtime.jobs import State
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Callback, Trainer
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import SMALL, StopAt, done, small_recipe, trained


@pytest.mark.parametrize(
    ("name", "preparation"),
    [("made", "thresholded"), ("gated-pixelcnn-class", "dynamic"), ("autoencoder", "dynamic")],
)
def test_a_stopped_run_keeps_its_model_and_goes_on_bit_for_bit(
    name: str, preparation: str, stripes: Path, tmp_path: Path
) -> None:
    whole = trained(name, stripes, tmp_path / "whole", preparation=preparation)
    stop = StopAt(14)
    part = trained(name, stripes, tmp_path / "part", stop, preparation=preparation)
    assert part.state is State.CANCELLED
    assert stop.last_step == 14, "it made another step after it was cancelled"
    checkpoints.load(part.run.latest)

    resumed = done(TrainingJob(resume=part.run.folder, device="cpu"))
    assert resumed.state is State.FINISHED
    one, other = load_file(whole.run.latest), load_file(resumed.run.latest)
    assert all(torch.equal(one[tensor], other[tensor]) for tensor in one)
    rows = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in job.run.metrics()]
        for job in (whole, resumed)
    ]
    assert rows[0] == rows[1]


def test_a_crash_loses_no_more_than_what_came_after_the_last_save(
    stripes: Path, tmp_path: Path
) -> None:
    class Crash(Callback):
        def on_step(self, training: Trainer) -> None:
            if training.step == 13:  # the last save was after the first epoch, step 9
                raise RuntimeError("the power failed")

    recipe = small_recipe("made", stripes)
    job = TrainingJob(
        "made", recipe=recipe, config=SMALL["made"], folder=tmp_path / "run", callbacks=[Crash()]
    )
    job.start()
    job.join(60)
    assert job.state is State.FAILED
    assert job.message == "the power failed"
    whole = trained("made", stripes, tmp_path / "whole")
    resumed = done(TrainingJob(resume=tmp_path / "run"))
    one, other = load_file(whole.run.latest), load_file(resumed.run.latest)
    assert all(torch.equal(one[tensor], other[tensor]) for tensor in one)
    assert [row["step"] for row in resumed.run.metrics()] == [
        row["step"] for row in whole.run.metrics()
    ]


class StopAtTheEnd(Callback):
    """Cancels at the end of an epoch; put before the samples."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_start(self, training: Trainer) -> None:
        self.training = training

    def on_epoch(self, training: Trainer) -> None:
        if training.epoch == self.epoch:
            training.token.cancel()


@pytest.mark.parametrize(
    "epoch", [1, 3]
)  # of 3: the last one's end is owed like any other's, and the score after it
def test_an_epochs_end_that_was_interrupted_is_made_good(
    epoch: int, stripes: Path, tmp_path: Path
) -> None:
    whole = trained("gated-pixelcnn", stripes, tmp_path / "whole")
    stop = StopAtTheEnd(epoch)
    recipe = small_recipe("gated-pixelcnn", stripes)
    job = TrainingJob(
        "gated-pixelcnn", recipe=recipe, config=SMALL["gated-pixelcnn"], folder=tmp_path / "run"
    )
    job.callbacks.insert(0, stop)
    began = time.monotonic()
    done(job)
    assert time.monotonic() - began < 20
    assert job.state is State.CANCELLED
    assert len(job.run.sample_files()) == epoch - 1
    assert cards.read_card(job.run.latest)["epochs"] == epoch

    resumed = done(TrainingJob(resume=job.run.folder))
    assert resumed.state is State.FINISHED
    pictures = [
        [path.read_bytes() for path in run.sample_files()] for run in (whole.run, resumed.run)
    ]
    assert len(pictures[0]) == 3
    assert pictures[0] == pictures[1]
    columns = ("step", "train_bits_per_dim", "val_bits_per_dim", "test_bits_per_dim")
    rows = [
        [[row.get(c) for c in columns] for row in run.metrics()] for run in (whole.run, resumed.run)
    ]
    assert rows[0] == rows[1]
    found = [cards.read_card(run.latest) for run in (whole.run, resumed.run)]
    assert found[0]["metrics"] == found[1]["metrics"]
    assert found[1]["metrics"]["split"] == "test"


def test_a_run_of_the_time_before_validation_goes_on_and_keeps_its_figures(
    stripes: Path, tmp_path: Path
) -> None:
    part = trained("made", stripes, tmp_path / "run", StopAt(14)).run
    before = [_without_norm(row) for row in part.metrics()]
    _make_old(part)
    assert part.metrics() == before

    resumed = done(TrainingJob(resume=part.folder, device="cpu"))
    assert resumed.state is State.FINISHED
    assert resumed.run.metrics()[: len(before)] == before
    assert "watched" not in resumed.run.metrics_file.read_text()
    card = cards.read_card(resumed.run.latest)
    assert card["metrics"]["split"] == "test"
    assert "learnt_from" not in card, "its first steps were made with the validation part too"


def _without_norm(row: dict[str, float]) -> dict[str, float]:
    """A line of the time before the norm of the gradient was kept."""
    return {key: value for key, value in row.items() if key != "gradient_norm"}


def _make_old(run: Run) -> None:
    """A run's folder as it was before there was a validation part."""
    names = ("step", "epoch", "seconds", "train_bits_per_dim", "watched_bits_per_dim", "rate")
    rows = [
        {k.replace("val_", "watched_"): v for k, v in _without_norm(row).items()}
        for row in run.metrics()
    ]
    run.metrics_file.unlink()
    for row in rows:
        run.add_metrics(row, names)
    config = json.loads((run.folder / "config.json").read_text())
    del config["recipe"]["validation"]
    (run.folder / "config.json").write_text(json.dumps(config))
    tensors, numbers = run.load_state(torch.device("cpu"))
    del numbers["learnt_from"], numbers["norms"]
    run.save_state(tensors, numbers)


def test_a_run_that_goes_on_keeps_its_thumbnail(stripes: Path, tmp_path: Path) -> None:
    first = trained("made", stripes, tmp_path / "run", StopAt(13))
    thumbnail = cards.read_card(first.run.latest)["thumbnail"]
    again = TrainingJob(resume=first.run.folder, callbacks=[StopAt(14)])
    done(again)
    assert thumbnail
    assert cards.read_card(again.run.latest)["thumbnail"] == thumbnail


def test_a_run_does_not_go_on_with_other_data_of_the_same_name(
    stripes: Path, tmp_path: Path
) -> None:
    part = trained("made", stripes, tmp_path / "part", StopAt(14))
    stripes.write_bytes(stripes.read_bytes() + b"other")
    resumed = TrainingJob(resume=part.run.folder, device="cpu")
    resumed.start()
    resumed.join(60)
    assert resumed.refused
    assert "have changed since the run part began" in resumed.message


def test_a_run_of_an_earlier_version_goes_on_without_a_fingerprint_or_gradients(
    stripes: Path, tmp_path: Path
) -> None:
    part = trained("made", stripes, tmp_path / "part", StopAt(14))
    tensors, numbers = part.run.load_state(torch.device("cpu"))
    del numbers["fingerprint"], numbers["norms"]
    part.run.save_state(tensors, numbers)
    assert done(TrainingJob(resume=part.run.folder, device="cpu")).state is State.FINISHED
