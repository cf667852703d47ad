"""What holds for every test: it computes with one thread, never reaches the person's own folders,
leaves no thread behind, and has the machine to itself where it measures time."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.leaks import leaked_threads, running_threads
from tests.tries import SecondTry, Tries, attempts, summary
from tests.turns import Turns

HERE = Path(__file__).parent
# the variable with the folder that keeps the compiled sound engine, which takes a process eight
# seconds to compile, for all processes of these tests
COMPILED = "STUDIO_TESTS_COMPILED"

# Torch has one thread: several are slower at work as small as that of these tests, and a fork of a
# process with several waits for them for ever. Here, as other conftests may import torch.
_before = dict(os.environ)
os.environ["OMP_NUM_THREADS"] = "1"

private_home = pytest.StashKey[tempfile.TemporaryDirectory]()
turns = pytest.StashKey[Turns]()


def pytest_configure(config: pytest.Config) -> None:
    """Gives each process a home folder of its own, before anything can look for the real one."""
    folder = tempfile.TemporaryDirectory(prefix="studio-tests-", ignore_cleanup_errors=True)
    config.stash[private_home] = folder
    os.environ.setdefault(COMPILED, str(Path(folder.name) / "compiled"))
    os.environ.update(home_variables(Path(folder.name)))
    config.stash[turns] = Turns(Path(getattr(config, "workerinput", {}).get("turns", folder.name)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells each process of pytest-xdist where they take turns."""
    node.workerinput["turns"] = node.config.stash[private_home].name


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[turns].close()
    os.environ.clear()
    os.environ.update(_before)
    config.stash[private_home].cleanup()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each of several processes begins with test files of its own, and finds those of the others
    compiled when it comes to them: pytest takes longer to compile a file of tests than to import
    it. Where one cannot be imported, pytest says why when it collects it."""
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    own = int(worker["workerid"].removeprefix("gw"))
    for path in sorted(HERE.rglob("test_*.py"))[own :: worker["workercount"]]:
        with suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))


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
    """The variables that send every program's settings, data and caches into `home`; but for the
    compiled sound engine."""
    places = {
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_STATE_HOME": home / "state",
        "XDG_RUNTIME_DIR": home / "runtime",
    }
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if compiled := os.environ.get(COMPILED):
        (own := home / "cache" / "autoregressive-studio").mkdir(exist_ok=True)
        Path(compiled).mkdir(exist_ok=True)
        with suppress(OSError):  # where links are not allowed, each compiles it for itself
            (own / "compiled").symlink_to(compiled, target_is_directory=True)
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
