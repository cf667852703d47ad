"""Training on sound: it learns, it can be heard, and it is scored beside trivial models; the rest
is as with pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
import torch
from safetensors.torch import load_file

import models
from studio.engine import checkpoints
from studio.engine.checkpoints.cards import read_card
from studio.engine.runtime.jobs import State
from studio.engine.scoring.evaluation import evaluate
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import StopAt, done, trained
from tests.thorough import THOROUGH, some_of, thorough_only

pytestmark = pytest.mark.usefixtures("short_takes")


OF_SOUND = [name for name in models.available() if models.registry.variant(name).sound]


@pytest.mark.parametrize("name", OF_SOUND if THOROUGH else some_of(OF_SOUND)[-1:])
def test_every_model_of_sound_learns_more_than_what_is_trivial(
    name: str, hums: Path, tmp_path: Path
) -> None:
    job = trained(name, hums, tmp_path / "run", epochs=5, batch=3, rate=1e-2, muon_rate=4e-2)
    assert job.state is State.FINISHED
    validation = [
        row["val_bits_per_sample"] for row in job.run.metrics() if "val_bits_per_sample" in row
    ]
    assert len(validation) == 5
    assert validation[-1] < validation[0]
    metrics = read_card(job.run.latest)["metrics"]
    assert metrics["baselines"]["uniform"] == 8
    assert metrics["bits_per_sample"] < metrics["baselines"]["unigram"] < 8


def test_the_card_says_what_scoring_the_checkpoint_says(hums: Path, tmp_path: Path) -> None:
    card = read_card(trained("wavenet-mel", hums, tmp_path / "run", epochs=1).run.latest)
    assert (card["data"], card["preparation"]) == (str(hums), "mu-law-256")
    score = evaluate(checkpoints.load(tmp_path / "run" / "latest.safetensors"))
    assert score is not None
    own = {"bits_per_sample", "nats", "log_mel_distance", "loudness_difference", "missing"}
    assert set(score.figures) - {"stoi", "level_difference"} == own
    assert score.figures == pytest.approx(
        {key: card["metrics"][key] for key in score.figures}, rel=1e-5
    )
    assert score.baselines == card["metrics"]["baselines"]
    assert score.examples == card["metrics"]["examples"] == 3  # a tenth of 22, and whole ones
    assert 0 < score.figures["log_mel_distance"] < 80


@thorough_only
def test_a_model_of_16_khz_learns_from_the_same_recordings(hums: Path, tmp_path: Path) -> None:
    job = trained("wavenet", hums, tmp_path / "run", config={"sample_rate": 16_000})
    assert job.state is State.FINISHED
    with soundfile.SoundFile(job.run.sample_files()[0].with_suffix(".wav")) as sound:
        assert sound.samplerate == 16_000


def test_folders_are_classes_where_the_recipe_says_so(hums: Path, tmp_path: Path) -> None:
    job = trained("wavenet", hums, tmp_path / "run", epochs=1, conditional=True, label_dropout=0.1)
    model = checkpoints.load(job.run.latest)
    assert model.conditioning == models.Classes(2, ("high", "low"))
    assert model.state_dict()["class_gates"].any()


def test_a_stopped_run_goes_on_bit_for_bit(hums: Path, tmp_path: Path) -> None:
    whole = trained("wavenet", hums, tmp_path / "whole", epochs=2)
    part = trained("wavenet", hums, tmp_path / "part", StopAt(3), epochs=2)
    assert part.state is State.CANCELLED
    resumed = done(TrainingJob(resume=part.run.folder, device="cpu"))
    one, other = load_file(whole.run.latest), load_file(resumed.run.latest)
    assert all(torch.equal(one[tensor], other[tensor]) for tensor in one)
    rows = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in job.run.metrics()]
        for job in (whole, resumed)
    ]
    assert rows[0] == rows[1]
