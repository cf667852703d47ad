"""`studio --models FILE COMMAND`: models of the person's own, by command and in the window."""

from __future__ import annotations

from pathlib import Path

import pytest

import models
from studio.cli import main
from studio.engine import checkpoints
from tests.cli.commands import complaint, result
from tests.tiny import tiny_data

pytestmark = pytest.mark.usefixtures("own_models")

FILE = """
from models import Recipe
from models.pixelcnn import Config, PixelCNN

TINY = Config(width=4, hidden=4, blocks=1, kernel=3, head=4)
VARIANTS = [("mine", PixelCNN, TINY, Recipe(epochs=1, batch=10), "One of my own")]
"""


@pytest.fixture
def file(here: Path) -> str:
    (here / "mine.py").write_text(FILE)
    return "mine.py"


def test_a_model_of_ones_own_is_listed_trained_and_drawn_with(here, file, capsys):
    listed = result(capsys, "--models", file, "models")
    assert "One of my own" in listed
    assert f'mine  "{here / file}"' in listed
    data = str(tiny_data(here))
    trained = result(capsys, "--models", file, "train", "mine", "--data", data, "--out", "run")
    assert checkpoints.load(trained).name == "mine"
    drawn = result(capsys, "--models", file, "generate", trained, "--out", "a.png")
    assert Path(drawn).is_file()


def test_it_is_said_once_that_code_is_run(here, file, capsys):
    (here / "more.py").write_text(FILE.replace('"mine"', '"more"'))
    assert main(["--models", file, "more.py", "models"]) == 0
    err = capsys.readouterr().err
    assert err == "Running the code in mine.py and more.py, for the models in it.\n"
    assert {"mine", "more"} <= set(models.available())


def test_the_window_opens_with_models_of_ones_own(file, monkeypatch):
    import studio.gui.shell.app

    found: list[str] = []

    def opened() -> int:
        found.extend(models.available())
        return 0

    monkeypatch.setattr(studio.gui.shell.app, "main", opened)
    monkeypatch.setattr("studio.cli.window.has_display", lambda: True)
    assert main(["--models", file]) == 0
    assert "mine" in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FILE + "mistake\n", "line 7: NameError: name 'mistake' is not defined."),
        (FILE.replace('"mine"', '"made"'), "by models.made and by"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(here, capsys, text, words):
    (here / "mine.py").write_text(text)
    assert main(["--models", "mine.py", "models"]) == 2
    out, err = capsys.readouterr()
    _, sentence = err.splitlines()
    assert out == ""
    assert f'"{here / "mine.py"}" cannot be used: ' in sentence
    assert words in sentence


@pytest.mark.parametrize("words", [["--models"], ["--models", "mine", "models"]])
def test_what_is_no_file_of_python_is_one_sentence(here, capsys, words):
    assert "--models" in complaint(capsys, *words)


def test_without_its_model_a_checkpoint_or_a_run_says_what_is_missing(
    here, file, capsys, monkeypatch
):
    data = str(tiny_data(here))
    trained = result(capsys, "--models", file, "train", "mine", "--data", data, "--out", "run")
    monkeypatch.delitem(models.registry.variants(), "mine")
    for command in (["generate", trained], ["train", "--resume", "run"]):
        sentence = complaint(capsys, *command)
        assert 'needs the model "mine"' in sentence
        assert "studio --models FILE.py" in sentence
