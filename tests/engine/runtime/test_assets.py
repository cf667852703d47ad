"""The studio's own files are found in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime import assets
from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.errors import StudioError


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place that the studio seems to be in."""
    folder = tmp_path / "studio"
    monkeypatch.setattr(assets, "__file__", str(folder / "engine" / "runtime" / "assets.py"))
    return folder


@pytest.mark.parametrize("place", ["studio/assets", "assets"], ids=["installed", "checkout"])
def test_they_are_found_within_the_package_or_beside_it(package: Path, place: str) -> None:
    folder = package.parent / place
    (folder / "data").mkdir(parents=True)
    assert assets_folder() == folder


def test_an_installation_without_them_says_so(package: Path) -> None:
    (package.parent / "assets").mkdir()  # somebody else's: there are no data in it
    with pytest.raises(StudioError, match="install it again"):
        assets_folder()
