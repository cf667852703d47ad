"""On what is computed, and how it is drawn: shown in the status bar, changed in its menu."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from studio.engine.generation import decoder_choice
from studio.engine.generation.decoders import GRAPH, PARALLEL, SEQUENTIAL
from studio.engine.runtime import devices
from studio.gui import computing as module
from studio.gui.session import Session
from studio.gui.shell.computing import ComputingStatus
from tests.gui.windows import at_rest, until
from tests.tiny import tiny_checkpoint


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(decoder_choice, "folder", lambda: tmp_path / "decoders")
    return tmp_path / "decoders"


@pytest.fixture
def parallel_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {SEQUENTIAL: lambda *_: 0.2, PARALLEL: lambda *_: 0.1, GRAPH: lambda *_: 0.15}
    monkeypatch.setattr(decoder_choice, "_MEASURED_BY", ways)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    session = Session()
    session.load(tiny_checkpoint(tmp_path))
    until(qtbot, lambda: session.model is not None)
    at_rest(qtbot, session)
    yield session
    assert session.shut_down()
    QSettings().remove("computing")


@pytest.fixture
def status(session: Session, qtbot: QtBot) -> ComputingStatus:
    status = ComputingStatus(session)
    qtbot.addWidget(status)
    return status


def test_where_nothing_but_the_processor_exists_that_is_said(status: ComputingStatus) -> None:
    menu = status.computing
    assert status.text() == "Processor · pixel by pixel"
    assert [name for name, one in menu.device.items() if one.isVisible()] == ["auto", "cpu"]
    assert menu.none.isVisible()
    assert not menu.none.isEnabled()
    assert "processor" in menu.none.toolTip()
    assert menu.decoder[GRAPH].isVisible()


def test_another_way_to_draw_is_chosen_and_the_fastest_again(
    status: ComputingStatus, session: Session
) -> None:
    menu = status.computing
    menu.decoder[PARALLEL].trigger()
    assert session.options.decode == PARALLEL
    assert status.text() == "Processor · all at once"
    assert menu.decoder[PARALLEL].isChecked()
    menu.automatic.trigger()
    assert session.options.decode == SEQUENTIAL
    assert menu.automatic.isChecked()


@pytest.mark.usefixtures("parallel_is_faster")
def test_what_is_measured_is_said_taken_and_left_where_something_is_given(
    status: ComputingStatus, session: Session, qtbot: QtBot
) -> None:
    menu, told = status.computing, list[str]()
    session.computing.told.connect(told.append)
    menu.measure.trigger()
    assert not menu.measure.isEnabled(), "it is being measured"
    until(qtbot, lambda: bool(told))
    assert told == ["1 picture takes 0.2 s pixel by pixel, 0.1 s all at once, 0.15 s captured."]
    assert menu.decoder[PARALLEL].text().endswith("\t0.1 s")
    assert session.options.decode == PARALLEL
    session.edit(lambda painting: painting.line((1, 1), (1, 3), 1))
    assert session.options.decode == GRAPH
    session.clear()
    assert session.options.decode == PARALLEL
    for count, decoder in ((4, SEQUENTIAL), (1, PARALLEL)):  # of four nothing is known
        session.change(count=count)
        assert session.options.decode == decoder


@pytest.mark.usefixtures("parallel_is_faster")
def test_what_is_known_is_taken_when_the_model_is_there_again(
    status: ComputingStatus, session: Session, qtbot: QtBot
) -> None:
    status.computing.measure.trigger()
    until(qtbot, lambda: session.options.decode == PARALLEL)
    at_rest(qtbot, session)
    status.computing.decoder[SEQUENTIAL].trigger()
    assert session.checkpoint is not None
    session.load(session.checkpoint)
    at_rest(qtbot, session)
    assert session.options.decode == SEQUENTIAL, "as the person said"
    session.computing.automatic = True
    session.load(session.checkpoint)
    until(qtbot, lambda: session.options.decode == PARALLEL)


@pytest.mark.usefixtures("parallel_is_faster")
def test_with_a_gpu_it_is_measured_unasked_once_nothing_is_drawn(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.gui.computing.SLOW_BY_SITE", "cpu")
    session.computing._rest.setInterval(1)
    assert session.checkpoint is not None
    session.load(session.checkpoint)
    until(qtbot, lambda: session.computing.choice is not None)
    assert session.computing.choice is not None
    assert session.computing.choice.seconds.keys() == {SEQUENTIAL, PARALLEL, GRAPH}


def test_another_device_is_kept_and_the_model_loaded_on_it(
    status: ComputingStatus, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {**devices.listed(), "cuda:0": "GPU 0: Imagined"}
    monkeypatch.setattr(devices, "listed", lambda: found)
    before = session.model
    status.computing.device["cpu"].trigger()
    until(qtbot, lambda: session.model is not before)
    at_rest(qtbot, session)
    assert QSettings().value("computing/device") == "cpu"
    assert status.computing.device["cuda:0"].text() == "GPU 0: Imagined"
    assert not status.computing.none.isVisible()
    assert module.Computing(session).device == "cpu", "at the next start, too"


def test_a_device_that_is_gone_is_no_hindrance(session: Session, qtbot: QtBot) -> None:
    before = session.model
    session.computing.choose_device("cuda:7")
    until(qtbot, lambda: session.model is not before)
    at_rest(qtbot, session)
    assert session.computing.computes_on == "Processor"
