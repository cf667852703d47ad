"""What holds for every test: no test reaches the person's own folders, and none leaves a thread
behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.leaks import leaked_threads, running_threads

HERE = Path(__file__).parent

private_home = pytest.StashKey[tempfile.TemporaryDirectory]()
environment_before = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Gives the whole run a home folder of its own, before anything can look for the real one."""
    folder = tempfile.TemporaryDirectory(prefix="studio-tests-", ignore_cleanup_errors=True)
    config.stash[private_home] = folder
    before: dict[str, str] = dict(os.environ)
    config.stash[environment_before] = before
    os.environ.update(home_variables(Path(folder.name)))


def pytest_unconfigure(config: pytest.Config) -> None:
    before: dict[str, str] = config.stash[environment_before]
    os.environ.clear()
    os.environ.update(before)
    config.stash[private_home].cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast things first: the headless tests, then those that take long, then the window's."""
    items.sort(
        key=lambda item: (
            HERE / "gui" in item.path.parents,
            item.get_closest_marker("slow") is not None,
        )
    )


def home_variables(home: Path) -> dict[str, str]:
    """The variables that send every program's settings, data and caches into `home`."""
    places = {
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_STATE_HOME": home / "state",
        "XDG_RUNTIME_DIR": home / "runtime",
    }
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {"HOME": str(home)} | {name: str(place) for name, place in places.items()}


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fails the test that leaves a thread running."""
    before = running_threads()
    yield
    if leaks := leaked_threads(before):
        pytest.fail(f"The test left behind: {', '.join(leaks)}.", pytrace=False)


@pytest.fixture
def user_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, empty and for this test alone; returns the studio's data folder among
    them."""
    import platformdirs

    for name, value in home_variables(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    return Path(platformdirs.user_data_dir("autoregressive-studio"))
