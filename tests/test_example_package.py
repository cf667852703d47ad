"""A package of somebody else's, built and installed without the network, brings a model that works
like the studio's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.tiny import tiny_data

ROOT = Path(__file__).parent.parent
NAME = "example-even-handed"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installed:
    """A Python whose path leads to the installed package, and to this studio."""

    site: Path
    work: Path

    def python(self, *arguments: str) -> str:
        """What a program prints."""
        path = os.pathsep.join([str(self.site), str(ROOT)])
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.work,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def studio(self, *arguments: str) -> str:
        return self.python("-m", "studio", *arguments)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    site, work = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("work")
    alone = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    package = Path(__file__).parent / "example_package"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *alone, "--target", str(site)]
    subprocess.run([*pip, str(package)], check=True, capture_output=True)
    return Installed(site, work)


@pytest.fixture(scope="module")
def trained(installed: Installed) -> str:
    """Its checkpoint, after some steps."""
    data = str(tiny_data(installed.work))
    settings = ["--set", "epochs=2", "batch=10"]
    return installed.studio("train", NAME, "--data", data, *settings, "--out", "run")


def test_it_is_listed_as_coming_from_the_package(installed: Installed):
    document = json.loads(installed.studio("models", "--json"))
    (listed,) = (model for model in document["models"] if model["name"] == NAME)
    assert listed["place"] == "the package example-models (example = example_models)"
    assert listed["settings"]["width"] == 16


def test_what_it_learnt_is_drawn_by_command(installed: Installed, trained: str):
    out = installed.studio("generate", trained, "--count", "2", "--out", "two.png")
    with Image.open(installed.work / out) as picture:
        assert picture.width > picture.height


def test_it_draws_in_the_library(installed: Installed, trained: str):
    program = f"""
import models, torch
from studio.engine.checkpoints import load
assert type(models.build({NAME!r}, width=4)).__name__ == "EvenHanded"
model = load({trained!r})
x = torch.zeros(1, 1, 8, 8, dtype=torch.long)
with torch.inference_mode():
    stepper = model.stepper(1)
    while stepper.position < len(model.order):
        noise = torch.rand(1, model.likelihood.draws)
        values = model.likelihood.sample(stepper.conditional(), noise)
        x.flatten(2)[:, :, model.order[stepper.position]] = values
        stepper.commit(values)
print(model.log_prob(x).item())
"""
    assert float(installed.python("-c", program)) < 0
