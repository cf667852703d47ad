"""What holds for the tests of the window: their own
display and settings, and nothing of Qt left behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from studio.gui.audio import sound_devices
from studio.gui.picture import auto_completion
from studio.gui.shell.app import ENVIRONMENT
from studio.virtual_display import virtual_display
from tests.gui.leaks import Alive, leaked
from tests.gui.sound_server import SoundServer, sound_server

_numbers = count()  # of the outputs of the sound server


# Qt ends the whole process where its display goes while it still looks at events, as pytest-qt does
# after the last test. So the display goes when pytest itself ends.
_until_the_end = ExitStack()


def pytest_unconfigure() -> None:
    _until_the_end.close()


@pytest.fixture(scope="session", autouse=True)
def display(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An X server and a window manager, started before the first widget."""
    environment = _until_the_end.enter_context(virtual_display(tmp_path_factory.mktemp("display")))
    patch = _until_the_end.enter_context(pytest.MonkeyPatch.context())
    for name in (
        "WAYLAND_DISPLAY",
        "QT_QPA_PLATFORMTHEME",
        "QT_STYLE_OVERRIDE",
        "QT_SCALE_FACTOR",
    ):
        patch.delenv(name, raising=False)
    for name, value in {**environment, **ENVIRONMENT}.items():
        patch.setenv(name, value)


@pytest.fixture(scope="module", autouse=True)
def only_new_objects_are_looked_through() -> None:
    """What is there before a file of tests is nothing that they leave behind. The garbage collector
    no longer looks at it, and a test is looked after in a hundredth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_of_qt_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fails the test that leaves a running timer, a running QThread or a top-level widget."""
    before = Alive.now()
    yield
    if left := leaked(before):
        names = ", ".join(left.describe())
        left.remove()
        pytest.fail(f"The test left behind: {names}.", pytrace=False)


@pytest.fixture(autouse=True)
def fresh_settings(
    tmp_path: Path, nothing_of_qt_left_behind: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QSettings begin empty in every test, and never reach the person's own; only that nothing is
    drawn unasked, but in the tests of that. No session of another test is there to go on with."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
            QSettings.setPath(kind, scope, str(tmp_path / "settings"))
    QSettings().setValue(auto_completion.KEY, False)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """A sound server, there before QtMultimedia first looks for one:
    it looks only once in a process."""
    with (
        sound_server(tmp_path_factory.mktemp("sound")) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PULSE_SERVER", server.address)
        sound_devices.multimedia()
        yield server


@pytest.fixture
def speaker(sound: SoundServer) -> Iterator[str]:
    """The name of an output of this test's own."""
    name = f"speaker-{next(_numbers)}"
    module = sound.add_output(name)
    yield name
    sound.remove(module)
