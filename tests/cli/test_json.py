"""With --json a command prints one JSON document, and nothing else, whatever happens in it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.cli.commands import build_parser
from studio.cli.terminal import print_json
from studio.engine.bench import drawing_speed
from studio.engine.media.parts import Parts
from studio.engine.scenes import sample_parts
from studio.engine.scenes.carried import save_scene
from studio.engine.scenes.document import as_document
from studio.engine.scenes.scene import ModelReference, Scene
from studio.engine.scoring import evaluation, scoreboard
from studio.engine.training import rate_finding
from tests.cli.commands import SMALL, Capture, complaint
from tests.tiny import SIZE, tiny_checkpoint, tiny_data

pytestmark = pytest.mark.usefixtures("here")
TRAINED = ("pixelcnn", "--data", "tiny.npz", "--set", "epochs=1", *SMALL)
COMMANDS = {
    "models": ["models"],
    "data": ["data"],
    "evaluate": ["evaluate", "tiny-pixelcnn.safetensors", "--data", "tiny.npz"],
    "scoreboard": ["scoreboard"],
    "bench": ["bench"],
    "generate": ["generate", "tiny-pixelcnn.safetensors"],
    "complete": [
        *("complete", "tiny-pixelcnn.safetensors", "--image", "given.png", "--mask", "bottom"),
        *("--bounds", "--particles", "4", "--sweeps", "1", "--out", "done.npy"),
    ],
    "grid": [
        *("grid", "tiny-pixelcnn.safetensors", "--axis", "temperature=0.5,1"),
        *("--out", "sheet.png"),
    ],
    "recall": ["recall", "given.scene.json"],
    "join": ["join", "parts"],
    "sheets": ["sheets", "tiny-pixelcnn.safetensors", "--count", "1"],
    "insight": ["insight", "entropy", "tiny-pixelcnn.safetensors"],
    "export": ["export", "tiny-pixelcnn.safetensors", "--onnx", "tiny.onnx"],
    "lessons": ["lessons"],
    "runs": ["runs"],
    "train": ["train", *TRAINED, "--find-rate"],
    "sweep": ["sweep", *TRAINED, "--over", "rate=1e-3"],
    "queue": ["queue"],
}


def document(text: str) -> Any:
    """Read as strictly as the standard has it."""

    def refuse(name: str) -> NoReturn:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def with_json() -> set[str]:
    """The commands that have --json."""
    actions = build_parser()._actions
    found = next(each for each in actions if isinstance(each, argparse._SubParsersAction))
    return {
        name
        for name, parser in found.choices.items()
        if any("--json" in action.option_strings for action in parser._actions)
    }


def test_no_command_with_json_is_left_out_here() -> None:
    assert with_json() == set(COMMANDS)


@pytest.fixture
def noisy(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data and a model in the current folder, a library that prints, and a bench and a search for
    a rate that are quick."""
    checkpoint = tiny_checkpoint(here, data="squares", metrics={"bits_per_dim": float("nan")})
    checkpoint.replace(here / "tiny-pixelcnn.safetensors")
    tiny_data(here).replace(here / "tiny.npz")
    Image.new("L", (SIZE, SIZE)).save("given.png")
    save_scene(scene := Scene(ModelReference("tiny-pixelcnn")), Path("given.scene.json"))
    asked = {key: as_document(scene)[key] for key in ("model", "options")}
    parts = Parts(Path("parts"), sample_parts.KIND, asked, 1, 1, 1).begun()
    parts.write(parts.part(0), {sample_parts.SAMPLES: np.zeros((1, 1, SIZE, SIZE), np.uint8)})

    def bench(**_: object) -> dict[str, float]:
        print("a library says something")
        return {"speed": float("inf")}

    monkeypatch.setattr(drawing_speed, "run", bench)
    monkeypatch.setattr(rate_finding, "STEPS", 5)
    for module, name in ((evaluation, "evaluate"), (scoreboard, "rows")):
        monkeypatch.setattr(module, name, loud(getattr(module, name)))
    return here


def loud(do: Any) -> Any:
    def printing(*given: Any, **named: Any) -> Any:
        print("a library says something")
        return do(*given, **named)

    return printing


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("noisy")
def test_what_is_printed_is_one_document(capsys: Capture, name: str) -> None:
    assert main([*COMMANDS[name], "--json"]) == 0
    assert document(capsys.readouterr().out)


def test_what_a_model_of_ones_own_prints_is_no_part_of_it(here: Path, capsys: Capture) -> None:
    (here / "mine.py").write_text("print('hello from my model')\nVARIANTS = []\n")
    main(["--models", "mine.py", "data", "--json"])
    out, err = capsys.readouterr()
    assert not out or document(out)
    assert "hello from my model" in err


def test_a_figure_that_is_no_number_is_null(capsys: Capture) -> None:
    print_json({"bits": float("nan"), "all": [float("-inf"), 1.5], "pair": (float("inf"),)})
    assert document(capsys.readouterr().out) == {"bits": None, "all": [None, 1.5], "pair": [None]}


def test_an_error_is_a_sentence_on_the_other_stream(capsys: Capture) -> None:
    assert "no checkpoint" in complaint(capsys, "evaluate", "nothing", "--json")
    assert "no model" in complaint(capsys, "models", "nothing", "--json")


def test_the_output_is_as_before_when_the_command_is_done(capsys: Capture) -> None:
    before = sys.stdout
    assert main(["data", "--json"]) == 0
    assert sys.stdout is before
