"""How the program starts, and what it says of wrong usage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models import orders
from studio.cli import main
from studio.engine.generation.methods import methods
from studio.engine.runtime.log_file import usual_place
from tests.cli.commands import complaint, result
from tests.tiny import tiny_checkpoint


def test_help_is_there_without_torch_or_qt():
    code = (
        "import sys; from studio.cli import main; status = main(['--help']);heavy = {'torch',"
        " 'numpy', 'PySide6'} & set(sys.modules); print(status, heavy, file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "0 set()"
    for command in ("models", "train", "evaluate", "generate", "complete", "scoreboard", "bench"):
        assert command in shown.stdout


@pytest.mark.parametrize(
    "command",
    [
        "models",
        "train",
        "evaluate",
        "generate",
        "complete",
        "scoreboard",
        "bench",
        "sweep",
        "queue",
        "runs",
    ],
)
def test_every_command_has_help(capsys, command):
    assert command in result(capsys, command, "--help")


def test_python_m_studio_is_the_same_program():
    shown = subprocess.run(
        [sys.executable, "-m", "studio", "--version"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("Autoregressive Studio 0.")


def test_log_says_where_the_log_of_the_window_is(capsys, user_data_folder):
    assert result(capsys, "--log") == str(usual_place())


def test_without_a_command_the_window_opens(monkeypatch):
    import studio.gui.shell.app

    monkeypatch.setattr(studio.gui.shell.app, "main", lambda: 7)
    monkeypatch.setattr("studio.cli.window.has_display", lambda: True)
    assert main([]) == 7


def test_without_a_display_the_window_says_so(capsys, monkeypatch):
    monkeypatch.setattr("studio.cli.window.has_display", lambda: False)
    assert "no display" in complaint(capsys)


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
        (["generate", "made", "--out", "a.jpg"], ".png, .gif, .mp4, .npy or .npz"),
        (["generate", "made", "--out", "nowhere/a.png"], 'no folder "nowhere"'),
        (["generate", "nothing"], "nothing"),
        (["complete", "made", "--out", "a.png"], "--image"),
        (["complete", "made", "--image", "a.png", "--out", "b.png", "--method", "magic"], "magic"),
        (["complete", "made", "--image", "a.png", "--out", "b.png", "--particles", "1"], "than 2"),
        (["generate", "made", "--guidance", "2"], "made takes no class"),
        (["generate", "gated-pixelcnn-class", "--guidance", "2"], "--condition"),
        (["generate", "made", "--steps", "20"], "one site after the other"),
        (["generate", "made", "--order", "certain"], "surest of"),
        (["generate", "made", "--steps", "0"], "less than 1"),
        (["evaluate", "nothing"], "nothing"),
        (["evaluate", "made", "--split", "practice"], "practice"),
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
    assert all(name in shown for name in ("auto", *methods(), *orders.NAMES, "certain"))


def test_a_reader_that_leaves_is_no_error(here):
    listing = subprocess.Popen(
        [sys.executable, "-m", "studio", "lessons"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path.cwd(),
    )
    with listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 0
