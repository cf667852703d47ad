"""Whatever the terminal can show and wherever the person lives, a command says what it has to say,
with points in its numbers, and finds what lies at home."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli import main
from studio.cli.commands import build_parser
from studio.cli.terminal import ProgressLine, say, take_any_encoding
from tests.cli.commands import SMALL, Capture, result
from tests.thorough import THOROUGH
from tests.tiny import squares, tiny_checkpoint, tiny_data

pytestmark = pytest.mark.usefixtures("here")
HELP = [["--help"], ["train", "--help"], ["complete", "--help"], ["generate", "--help"]]
LISTS = [["models"], ["models", "pixelcnn"], ["data"], ["scoreboard"]]


class Screen:
    """A terminal of some encoding in the place of both streams; raises what cannot be shown."""

    def __init__(self, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown = io.BytesIO()
        for name in ("stdout", "stderr"):
            stream = io.TextIOWrapper(self.shown, encoding, errors="strict", write_through=True)
            monkeypatch.setattr(sys, name, stream)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize("words", HELP + LISTS, ids=" ".join)
def test_help_and_tables_are_shown_in_any_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str, words: list[str]
) -> None:
    screen = Screen(encoding, monkeypatch)
    assert main(words) == 0
    assert screen.shown.getvalue()


def test_messages_progress_and_names_are_shown_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen("ascii", monkeypatch)
    take_any_encoding()
    say("28 × 28 … größer")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with ProgressLine() as line:
        line.show("Préparé – 5 %")
    print(Path("Bild-\udce9.png"))
    shown = screen.shown.getvalue().decode("ascii")
    assert "28 x 28 ... gr\\xf6\\xdfer" in shown
    assert "Pr\\xe9par\\xe9 - 5 %" in shown
    assert "Bild-\\udce9.png" in shown


def test_a_name_that_would_command_the_terminal_is_defused(here: Path, capsys: Capture) -> None:
    from studio.cli.terminal import print_table

    print_table(["name"], [["\x1b[31mred\r\n"]])
    assert capsys.readouterr().out == "name\n[31mred\n"


@pytest.mark.parametrize("locale", ["C", "fr_FR", "ar_EG.UTF-8"] if THOROUGH else ["fr_FR"])
def test_a_whole_process_writes_numbers_with_points(here: Path, locale: str) -> None:
    data = tiny_data(here)
    program = [sys.executable, "-m", "studio"]
    settings = ["--set", "epochs=1", *SMALL]
    done = subprocess.run(
        [*program, "train", "pixelcnn", "--data", str(data), "--out", "run", *settings],
        env=os.environ | {"LC_ALL": locale, "LANG": locale, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    table = (here / "run" / "metrics.csv").read_text().splitlines()
    assert all(len(row.split(",")) == len(table[0].split(",")) for row in table)
    assert json.loads((here / "run" / "config.json").read_text())["recipe"]["rate"] < 1


# ---- home ---------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where ~ is, with a model and data in it."""
    home = Path(os.environ["HOME"])
    home.mkdir(exist_ok=True)
    tiny_checkpoint(home, data="squares").replace(home / "mine.safetensors")
    tiny_data(home).replace(home / "tiny.npz")
    return home


def test_every_path_of_a_command_may_begin_at_home(home: Path, capsys: Capture) -> None:
    from PIL import Image

    Image.fromarray(squares(1)[0]).save(home / "given.png")
    given = ["complete", "~/mine.safetensors", "--image", "~/given.png", "--mask", "~/given.png"]
    result(capsys, *given, "--out", "~/made.png")
    result(capsys, "generate", "~/mine.safetensors", "--out", "~/drawn.npy")
    result(capsys, "evaluate", "~/mine.safetensors", "--data", "~/tiny.npz")
    assert {"made.png", "drawn.npy"} <= {path.name for path in home.iterdir()}


def test_a_training_takes_data_and_start_from_home(home: Path, capsys: Capture) -> None:
    settings = ["data=~/tiny.npz", "start=~/mine.safetensors", "epochs=1", *SMALL]
    result(capsys, "train", "pixelcnn", "--out", "~/run", "--set", *settings)
    assert (home / "run" / "latest.safetensors").is_file()


def test_every_option_that_takes_a_file_expands_home() -> None:
    import argparse

    from studio.cli.values import path
    from studio.engine.runtime.typed import expanded

    actions = build_parser()._actions
    found = next(each for each in actions if isinstance(each, argparse._SubParsersAction))
    of_files = {"CHECKPOINT", "F", "FOLDER", "D", "M", "RUN", "FILE_OR_FOLDER"}
    left = [
        f"{name} {action.option_strings or action.dest}"
        for name, parser in found.choices.items()
        for action in parser._actions
        if action.metavar in of_files and not action.choices and action.type not in (expanded, path)
    ]
    assert left == []
