"""An inspector by itself, for every test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.inspector.inspector import Inspector
from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from tests.gui.inspector.benches import Bench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    session, stage = Session(), Stage()
    inspector = Inspector(session, stage)
    qtbot.addWidget(stage)
    qtbot.addWidget(inspector)
    inspector.show()
    qtbot.waitExposed(inspector)
    yield Bench(session, stage, inspector)
    session.shut_down()
    inspector.close()
