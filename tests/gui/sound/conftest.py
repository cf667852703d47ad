"""A whole window with a voice in it, on a real sound server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from tests.gui.sound.voices import SECONDS
from tests.gui.sound_server import SoundServer, choose
from tests.gui.windows import until
from tests.tiny import tiny_voice


@pytest.fixture(scope="session", autouse=True)
def warm() -> None:
    """The compiled engine is at hand, as it is from the second time on."""
    from studio.engine.audio import dilated_kernel  # noqa: F401  compiles it


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return tiny_voice(tmp_path, sample_rate=8000)


@pytest.fixture
def window(qtbot: QtBot, sound: SoundServer, speaker: str, voice: Path) -> Iterator[MainWindow]:
    """The whole window with a voice in it that has not spoken yet."""
    window = MainWindow(voice)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    until(
        qtbot,
        lambda: window.session.latest is not None and window.session.latest.compiled,
    )
    window.show_stage()
    window.activateWindow()
    until(qtbot, window.isActiveWindow)
    page = window.sound_page
    page.transport.seconds.setValue(SECONDS)
    choose(qtbot, page.output, speaker)
    until(qtbot, lambda: not window.session.polling)
    yield window
    window.close()


@pytest.fixture
def page(window: MainWindow) -> SoundPage:
    return window.sound_page
