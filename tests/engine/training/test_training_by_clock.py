"""A training by the clock, from its first step to the score on the test part, with a clock of its
own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.engine.checkpoints import cards
from studio.engine.runtime.jobs import State
from studio.engine.training.callbacks import Progress
from studio.engine.training.trainer import Callback, Trainer
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_source import PictureSource
from tests.engine.trainings import SMALL, StopAt, done, small_recipe


class Clock(Callback):
    """Goes on by so many seconds a step and a look."""

    def __init__(self, now: float, step: float = 1.0, look: float = 4.0) -> None:
        self.now, self.step, self.look = now, step, look

    def __call__(self) -> float:
        return self.now

    def on_step(self, training: Trainer) -> None:
        self.now += self.step

    def on_epoch(self, training: Trainer) -> None:
        self.now += self.look


def training(folder: Path, clock: Clock, *callbacks: Callback, **asked: Any) -> TrainingJob:
    return done(
        TrainingJob("made", folder=folder, callbacks=[clock, *callbacks], clock=clock, **asked)
    )


@pytest.fixture
def slow_scores(monkeypatch: pytest.MonkeyPatch) -> list[Clock]:
    """The clock that goes on by 0.1 s for each example that is scored."""
    clocks: list[Clock] = []
    score = PictureSource.score

    def scored(self: PictureSource, model: Any, split: str, token: Any, share: Any) -> Any:
        count = len(range(share.rank, len(self.data.split(split)[0]), share.processes))
        clocks[-1].now += 0.1 * count
        return score(self, model, split, token, share)

    monkeypatch.setattr(PictureSource, "score", scored)
    return clocks


def test_it_ends_in_time_with_the_rate_at_zero(
    stripes: Path, tmp_path: Path, slow_scores: list[Clock]
) -> None:
    slow_scores.append(clock := Clock(1000.0, look=0.2))
    recipe = small_recipe("made", stripes, minutes=1)
    job = training(tmp_path / "run", clock, recipe=recipe, config=SMALL["made"])
    assert job.state is State.FINISHED
    assert clock.now - 1000 == pytest.approx(60, abs=2), "with the score on the test part"
    rows = job.run.metrics()
    assert min(row["rate"] for row in rows[-5:]) < 0.01
    assert max(row["rate"] for row in rows) > 0.9
    assert sum("val_bits_per_dim" in row for row in rows) >= 3
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert (progress.share, progress.minutes) == (1, 1)
    assert progress.seconds_left == pytest.approx(0, abs=2)
    assert progress.in_steps == f"{progress.step} of about {progress.step}"
    card = cards.read_card(job.run.best)
    assert (card["recipe"]["minutes"], card["selected_on"]) == (1, "validation")


def test_a_resumed_one_goes_on_where_its_clock_stood(stripes: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", stripes, minutes=0.5)
    first = training(tmp_path / "run", Clock(0.0), StopAt(12), recipe=recipe, config=SMALL["made"])
    assert first.state is State.CANCELLED
    kept = cards.read_card(first.run.latest)["seconds"]
    assert 11 <= kept <= 20
    clock = Clock(9000.0)
    second = done(TrainingJob(resume=first.run.folder, callbacks=[clock], clock=clock))
    assert second.state is State.FINISHED
    assert kept + clock.now - 9000 == pytest.approx(30, abs=2)
    steps = [row["step"] for row in second.run.metrics() if "train_bits_per_dim" in row]
    assert steps == sorted({*steps})
    assert steps[0] < 12 < steps[-1]


def test_scores_that_take_longer_than_there_is_time_are_told(
    stripes: Path, tmp_path: Path, slow_scores: list[Clock]
) -> None:
    slow_scores.append(clock := Clock(0.0, step=0.1, look=0.0))
    recipe = small_recipe("made", stripes, minutes=0.03)
    job = training(tmp_path / "run", clock, recipe=recipe, config=SMALL["made"])
    (note,) = job.notes
    assert note == ("Scoring the model takes long beside 0.03 minutes: this training ends later.")
