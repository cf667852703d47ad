"""Every data set that ships is credited, and every library that is used."""

from __future__ import annotations

import tomllib
from pathlib import Path

from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.credits import data_credits, libraries

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_every_data_set_that_ships_is_credited_with_its_licence() -> None:
    said = data_credits()
    shipped = [path for path in (assets_folder() / "data").iterdir() if path.is_dir()]
    assert len(said) == len(shipped)
    for name, count in {"MNIST": 1, "Twemoji": 1, "Allison Smith": 2}.items():
        assert sum(name in sentence for sentence in said) == count
    assert all("CC BY" in sentence and sentence.endswith(".") for sentence in said)


def test_every_library_is_named_with_its_version_and_licence() -> None:
    needed = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    found = libraries()
    assert len(found) == len(needed)
    assert {"torch", "PySide6", "numpy"} <= {library.name for library in found}
    assert all(library.version for library in found)
    assert all(len(library.licence) <= 60 for library in found)
