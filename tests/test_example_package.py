"""A package of somebody else's, built and installed without the network, brings a model that works
like the studio's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.tiny import tiny_data

ROOT = Path(__file__).parent.parent
NAME = "example-even-handed"
# All that is done with it, in one process, for each has to import torch.
PROGRAM = f"""
import contextlib, io, json, sys
import models, torch
from studio.cli import main
from studio.engine.bench import drawing_speed
from studio.engine.checkpoints import load

def said(*command):
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        assert main(command) == 0
    return shown.getvalue().strip()

listed = json.loads(said("models", "--json"))["models"]
settings = ["--set", "epochs=2", "batch=10"]
trained = said("train", "{NAME}", "--data", sys.argv[1], *settings, "--out", "run")
drawn = said("generate", trained, "--count", "2", "--out", "two.png")

model = load(trained)
x = torch.zeros(1, 1, 8, 8, dtype=torch.long)
with torch.inference_mode():
    stepper = model.stepper(1)
    while stepper.position < len(model.order):
        noise = torch.rand(1, model.likelihood.draws)
        values = model.likelihood.sample(stepper.conditional(), noise)
        x.flatten(2)[:, :, model.order[stepper.position]] = values
        stepper.commit(values)
print(json.dumps({{
    "listed": [each for each in listed if each["name"] == "{NAME}"],
    "drawn": drawn,
    "built": type(models.build("{NAME}", width=4)).__name__,
    "log_prob": model.log_prob(x).item(),
    "qt": [*{{"PySide6", "shiboken6", "pyqtgraph"}} & {{*sys.modules}}],
}}))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the program works in."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def done(work: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of it where the package is installed."""
    site = tmp_path_factory.mktemp("site")
    alone = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    package = Path(__file__).parent / "example_package"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *alone, "--target", str(site)]
    subprocess.run([*pip, str(package)], check=True, capture_output=True)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tiny_data(work))],
        cwd=work,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_it_is_listed_as_coming_from_the_package(done: dict[str, Any]):
    (listed,) = done["listed"]
    assert listed["place"] == "the package example-models (example = example_models)"
    assert listed["settings"]["width"] == 16


def test_what_it_learnt_is_drawn_by_command(done: dict[str, Any], work: Path):
    with Image.open(work / done["drawn"]) as picture:
        assert picture.width > picture.height


def test_it_draws_in_the_library(done: dict[str, Any]):
    assert done["built"] == "EvenHanded"
    assert done["log_prob"] < 0


def test_without_a_window_nothing_brings_in_qt(done: dict[str, Any]):
    assert done["qt"] == []
