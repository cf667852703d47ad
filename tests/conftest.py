"""What holds for every test: it computes with one thread, never reaches the person's own folders,
leaves no thread behind, and has the machine to itself where it measures time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.leaks import leaked_threads, running_threads
from tests.tries import SecondTry, Tries, attempts, summary
from tests.turns import Turns

HERE = Path(__file__).parent

private_home = pytest.StashKey[tempfile.TemporaryDirectory]()
environment_before = pytest.StashKey[dict[str, str]]()
turns = pytest.StashKey[Turns]()


def pytest_configure(config: pytest.Config) -> None:
    """Gives each process a home folder of its own, before anything can look for the real one, and
    torch one thread: several are slower at work as small as that of these tests."""
    folder = tempfile.TemporaryDirectory(prefix="studio-tests-", ignore_cleanup_errors=True)
    config.stash[private_home] = folder
    before: dict[str, str] = dict(os.environ)
    config.stash[environment_before] = before
    os.environ.update(home_variables(Path(folder.name)), OMP_NUM_THREADS="1")
    config.stash[turns] = Turns(Path(getattr(config, "workerinput", {}).get("turns", folder.name)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells each process of pytest-xdist where they take turns."""
    node.workerinput["turns"] = node.config.stash[private_home].name


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[turns].close()
    before: dict[str, str] = config.stash[environment_before]
    os.environ.clear()
    os.environ.update(before)
    config.stash[private_home].cleanup()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Fast things first: the headless tests, then those that take long, then the window's.

    Of several processes the first begins with the window's, and the others, when they have nothing
    left, take from the end of its list: so one display and one sound server are mostly enough.
    """
    window_first = hasattr(config, "workerinput")
    items.sort(
        key=lambda item: (
            (HERE / "gui" in item.path.parents) != window_first,
            item.get_closest_marker("slow") is not None,
        )
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("cuda") is not None:
        import torch

        if not torch.cuda.is_available():
            pytest.skip("there is no CUDA device on this machine")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    """Runs tests that measure time while no other process runs any."""
    item.config.stash[turns].take(alone=item.get_closest_marker("timed") is not None)
    try:
        return (yield)
    finally:
        item.config.stash[turns].give_back()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    warned = terminalreporter.stats.get("warnings", [])
    if names := [report.nodeid for report in warned if SecondTry.__name__ in report.message]:
        terminalreporter.write_line(summary(names), yellow=True)


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
def tries(request: pytest.FixtureRequest) -> Tries:
    """Tries so many times at most; from the second one on the test has the machine to itself."""
    return lambda most: attempts(
        most, before_another=lambda: request.config.stash[turns].take(alone=True)
    )


@pytest.fixture
def own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of models is this test's own: what it registers is forgotten afterwards."""
    from models import registry

    monkeypatch.setattr(registry, "_variants", dict(registry.variants()))


@pytest.fixture
def own_insights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Insights that this test registers are forgotten afterwards."""
    from studio.engine import insights

    monkeypatch.setattr(insights, "_own", {})


@pytest.fixture
def user_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, empty and for this test alone;
    returns the studio's data folder among them."""
    import platformdirs

    for name, value in home_variables(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    return Path(platformdirs.user_data_dir("autoregressive-studio"))
