"""Training: it learns, it can be stopped and goes on bit for bit, and it says in one sentence what it cannot do."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import models
from models.recipe import Recipe
from studio.engine import checkpoints
from studio.engine.errors import StudioError
from studio.engine.generation import generating
from studio.engine.jobs import Job, State
from studio.engine.runs import Run
from studio.engine.training import Training, TrainingJob, check_recipe, split_settings
from studio.engine.training_callbacks import Callback, Progress

SMALL: dict[str, dict[str, Any]] = {
    "autoencoder": {"hidden": (32,), "code": 8},
    "made": {"hidden": 32},
    "made-any-order": {"hidden": 32},
    "pixelcnn": {"width": 8, "hidden": 8, "blocks": 1, "head": 8},
    "pixelcnn-two-stack": {"width": 8, "dilations": (1, 2), "head": 8},
    "gated-pixelcnn": {"width": 8, "dilations": (1, 2), "head": 8},
    "pixelcnn-plus-plus": {"width": 8, "blocks": (1, 1), "mixtures": 3},
    "gated-pixelcnn-class": {"width": 8, "dilations": (1, 2), "head": 8},
    "pixelrnn-row": {"width": 8, "hidden": 8, "blocks": 1, "head": 8},
    "pixelrnn-diagonal": {"width": 8, "hidden": 8, "blocks": 1, "head": 8},
    "pixelsnail": {"width": 16, "attentions": 1, "residuals": 1, "key": 8},
    "pixelsnail-zigzag": {"width": 16, "attentions": 1, "residuals": 1, "key": 8},
    "gated-pixelcnn-location": {"width": 8, "dilations": (1, 2), "head": 8, "map_width": 4},
    "gated-pixelcnn-map": {"width": 8, "dilations": (1, 2), "head": 8, "map_width": 4},
    "transformer": {"width": 16, "layers": 1, "heads": 2, "hidden": 16},
    "transformer-sinusoidal": {"width": 16, "layers": 1, "heads": 2, "hidden": 16},
    "transformer-plain": {"width": 16, "layers": 2, "heads": 2, "hidden": 16},
    "wavenet-pixels": {"width": 8, "dilations": (1, 2, 4, 8), "head": 8},
}


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """A data set that is easy to learn: two classes, horizontal and vertical stripes of 8 x 8 pixels, with some noise."""
    random = np.random.default_rng(0)
    rows = np.arange(8) % 2 * 255
    pictures = np.stack([np.tile(rows[:, None], (1, 8)), np.tile(rows, (8, 1))])
    labels = random.integers(0, 2, 120)
    images = np.where(random.random((120, 8, 8)) < 0.03, 255 - pictures[labels], pictures[labels]).astype(np.uint8)
    path = tmp_path / "stripes.npz"
    np.savez(path, images=images, labels=labels)
    return path


def small_recipe(name: str, data: Path, **changes: Any) -> Recipe:
    small: dict[str, Any] = {"data": str(data), "epochs": 3, "batch": 12, "start": "", "ema": 0.9}
    return models.recipe(name).with_changes(**(small | changes))


def trained(name: str, data: Path, folder: Path, *callbacks: Callback, **changes: Any) -> TrainingJob:
    recipe = small_recipe(name, data, **changes)
    job = TrainingJob(name, recipe=recipe, config=SMALL[name], folder=folder, device="cpu", callbacks=callbacks)
    return done(job)


def done(job: TrainingJob) -> TrainingJob:
    job.start()
    assert job.join(60)
    assert job.state is not State.FAILED, job.error
    return job


class StopAt(Callback):
    """Cancels when a step has been made, as a person would."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.last_step = 0

    def on_start(self, training: Training) -> None:
        self.token = training.token

    def on_step(self, training: Training) -> None:
        self.last_step = training.step
        if training.step == self.step:
            self.token.cancel()


@pytest.mark.parametrize("name", models.available())
def test_every_model_learns(name: str, stripes: Path, tmp_path: Path) -> None:
    job = trained(name, stripes, tmp_path / "run", epochs=8, rate=2e-2, muon_rate=4e-2)
    assert job.state is State.FINISHED
    column = f"watched_{models.build(name).measure}"
    watched = [row[column] for row in job.run.metrics() if column in row]
    assert len(watched) == 8
    assert watched[-1] < watched[0]
    assert watched[-1] < 0.8  # bits: a coin would need 1


def test_a_run_is_a_folder_with_all_that_was_promised(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run")
    run = job.run
    assert job.result == run.latest
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "config.json",
        "metrics.csv",
        "tensorboard",
        "samples",
        "latest.safetensors",
        "best.safetensors",
        "resume.safetensors",
    }
    assert [path.name for path in run.sample_files()] == ["epoch-001.png", "epoch-002.png", "epoch-003.png"]
    assert any(path.name.startswith("events.out.tfevents") for path in run.tensorboard.iterdir())
    with run.metrics_file.open() as file:
        assert [row["step"] for row in csv.DictReader(file) if row["train_bits_per_dim"]] == [str(n) for n in range(1, 28)]
    with Image.open(run.sample_files()[-1]) as picture:
        assert picture.size[0] >= 8 * 8


def test_the_card_says_how_it_was_made(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run", seed=5)
    model = checkpoints.load(job.run.latest)
    card = model.card
    assert card is not None
    assert card["recipe"] == job.recipe.to_dict()
    assert (card["seed"], card["epochs"], card["preparation"], card["weights"]) == (5, 3, "thresholded", "ema")
    assert card["metrics"]["examples"] == 12
    assert card["metrics"]["split"] == "test"
    assert card["thumbnail"]
    from studio.engine.evaluation import evaluate

    score = evaluate(model, stripes)
    assert score is not None
    assert score.bits_per_dim == pytest.approx(card["metrics"]["bits_per_dim"], rel=1e-5)


def test_an_autoencoder_is_kept_with_figures_of_its_own_and_says_why_it_cannot_generate(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("autoencoder", stripes, tmp_path / "run", epochs=12, rate=2e-2, muon_rate=4e-2)
    card = checkpoints.read_card(job.run.latest)
    assert card["autoregressive"] is False
    assert card["why"].startswith("An autoencoder cannot generate")
    assert set(card["metrics"]) == {
        "reconstruction_bits", "pixels_right", "plain_reconstruction_bits", "plain_pixels_right",
        "examples", "split", "weights",
    }  # fmt: skip
    assert card["metrics"]["pixels_right"] > 0.8
    assert "bits_per_dim" not in job.run.metrics_file.read_text()
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert progress.measure == "reconstruction_bits"
    assert progress.samples is not None
    shown, made = progress.samples[::2], progress.samples[1::2]
    assert shown.shape == made.shape == (12, 1, 8, 8)
    rows = np.arange(8) % 2
    kinds = np.stack([np.tile(rows[:, None], (1, 8)), np.tile(rows, (8, 1))])
    wrong = [np.abs(some[:, :, None] - kinds).mean((3, 4)).min(2).mean() for some in (shown.astype(int), made.astype(int))]
    assert wrong[1] < wrong[0] / 2, "most of the noise has gone"


def test_a_model_that_generates_says_so_on_its_card(stripes: Path, tmp_path: Path) -> None:
    card = checkpoints.read_card(trained("made", stripes, tmp_path / "run", epochs=1).run.latest)
    assert card["autoregressive"] is True
    assert "why" not in card


def test_the_same_seed_gives_the_same_weights_and_another_one_others(stripes: Path, tmp_path: Path) -> None:
    weights = [
        load_file(trained("made", stripes, tmp_path / f"run-{number}", epochs=1, seed=seed).run.latest)
        for number, seed in enumerate((1, 1, 2))
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not all(torch.equal(weights[0][name], weights[2][name]) for name in weights[0])


@pytest.mark.parametrize("name", ["made", "gated-pixelcnn-class", "autoencoder"])
@pytest.mark.parametrize("preparation", ["thresholded", "dynamic"])
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
    rows = [[{k: v for k, v in row.items() if k != "seconds"} for row in job.run.metrics()] for job in (whole, resumed)]
    assert rows[0] == rows[1]


def test_a_crash_loses_no_more_than_what_came_after_the_last_save(stripes: Path, tmp_path: Path) -> None:
    class Crash(Callback):
        def on_step(self, training: Training) -> None:
            if training.step == 13:  # the last save was after the first epoch, step 9
                raise RuntimeError("the power failed")

    recipe = small_recipe("made", stripes)
    job = TrainingJob("made", recipe=recipe, config=SMALL["made"], folder=tmp_path / "run", callbacks=[Crash()])
    job.start()
    job.join(60)
    assert job.state is State.FAILED
    assert job.message == "the power failed"
    whole = trained("made", stripes, tmp_path / "whole")
    resumed = done(TrainingJob(resume=tmp_path / "run"))
    one, other = load_file(whole.run.latest), load_file(resumed.run.latest)
    assert all(torch.equal(one[tensor], other[tensor]) for tensor in one)
    assert [row["step"] for row in resumed.run.metrics()] == [row["step"] for row in whole.run.metrics()]


def test_progress_reaches_the_mailbox_with_all_that_a_window_shows(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run")
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert (progress.step, progress.steps, progress.epoch, progress.epochs) == (27, 27, 3, 3)
    assert progress.history[-1] == (27, progress.loss)
    assert [epoch for epoch, _ in progress.watched_history] == [1, 2, 3]
    assert progress.samples is not None
    assert progress.samples.shape == (64, 1, 8, 8)
    assert progress.seconds > 0
    assert job.progress == 1


class StopAtTheEnd(Callback):
    """Cancels at the end of an epoch; put before the samples."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_start(self, training: Training) -> None:
        self.training = training

    def on_epoch(self, training: Training) -> None:
        if training.epoch == self.epoch:
            training.token.cancel()


@pytest.mark.parametrize("epoch", [1, 3])  # of 3: the last one's end is owed like any other's, and the score after it
def test_an_epochs_end_that_was_interrupted_is_made_good(epoch: int, stripes: Path, tmp_path: Path) -> None:
    whole = trained("gated-pixelcnn", stripes, tmp_path / "whole")
    stop = StopAtTheEnd(epoch)
    recipe = small_recipe("gated-pixelcnn", stripes)
    job = TrainingJob("gated-pixelcnn", recipe=recipe, config=SMALL["gated-pixelcnn"], folder=tmp_path / "run")
    job.callbacks.insert(0, stop)
    began = time.monotonic()
    done(job)
    assert time.monotonic() - began < 20
    assert job.state is State.CANCELLED
    assert len(job.run.sample_files()) == epoch - 1
    assert checkpoints.read_card(job.run.latest)["epochs"] == epoch

    resumed = done(TrainingJob(resume=job.run.folder))
    assert resumed.state is State.FINISHED
    pictures = [[path.read_bytes() for path in run.sample_files()] for run in (whole.run, resumed.run)]
    assert len(pictures[0]) == 3
    assert pictures[0] == pictures[1]
    columns = ("step", "train_bits_per_dim", "watched_bits_per_dim")
    rows = [[[row.get(c) for c in columns] for row in run.metrics()] for run in (whole.run, resumed.run)]
    assert rows[0] == rows[1]
    cards = [checkpoints.read_card(run.latest) for run in (whole.run, resumed.run)]
    assert cards[0]["metrics"] == cards[1]["metrics"]
    assert cards[1]["metrics"]["split"] == "test"


def test_a_run_that_goes_on_keeps_its_thumbnail(stripes: Path, tmp_path: Path) -> None:
    first = trained("made", stripes, tmp_path / "run", StopAt(13))
    thumbnail = checkpoints.read_card(first.run.latest)["thumbnail"]
    again = TrainingJob(resume=first.run.folder, callbacks=[StopAt(14)])
    done(again)
    assert thumbnail
    assert checkpoints.read_card(again.run.latest)["thumbnail"] == thumbnail


def test_a_finished_run_and_one_that_is_none_cannot_be_resumed(stripes: Path, tmp_path: Path) -> None:
    job = trained("made", stripes, tmp_path / "run", epochs=1)
    again = TrainingJob(resume=job.run.folder)
    again.start()
    again.join(60)
    assert "is finished" in again.message
    with pytest.raises(StudioError, match="There is no run"):
        TrainingJob(resume=tmp_path / "nothing")


def test_a_loss_that_is_no_number_ends_with_a_sentence_and_the_last_model_is_kept(stripes: Path, tmp_path: Path) -> None:
    class Poison(Callback):
        def on_step(self, training: Training) -> None:
            if training.step == 12:
                with torch.no_grad():
                    next(training.learner.model.parameters()).fill_(float("nan"))

    job = TrainingJob(
        "made", recipe=small_recipe("made", stripes), config=SMALL["made"], folder=tmp_path / "run", callbacks=[Poison()]
    )
    job.start()
    job.join(60)
    assert job.state is State.FAILED
    assert "no longer a number" in job.message
    kept = checkpoints.load(job.run.latest)
    assert all(p.isfinite().all() for p in kept.parameters())


@pytest.mark.parametrize(
    ("changes", "config", "sentence"),
    [
        ({"batch": 0}, {}, "batch is 0"),
        ({"epochs": -1}, {}, "epochs is -1"),
        ({"preparation": "upside-down"}, {}, "not a preparation"),
        ({"optimiser": "hope"}, {}, "no optimiser"),
        ({"data": "nowhere"}, {}, "no data set"),
        ({}, {"levels": 7}, "levels is 7"),
        ({}, {"hidden": -3}, "cannot be built"),
        ({"start": "nowhere"}, {}, "no checkpoint"),
    ],
)
def test_what_cannot_be_trained_is_told_in_a_sentence(
    changes: dict[str, Any], config: dict[str, Any], sentence: str, stripes: Path, tmp_path: Path
) -> None:
    recipe = small_recipe("made", stripes).with_changes(**changes)

    def begin() -> None:
        check_recipe(recipe)
        Training("made", recipe, SMALL["made"] | config, Run.create("made", tmp_path / "run"), torch.device("cpu"))

    with pytest.raises(StudioError, match=sentence):
        begin()


def test_a_folder_that_is_in_use_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").touch()
    with pytest.raises(StudioError, match="is not empty"):
        TrainingJob("made", folder=tmp_path / "used")
    (tmp_path / "file").touch()
    with pytest.raises(StudioError, match="cannot be written"):
        TrainingJob("made", folder=tmp_path / "file" / "run")


@pytest.mark.parametrize("name", ["gated-pixelcnn-class", "gated-pixelcnn-location", "gated-pixelcnn-map"])
def test_a_conditional_model_begins_as_the_one_without_a_condition(name: str, tmp_path: Path) -> None:
    recipe = models.recipe(name)
    assert recipe.start == "gated-pixelcnn"
    model = generating(Training(name, recipe, {}, Run.create(name, tmp_path / "run"), torch.device("cpu")).model)
    x = torch.randint(2, (2, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    told = model.painted(x, torch.ones(2, 28, 28, dtype=torch.bool)) if model.takes_painting else torch.tensor([3, 4])
    expected = generating(checkpoints.load("gated-pixelcnn")).log_prob(x)
    torch.testing.assert_close(model.log_prob(x, told), expected)


def test_labels_are_needed_where_the_model_learns_from_them(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((20, 8, 8), np.uint8))
    job = TrainingJob(
        "gated-pixelcnn-class", recipe=small_recipe("gated-pixelcnn-class", tmp_path / "a.npy"), folder=tmp_path / "run"
    )
    job.start()
    job.join(60)
    assert "learns from labels" in job.message


def test_settings_are_split_into_recipe_and_configuration() -> None:
    recipe, config = split_settings("gated-pixelcnn", {"epochs": "0.5", "dilations": "1, 2", "width": "16", "data": "x"})
    assert (recipe.epochs, recipe.data) == (0.5, "x")
    assert config == {"dilations": (1, 2), "width": 16}
    assert split_settings("made", {"any_order": "true"})[1] == {"any_order": True}
    with pytest.raises(StudioError, match=r'no setting "size".*epochs.*width'):
        split_settings("gated-pixelcnn", {"size": "3"})
    with pytest.raises(StudioError, match='"many" does not fit epochs: it takes a number'):
        split_settings("gated-pixelcnn", {"epochs": "many"})
    with pytest.raises(StudioError, match='There is no model "gpt"'):
        split_settings("gpt", {})


@pytest.fixture
def blots(tmp_path: Path) -> Path:
    """A data set in colour: pictures of 8 x 8 pixels, red in the left half or green in the left half, with labels."""
    images = np.zeros((60, 8, 8, 3), np.uint8)
    labels = np.arange(60) % 2
    for image, label in zip(images, labels, strict=True):
        image[:, :4, label] = 255
    path = tmp_path / "blots.npz"
    np.savez(path, images=images, labels=labels)
    return path


@pytest.mark.parametrize(
    ("preparation", "settled", "channels"), [("rgb-4", "rgb-4", 3), ("levels-4", "rgb-4", 3), ("grey-4", "grey-4", 1)]
)
def test_the_preparation_decides_whether_a_model_learns_in_colour(
    preparation: str, settled: str, channels: int, blots: Path, tmp_path: Path
) -> None:
    job = trained("gated-pixelcnn", blots, tmp_path / "run", preparation=preparation, epochs=1)
    model = checkpoints.load(job.run.latest)
    assert model.spec.shape == (channels, 8, 8)
    assert model.spec.levels == 4
    assert model.card is not None
    assert model.card["preparation"] == model.card["recipe"]["preparation"] == settled


def test_levels_of_grey_data_are_grey(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run", preparation="levels-4", epochs=1)
    assert checkpoints.read_card(job.run.latest)["preparation"] == "grey-4"


def test_a_model_that_can_do_without_classes_learns_them_where_the_recipe_says_so(blots: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", blots, tmp_path / "run", StopAt(5), conditional=True, label_dropout=0.1)
    job = done(TrainingJob(resume=job.run.folder))
    model = checkpoints.load(job.run.latest)
    assert model.conditioning == models.Classes(2, ("0", "1"))
    assert model.state_dict()["class_bias"].any()


def test_a_model_without_classes_cannot_learn_them(blots: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", blots, conditional=True)
    with pytest.raises(StudioError, match="made cannot be told a class"):
        Training("made", recipe, SMALL["made"], Run.create("made", tmp_path / "run"), torch.device("cpu"))


def test_pictures_are_mirrored_every_other_time(blots: Path, tmp_path: Path) -> None:
    run = Run.create("made", tmp_path / "run")
    training = Training(
        "made", small_recipe("made", blots, flip=True, preparation="rgb-2"), SMALL["made"], run, torch.device("cpu")
    )
    images = training.images
    prepared = training.learner._prepared(images, torch.Generator().manual_seed(0)).bool()
    straight, mirrored = ((prepared == side.bool()).flatten(1).all(1) for side in (images, images.flip(-1)))
    assert (straight ^ mirrored).all()
    assert 10 < straight.sum() < len(images) - 10


def test_a_model_may_have_another_recipe_for_other_data(
    blots: Path, stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = models.registry.entry("gated-pixelcnn")
    own = small_recipe(
        "gated-pixelcnn", blots, epochs=1, preparation="rgb-4", conditional=True, settings={"width": 4, "head": 4}
    )
    monkeypatch.setitem(models.registry.ENTRIES, "gated-pixelcnn", replace(usual, others=(own,)))
    assert models.recipe("gated-pixelcnn", "elsewhere") == models.recipe("gated-pixelcnn") == usual.recipe

    recipe, config = split_settings("gated-pixelcnn", {"data": str(blots), "dilations": "1", "head": "8"})
    assert recipe == own
    job = done(TrainingJob("gated-pixelcnn", recipe=recipe, config=config, folder=tmp_path / "run"))
    card = checkpoints.read_card(job.run.latest)
    assert (card["config"]["width"], card["config"]["head"], card["config"]["classes"]) == (4, 8, 2)
    assert Recipe.from_dict(card["recipe"]) == own
    assert split_settings("gated-pixelcnn", {"data": str(stripes)})[0] == usual.recipe.with_changes(data=str(stripes))


def test_a_job_that_failed_holds_on_to_nothing(stripes: Path, tmp_path: Path) -> None:
    job: Job[Path] = TrainingJob("made", recipe=small_recipe("made", stripes, start="nowhere"), folder=tmp_path / "run")
    job.start()
    job.join(60)
    assert "Traceback" in job.error
    assert "StudioError" in job.error
