"""The command line, as a person uses it: results, messages and exit statuses of every command."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import models
from models import orders
from studio.cli import main, training
from studio.cli.terminal import ProgressLine, duration
from studio.engine import bench, checkpoints
from studio.engine.generation import Generation
from studio.engine.jobs import Job
from studio.engine.runs import Run
from studio.engine.settings import METHODS
from studio.engine.training import Training
from tests.tiny import SIZE, tiny_checkpoint, tiny_data

SMALL = ["width=4", "hidden=4", "blocks=1", "kernel=3", "head=4", "batch=10"]

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_data_folder: Path) -> Path:
    """An empty current folder, and a person without runs."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def result(capsys: Capture, *arguments: str) -> str:
    """What a command that succeeds prints."""
    assert main(arguments) == 0
    return capsys.readouterr().out.strip()


def complaint(capsys: Capture, *arguments: str) -> str:
    """The one sentence of a command that cannot be carried out."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith(".\n")
    assert "Traceback" not in err
    return err


# Starting.


def test_help_is_there_without_torch_or_qt():
    code = (
        "import sys; from studio.cli import main; status = main(['--help']);"
        "heavy = {'torch', 'numpy', 'PySide6'} & set(sys.modules); print(status, heavy, file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "0 set()"
    for command in ("models", "train", "evaluate", "generate", "complete", "scoreboard", "bench"):
        assert command in shown.stdout


@pytest.mark.parametrize("command", ["models", "train", "evaluate", "generate", "complete", "scoreboard", "bench"])
def test_every_command_has_help(capsys, command):
    assert command in result(capsys, command, "--help")


def test_python_m_studio_is_the_same_program():
    shown = subprocess.run([sys.executable, "-m", "studio", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("Autoregressive Studio 0.")


def test_without_a_command_the_window_opens(monkeypatch):
    import studio.gui.app

    monkeypatch.setattr(studio.gui.app, "main", lambda: 7)
    monkeypatch.setattr("studio.cli.window.has_display", lambda: True)
    assert main([]) == 7


def test_without_a_display_the_window_says_so(capsys, monkeypatch):
    monkeypatch.setattr("studio.cli.window.has_display", lambda: False)
    assert "no display" in complaint(capsys)


# Wrong usage.


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["draw"], "draw"),
        (["--fast"], "--fast"),
        (["generate"], "CHECKPOINT"),
        (["generate", "made", "--count", "0"], "--count"),
        (["generate", "made", "--count", "many"], '"many" is not a whole number'),
        (["generate", "made", "--temperature", "nan"], "--temperature"),
        (["generate", "made", "--temperature", "-1"], "less than 0"),
        (["generate", "made", "--top-p", "1.5"], "more than 1"),
        (["generate", "made", "--out", "a.jpg"], ".png, .gif, .mp4 or .npy"),
        (["generate", "made", "--out", "nowhere/a.png"], 'no folder "nowhere"'),
        (["generate", "nothing"], "nothing"),
        (["complete", "made", "--out", "a.png"], "--image"),
        (["complete", "made", "--image", "a.png", "--out", "b.png", "--method", "magic"], "magic"),
        (["evaluate", "nothing"], "nothing"),
        (["evaluate", "made", "--split", "validation"], "validation"),
        (["train"], "Name a model"),
        (["train", "nothing"], "nothing"),
        (["train", "made", "--set", "epochs"], "key=value"),
        (["train", "made", "--set", "colour=blue"], "colour"),
        (["train", "made", "--set", "epochs=soon"], "epochs"),
        (["train", "made", "--set", "batch=0"], "batch"),
        (["train", "made", "--data", "nowhere"], "nowhere"),
        (["train", "made", "--preparation", "sepia"], "sepia"),
        (["train", "made", "--device", "abacus"], "abacus"),
        (["train", "--resume", "nothing"], "nothing"),
        (["train", "made", "--resume", "nothing", "--set", "epochs=3"], "leave out --set"),
        (["bench", "--only", "nothing"], "nothing"),
    ],
)
def test_wrong_usage_is_one_sentence(here, capsys, arguments, word):
    assert word in complaint(capsys, *arguments)


def test_a_device_that_is_not_there_is_one_sentence(here, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    path = tiny_checkpoint(here)
    assert "CUDA" in complaint(capsys, "generate", str(path), "--device", "cuda")


def test_methods_and_orders_are_those_there_are(capsys):
    shown = result(capsys, "complete", "--help")
    assert all(name in shown for name in (*METHODS, *orders.NAMES))


# models, scoreboard, bench.


def test_models_lists_what_can_be_built_and_what_is_trained(here, capsys):
    document = json.loads(result(capsys, "models", "--json"))
    assert [entry["name"] for entry in document["models"]] == models.available()
    assert all(entry["summary"] and entry["recipe"] and entry["settings"] for entry in document["models"])
    assert {entry["name"] for entry in document["checkpoints"]} == set(checkpoints.shipped())
    text = result(capsys, "models")
    assert all(name in text for name in models.available())


def test_the_runs_of_the_person_are_listed_and_a_damaged_one_says_so(here, capsys, user_data_folder):
    for name in ("good", "damaged"):
        run = Run.create("pixelcnn", user_data_folder / "runs" / name)
        run.write_config("pixelcnn", {}, models.recipe("pixelcnn"), "cpu")
        tiny_checkpoint(run.folder).rename(run.latest)
    Path(user_data_folder / "runs" / "damaged" / "latest.safetensors").write_bytes(b"short")
    runs = {run["name"]: run for run in json.loads(result(capsys, "models", "--json"))["runs"]}
    assert runs["good"]["card"]["model"] == "pixelcnn"
    assert "cut short" in runs["damaged"]["error"]
    assert "cut short" in result(capsys, "models")


def test_the_scoreboard_has_a_row_for_every_shipped_checkpoint(here, capsys):
    board = json.loads(result(capsys, "scoreboard", "--json"))
    assert {row["name"] for row in board} == set(checkpoints.shipped())
    text = result(capsys, "scoreboard")
    assert all(row["name"] in text for row in board)


def test_bench_prints_one_document(here, capsys, monkeypatch):
    asked: dict[str, Any] = {}

    def measured(show: Callable[[str], object], **arguments: Any) -> dict[str, Any]:
        show("Measuring.")
        asked.update(arguments)
        return {"machine": "a laptop", "matmul_gflops": 100.0}

    monkeypatch.setattr(bench, "run", measured)
    assert json.loads(result(capsys, "bench", "--json", "--only", "sampling"))["machine"] == "a laptop"
    assert asked == {"only": "sampling", "quick": False}
    assert "a laptop" in result(capsys, "bench")


# train, evaluate.


def test_a_model_is_trained_scored_and_asked_to_draw(here, capsys):
    data = tiny_data(here)
    assert main(["train", "pixelcnn", "--data", str(data), "--out", "run", "--device", "cpu", "--set", "epochs=2",
                 *SMALL]) == 0  # fmt: skip
    out, err = capsys.readouterr()
    path = out.strip()
    assert path == str(Path("run", "latest.safetensors"))
    assert "the run is kept in run" in err
    assert "bits/dim on 6 test images" in err
    score = json.loads(result(capsys, "evaluate", path, "--json"))
    assert set(score) == {"bits_per_dim", "nats", "examples", "seconds"}
    assert score["examples"] == 6
    card = checkpoints.read_card(path)
    assert card["metrics"]["bits_per_dim"] == pytest.approx(score["bits_per_dim"], rel=1e-3)
    assert result(capsys, "generate", path, "--out", "digit.png") == "digit.png"


def test_a_model_that_is_told_what_is_given_is_scored_with_each_half_too(here, capsys):
    path, data = str(tiny_checkpoint(here, "gated-pixelcnn-map")), str(tiny_data(here))
    score = json.loads(result(capsys, "evaluate", path, "--data", data, "--json"))
    assert set(score["completion"]) == {"top", "bottom", "left", "right"}
    assert "of the rest, given the bottom half" in result(capsys, "evaluate", path, "--data", data)


def test_an_autoencoder_is_trained_and_measured_but_not_by_a_likelihood(here, capsys):
    data = tiny_data(here)
    assert main(["train", "autoencoder", "--data", str(data), "--out", "run", "--device", "cpu", "--set", "epochs=2",
                 "hidden=16", "code=8"]) == 0  # fmt: skip
    out, err = capsys.readouterr()
    assert "bits/dim to reconstruct on 6 test images" in err
    text = result(capsys, "evaluate", out.strip())
    assert text.count("of the pixels right") == 2
    assert "not a likelihood" in text
    score = json.loads(result(capsys, "evaluate", out.strip(), "--json"))
    assert "bits_per_dim" not in score
    assert 0 <= score["pixels_right"] <= 1


def test_set_reaches_the_recipe_and_the_model(here, capsys):
    path = result(capsys, "train", "made", "--data", str(tiny_data(here)), "--out", "run", "--preparation", "grey-4",
                  "--set", "epochs=0.5", "--set", "hidden=16", "any_order=true", "seed=3")  # fmt: skip
    card = checkpoints.read_card(path)
    assert (card["recipe"]["epochs"], card["recipe"]["seed"], card["preparation"]) == (0.5, 3, "grey-4")
    assert (card["config"]["hidden"], card["config"]["any_order"], card["levels"]) == (16, True, 4)


def test_a_model_that_cannot_be_built_leaves_no_run_behind(here, capsys):
    data = tiny_data(here)
    assert main(["train", "pixelcnn", "--data", str(data), "--out", "run", "--set", "width=-1"]) == 2
    assert "cannot be built" in capsys.readouterr().err
    assert not Path("run").exists()


def test_what_nobody_foresaw_comes_with_its_traceback(here, monkeypatch):
    def surprise(self: Training) -> None:
        raise LookupError("where is it?")

    monkeypatch.setattr(Training, "watch", surprise)
    with pytest.raises(RuntimeError, match=r"(?s)in surprise.*LookupError: where is it\?"):
        main(["train", "pixelcnn", "--data", str(tiny_data(here)), "--out", "run", "--set", "epochs=1", *SMALL])


def interrupted(condition: Callable[[], bool]) -> threading.Thread:
    """Presses Ctrl+C as soon as the condition holds."""

    def press() -> None:
        deadline = time.monotonic() + 60
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.fixture
def endless(here: Path) -> list[str]:
    """A training that would go on for hours."""
    data = str(tiny_data(here))
    return ["train", "pixelcnn", "--data", data, "--out", "run", "--device", "cpu", "--set", "epochs=1e5", *SMALL]


def test_interrupting_a_training_keeps_it_and_it_can_be_resumed(here, capsys, endless):
    before = signal.getsignal(signal.SIGINT)
    thread = interrupted(lambda: Path("run/metrics.csv").exists())
    assert main(endless) == 130
    thread.join()
    out, err = capsys.readouterr()
    assert out.strip() == str(Path("run", "latest.safetensors"))
    assert "studio train --resume run" in err
    assert signal.getsignal(signal.SIGINT) is before
    steps = Run.open("run").metrics()[-1]["step"]
    thread = interrupted(lambda: Run.open("run").metrics()[-1]["step"] > steps)
    assert main(["train", "--resume", "run", "--device", "cpu"]) == 130
    thread.join()
    assert checkpoints.load("run/latest.safetensors").name == "pixelcnn"
    capsys.readouterr()
    assert "pixelcnn, not made" in complaint(capsys, "train", "made", "--resume", "run")


def test_a_second_interrupt_leaves_at_once(monkeypatch):
    left: list[int] = []
    monkeypatch.setattr("os._exit", left.append)
    job: Job[Path] = Job(lambda job: Path())
    with training._interrupts_stop(job):  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)
        assert job.token.cancelled
        assert left == []
        signal.raise_signal(signal.SIGINT)
        assert left == [130]


# generate, complete.


@pytest.mark.parametrize("suffix", [".png", ".gif", ".mp4", ".npy"])
def test_generate_writes_what_the_suffix_asks_for(here, capsys, suffix):
    path = tiny_checkpoint(here)
    out = f"drawn{suffix}"
    assert result(capsys, "generate", str(path), "--count", "3", "--speed", "400", "--out", out) == out
    assert Path(out).stat().st_size > 100


def test_an_autoencoder_says_why_it_cannot_generate(here, capsys):
    path = str(tiny_checkpoint(here, "autoencoder"))
    assert "An autoencoder cannot generate" in complaint(capsys, "generate", path, "--out", "a.png")
    assert not Path("a.png").exists()
    listed = {entry["name"]: entry for entry in json.loads(result(capsys, "models", "--json"))["models"]}
    assert not listed["autoencoder"]["autoregressive"]
    assert listed["made"]["autoregressive"]
    assert "not autoregressive" in result(capsys, "models")


def test_an_autoencoder_gives_a_picture_back_beside_what_it_was_shown(here, capsys):
    path = str(tiny_checkpoint(here, "autoencoder"))
    given = np.random.default_rng(0).integers(0, 2, (SIZE, SIZE), dtype=np.uint8)
    Image.fromarray(given * 255).save("given.png")

    def shown_and_made(*options: str) -> np.ndarray:
        result(capsys, "complete", path, "--image", "given.png", *options, "--out", "done.npy")
        return np.load("done.npy")

    whole, noisy = shown_and_made(), shown_and_made("--noise", "0.5", "--seed", "3")
    assert whole.shape == (2, 1, SIZE, SIZE)
    assert (whole[0, 0] == given).all(), "all of it is given, where nothing says otherwise"
    assert 0.1 < (noisy[0] != whole[0]).mean() < 0.4
    assert (noisy == shown_and_made("--noise", "0.5", "--seed", "3")).all()
    half = shown_and_made("--mask", "top")
    assert (half[0, 0, SIZE // 2 :] == 0).all()
    drawing = str(tiny_checkpoint(here, "pixelcnn"))
    told = complaint(capsys, "complete", drawing, "--image", "given.png", "--noise", "0.5", "--out", "done.npy")
    assert "--noise" in told


def test_the_same_seed_draws_the_same_pictures_whatever_their_number(here, capsys):
    path = str(tiny_checkpoint(here))
    for out, count, seed in (("a", 4, 5), ("b", 2, 5), ("c", 4, 6)):
        result(capsys, "generate", path, "--count", str(count), "--seed", str(seed), "--out", f"{out}.npy")
    a, b, c = (np.load(f"{out}.npy") for out in "abc")
    assert a.shape == (4, 1, SIZE, SIZE)
    assert (a[:2] == b).all()
    assert (a != c).any()


def test_pictures_are_called_after_model_and_seed_where_nobody_names_them(here, capsys):
    path = tiny_checkpoint(here)
    assert result(capsys, "generate", str(path), "--seed", "12") == "tiny-pixelcnn-12.png"
    with Image.open("tiny-pixelcnn-12.png") as image:
        assert image.text["Seed"] == "12"  # type: ignore[attr-defined]


def test_a_class_is_named_or_numbered(here, capsys):
    path = str(tiny_checkpoint(here, "gated-pixelcnn-class"))
    for out, condition in (("name", ["--condition", "b"]), ("number", ["--condition", "1"]), ("none", [])):
        result(capsys, "generate", path, "--count", "64", *condition, "--out", f"{out}.npy")
    assert (np.load("name.npy") == np.load("number.npy")).all()
    assert (np.load("name.npy") != np.load("none.npy")).any()
    assert "there are a, b, c" in complaint(capsys, "generate", path, "--condition", "d")
    assert "there are a, b, c" in complaint(capsys, "generate", path, "--condition", "3")


def test_a_model_without_classes_takes_no_condition(here, capsys):
    assert "no condition" in complaint(capsys, "generate", str(tiny_checkpoint(here)), "--condition", "1")


def test_a_model_of_any_order_draws_in_the_one_that_is_asked_for(here, capsys):
    any_order = str(tiny_checkpoint(here, "made-any-order"))
    for order in orders.NAMES:
        result(capsys, "generate", any_order, "--order", order, "--out", f"{order}.npy")
    assert (np.load("spiral.npy") != np.load("raster.npy")).any()
    fixed = str(tiny_checkpoint(here, "pixelcnn"))
    assert "its own order" in complaint(capsys, "generate", fixed, "--order", "spiral")


def test_a_random_order_comes_from_the_seed_and_a_part_may_be_given_in_any_order(here, capsys):
    path = str(tiny_checkpoint(here, "made-any-order"))
    result(capsys, "generate", path, "--count", "8", "--out", "whole.npy")
    half = np.load("whole.npy")[0, 0] * 255
    Image.fromarray(half.astype(np.uint8)).save("half.png")
    for order in ("spiral", "random"):
        for out in ("first", "again"):
            result(capsys, "complete", path, "--image", "half.png", "--mask", "bottom", "--order", order, "--seed", "3",
                   "--out", f"{out}.npy")  # fmt: skip
        assert (np.load("first.npy") == np.load("again.npy")).all()
        assert (np.load("first.npy")[0, 0, 4:] * 255 == half[4:]).all()


def test_a_model_of_any_order_is_scored_over_as_many_as_are_asked_for(here, capsys):
    path = str(tiny_checkpoint(here, "made-any-order", data=str(tiny_data(here))))
    score = json.loads(result(capsys, "evaluate", path, "--orders", "3", "--json"))
    assert score["orders"] == 3
    assert score["bits_per_dim"] < score["single_order_bits_per_dim"]
    assert "ensemble of 32 orders" in result(capsys, "evaluate", path)
    fixed = str(tiny_checkpoint(here, "pixelcnn", data=str(tiny_data(here))))
    assert "has one order" in complaint(capsys, "evaluate", fixed, "--orders", "3")


def test_interrupted_drawing_keeps_what_was_drawn(here, capsys, monkeypatch):
    step, calls = Generation.step, iter(range(100))

    def until_ctrl_c(self: Generation, n: int = 1) -> int:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return step(self, n)

    monkeypatch.setattr(Generation, "step", until_ctrl_c)
    assert main(["generate", str(tiny_checkpoint(here)), "--out", "half.png"]) == 130
    out, err = capsys.readouterr()
    assert out == "half.png\n"
    assert "after 32 of 64 sites" in err
    assert Path("half.png").exists()


def test_pictures_that_fit_no_memory_are_refused(here, capsys, monkeypatch):
    def full(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 256 GB")

    monkeypatch.setattr("studio.engine.generation.noise_for", full)
    assert "not enough memory" in complaint(capsys, "generate", str(tiny_checkpoint(here)))


@pytest.mark.parametrize("method", METHODS)
def test_completing_keeps_what_is_given(here, capsys, method):
    path = str(tiny_checkpoint(here))
    given = np.random.default_rng(0).integers(0, 2, (SIZE, SIZE), dtype=np.uint8) * 255
    Image.fromarray(given).save("given.png")
    result(capsys, "complete", path, "--image", "given.png", "--mask", "bottom", "--method", method, "--count", "3",
           "--out", "done.npy")  # fmt: skip
    done = np.load("done.npy")
    assert done.shape == (3, 1, SIZE, SIZE)
    assert (done[:, 0, SIZE // 2 :] == (given[SIZE // 2 :] > 0)).all()
    assert (done[0] != done[1]).any()


def test_completing_says_what_is_not_seen(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--mask", "bottom", "--out", "done.png"]
    assert main(arguments) == 0
    assert "32 of the 32 given sites" in capsys.readouterr().err
    assert main([*arguments, "--method", "particles"]) == 0
    assert "not seen" not in capsys.readouterr().err


def test_a_model_that_is_told_what_is_given_sees_all_of_it(here, capsys):
    path = str(tiny_checkpoint(here, "gated-pixelcnn-map"))
    Image.new("L", (SIZE, SIZE), 255).save("given.png")
    assert main(["complete", path, "--image", "given.png", "--mask", "bottom", "--out", "done.npy"]) == 0
    assert "not seen" not in capsys.readouterr().err
    assert (np.load("done.npy")[:, :, SIZE // 2 :] == 1).all()
    assert "studio complete" in complaint(capsys, "generate", path, "--condition", "1")


def test_a_picture_of_the_wrong_size_can_be_resized(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (30, 20)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--out", "done.png"]
    told = complaint(capsys, *arguments)
    assert "30 x 20" in told
    assert "8 x 8" in told
    assert "--resize" in told
    assert result(capsys, *arguments, "--resize") == "done.png"


# The terminal.


def test_a_reader_that_leaves_is_no_error(here):
    listing = subprocess.Popen(
        [sys.executable, "-m", "studio", "models"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path.cwd()
    )
    with listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_at_a_terminal(monkeypatch):
    monkeypatch.setattr("studio.cli.terminal.UPDATE_EVERY", 0)
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with ProgressLine() as line:
        line.show("step 1 of 2")
        line.show("step 2")
    assert "\n" not in screen.getvalue()
    assert screen.getvalue().split("\r")[2] == "step 2     "
    assert screen.getvalue().endswith("\r")


def test_progress_in_a_log_is_a_line_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    with ProgressLine() as line:
        for now[0] in range(0, 25, 5):
            line.show(f"after {now[0]} s")
    assert log.getvalue() == "after 10 s\nafter 20 s\n"


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_durations_are_worded(seconds, words):
    assert duration(seconds) == words
