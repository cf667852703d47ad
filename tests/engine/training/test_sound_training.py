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
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State
from studio.engine.scoring.evaluation import evaluate
from studio.engine.training import epoch_samples
from studio.engine.training.callbacks import Progress
from studio.engine.training.recipe_values import check_recipe
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_source import SoundSource
from tests.engine.trainings import SMALL, StopAt, done, small_recipe, trained


@pytest.fixture(autouse=True)
def short_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch_samples, "SECONDS", 0.02)
    monkeypatch.setattr("studio.engine.scoring.sound_scoring._REMADE", 0.02)


@pytest.mark.parametrize(
    "name", [name for name in models.available() if models.registry.variant(name).sound]
)
def test_every_model_of_sound_learns_more_than_what_is_trivial(
    name: str, hums: Path, tmp_path: Path
) -> None:
    job = trained(name, hums, tmp_path / "run", epochs=8, batch=3, rate=1e-2, muon_rate=4e-2)
    assert job.state is State.FINISHED
    validation = [
        row["val_bits_per_sample"] for row in job.run.metrics() if "val_bits_per_sample" in row
    ]
    assert len(validation) == 8
    assert validation[-1] < validation[0]
    metrics = read_card(job.run.latest)["metrics"]
    assert metrics["baselines"]["uniform"] == 8
    assert metrics["bits_per_sample"] < metrics["baselines"]["unigram"] < 8


def test_every_epoch_can_be_heard_and_seen(hums: Path, tmp_path: Path) -> None:
    job = trained("wavenet", hums, tmp_path / "run", seed=3)
    assert [path.name for path in job.run.sample_files()] == [
        "epoch-001.png",
        "epoch-002.png",
        "epoch-003.png",
    ]
    for path in job.run.sample_files():
        with soundfile.SoundFile(path.with_suffix(".wav")) as sound:
            assert (sound.samplerate, sound.frames) == (
                8000,
                4 * (160 + 2000),
            )  # takes of 20 ms, each with a pause
            assert "Model: wavenet; Seed: 3; Epoch:" in sound.comment
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert progress.samples is not None
    assert progress.samples.shape == (4, 1, 40, 2)


def test_the_card_says_what_scoring_the_checkpoint_says(hums: Path, tmp_path: Path) -> None:
    card = read_card(trained("wavenet-mel", hums, tmp_path / "run").run.latest)
    assert (card["data"], card["preparation"]) == (str(hums), "mu-law-256")
    score = evaluate(checkpoints.load(tmp_path / "run" / "latest.safetensors"))
    assert score is not None
    assert set(score.figures) == {"bits_per_sample", "nats", "log_mel_distance"}
    assert score.figures == pytest.approx(
        {key: card["metrics"][key] for key in score.figures}, rel=1e-5
    )
    assert score.baselines == card["metrics"]["baselines"]
    assert score.examples == card["metrics"]["examples"] == 2
    assert 0 < score.figures["log_mel_distance"] < 80


def test_a_model_of_16_khz_learns_from_the_same_recordings(hums: Path, tmp_path: Path) -> None:
    job = trained("wavenet", hums, tmp_path / "run", config={"sample_rate": 16_000})
    assert job.state is State.FINISHED
    with soundfile.SoundFile(job.run.sample_files()[0].with_suffix(".wav")) as sound:
        assert sound.samplerate == 16_000


def test_folders_are_classes_where_the_recipe_says_so(hums: Path, tmp_path: Path) -> None:
    job = trained("wavenet", hums, tmp_path / "run", conditional=True, label_dropout=0.1)
    model = checkpoints.load(job.run.latest)
    assert model.conditioning == models.Classes(2, ("high", "low"))
    assert model.state_dict()["class_gates"].any()


def test_a_stopped_run_goes_on_bit_for_bit(hums: Path, tmp_path: Path) -> None:
    whole = trained("wavenet", hums, tmp_path / "whole")
    part = trained("wavenet", hums, tmp_path / "part", StopAt(3))
    assert part.state is State.CANCELLED
    resumed = done(TrainingJob(resume=part.run.folder, device="cpu"))
    one, other = load_file(whole.run.latest), load_file(resumed.run.latest)
    assert all(torch.equal(one[tensor], other[tensor]) for tensor in one)
    rows = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in job.run.metrics()]
        for job in (whole, resumed)
    ]
    assert rows[0] == rows[1]


def test_what_is_learnt_in_an_epoch_is_every_sample_once(hums: Path, tmp_path: Path) -> None:
    training = begun(hums, tmp_path, window=0.1)
    source = training.source
    assert isinstance(source, SoundSource)
    batches = torch.arange(source.examples).split(5)
    counted = sum(source.share(rows) * len(rows) * source.dimensions for rows in batches)
    assert counted == pytest.approx(source.data.train.samples)


def begun(hums: Path, folder: Path, **changes: object) -> Trainer:
    recipe = small_recipe("wavenet", hums).with_changes(**changes)
    return Trainer(
        "wavenet",
        recipe,
        SMALL["wavenet"],
        Run.create("wavenet", folder / "run"),
        torch.device("cpu"),
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"preparation": "grey-4"},
            "wavenet is made for sound, and grey-4 is a preparation of pictures",
        ),
        ({"data": "mnist"}, 'There is no sound "mnist"'),
        ({"config": {"levels": 16}}, "levels is 16"),
        ({"window": 0}, "window is 0"),
    ],
)
def test_what_cannot_be_learnt_from_is_told_in_a_sentence(
    changes: dict[str, object], sentence: str, hums: Path, tmp_path: Path
) -> None:
    def begin() -> None:
        check_recipe(small_recipe("wavenet", hums).with_changes(**changes))
        begun(hums, tmp_path, **changes)

    with pytest.raises(StudioError, match=sentence):
        begin()


def test_pictures_are_not_prepared_as_sound(stripes: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", stripes, preparation="mu-law-256")
    with pytest.raises(
        StudioError, match="made is made for pictures, and mu-law-256 is a preparation of sound"
    ):
        Trainer(
            "made", recipe, SMALL["made"], Run.create("made", tmp_path / "run"), torch.device("cpu")
        )


def test_labels_are_needed_where_the_model_learns_classes(hums: Path, tmp_path: Path) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    for path in hums.rglob("*.wav"):
        path.rename(loose / path.name)
    with pytest.raises(StudioError, match="learns from labels"):
        begun(loose, tmp_path, conditional=True)
