"""A built wheel, installed elsewhere, finds its own assets and runs;
nothing here goes to the network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

import models
from studio.engine.checkpoints import cards
from tests.thorough import thorough_only
from tests.tiny import tiny_checkpoint

ROOT = Path(__file__).parent.parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT / "pyproject.toml").is_file(), reason="only a checkout can be built"
    ),
]


@dataclass(frozen=True)
class Installed:
    """An environment with the studio from its wheel, the libraries it needs,
    and no way to the checkout."""

    folder: Path

    def run(self, *command: str) -> str:
        """What a program of the environment prints, called
        from a folder that is not the checkout."""
        home = self.folder / "elsewhere"
        home.mkdir(exist_ok=True)
        variables = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
        }
        program = str(self.folder / ("Scripts" if os.name == "nt" else "bin") / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=home,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(folder),
    ]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    environment = Installed(folder)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    site = Path(
        environment.run(
            "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
        ).strip()
    )
    # The libraries are those of these tests. A path in a .pth file brings no .pth files of its own:
    # the checkout, which is installed here by such a file, stays out.
    (site / "libraries-of-the-tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def test_the_wheel_holds_the_program_its_data_and_its_licences(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"models/registry.py", "studio/cli/__init__.py", "studio/gui/shell/app.py"} <= names
    assert "studio/assets/data/mnist/t10k-images-idx3-ubyte.gz" in names
    assert {
        f"studio/assets/data/speech/{name}" for name in ("LICENCE", "hello.ogg", "digits/7.ogg")
    } <= set(names)
    assert "studio/assets/LICENCES.md" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    for path in cards.shipped().values():
        assert f"studio/assets/checkpoints/{path.name}" in names
    assert not any(
        name.startswith(("tests/", "assets/")) or "__pycache__" in name for name in names
    )


def test_the_wheel_is_well_under_the_100_megabytes_that_a_package_index_takes(wheel: Path):
    assert wheel.stat().st_size < 60e6


@thorough_only
def test_the_installed_studio_uses_its_own_assets(installed: Installed):
    document = json.loads(installed.run("studio", "models", "--json"))
    assert [entry["name"] for entry in document["models"]] == models.available()
    assert {entry["name"] for entry in document["checkpoints"]} == set(cards.shipped())
    for entry in document["checkpoints"]:
        assert Path(entry["path"]).is_relative_to(installed.folder)


@thorough_only
def test_the_installed_studio_finds_its_data(installed: Installed):
    sizes = "(len(open_data(name).test) for name in ('mnist', 'emoji'))"
    code = (
        "from studio.engine.data.data_sets import open_data;"
        "from studio.engine.runtime.assets import assets_folder;"
        f"print(assets_folder()); print(*{sizes})"
    )
    folder, counts = installed.run("python", "-c", code).splitlines()
    assert Path(folder).is_relative_to(installed.folder)
    assert counts == "10000 191"


def test_the_installed_studio_draws(installed: Installed, tmp_path: Path):
    name = "pixelcnn" if "pixelcnn" in cards.shipped() else str(tiny_checkpoint(tmp_path))
    out = tmp_path / "digits.png"
    assert installed.run(
        "python", "-m", "studio", "generate", name, "--out", str(out)
    ).strip() == str(out)
    with Image.open(out) as picture:
        assert picture.width == picture.height
