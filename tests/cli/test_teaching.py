"""`studio teach`: the same as the window's dock of own symbols."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli import main
from studio.engine.checkpoints import cards
from studio.engine.data.drawing_files import save_drawings
from tests.cli.commands import complaint
from tests.drawn_symbols import drawings
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def file(here: Path, user_data_folder: Path) -> str:
    save_drawings(drawings("cross", "square", side=SIZE), here / "mine.npz")
    return "mine.npz"


def test_drawings_are_taught_to_a_model(
    file: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = str(tiny_checkpoint(here, "gated-pixelcnn-class"))
    asked = ["teach", file, "--from", base, "--minutes", "0.002", "--set", "batch=6"]
    assert main([*asked, "--name", "mine"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.parent.name == "mine"
    card = cards.read_card(path)
    assert card["classes"] == ["cross", "square"]
    assert card["recipe"]["start"] == base


def test_epochs_are_counted_where_these_are_set(
    file: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = str(tiny_checkpoint(here, "gated-pixelcnn-class"))
    assert main(["teach", file, "--from", base, "--set", "epochs=0.5", "batch=6"]) == 0
    recipe = cards.read_card(Path(capsys.readouterr().out.strip()))["recipe"]
    assert (recipe["epochs"], recipe["minutes"]) == (0.5, 0.0)


def test_a_set_that_is_too_small_is_refused(
    file: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_drawings(drawings("cross", count=3, side=SIZE), here / file)
    assert "Draw 7 more" in complaint(capsys, "teach", file)


def test_data_without_names_are_no_drawings(
    file: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / file).write_bytes(b"nonsense")
    assert "is not a whole NumPy file" in complaint(capsys, "teach", file)
