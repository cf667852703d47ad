"""The leak detector of the window's tests: each kind of leak must fail the test that made it."""

from __future__ import annotations

import pyqtgraph
import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu

from tests import leaks
from tests.gui.leaks import Alive, leaked

LEAKS = {
    "a running timer (QTimer, 50 ms)": """
        from PySide6.QtCore import QTimer
        kept = []

        def test_that_leaks(qapp):
            timer = QTimer()
            timer.start(50)
            kept.append(timer)
    """,
    "a running QThread (QThread)": """
        from PySide6.QtCore import QThread
        kept = []

        def test_that_leaks(qapp):
            thread = QThread()
            thread.start()
            kept.append(thread)
    """,
    "a top-level widget (QLabel 'shown')": """
        from PySide6.QtWidgets import QLabel
        kept = []

        def test_that_leaks(qapp):
            label = QLabel(windowTitle="shown")
            label.show()
            kept.append(label)
    """,
    "a top-level widget (QLabel 'hidden')": """
        from PySide6.QtWidgets import QLabel
        kept = []

        def test_that_leaks(qapp):
            kept.append(QLabel(windowTitle="hidden"))
    """,
}


@pytest.mark.parametrize("leak", LEAKS)
def test_the_test_that_leaks_fails_and_the_next_one_starts_clean(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    monkeypatch.setattr(leaks, "PATIENCE", 0.1)
    pytester.makeconftest(
        "from tests.gui.conftest import nothing_of_qt_left_behind as nothing_of_qt_left_behind"
    )
    pytester.makepyfile(
        test_a_leak=LEAKS[leak], test_the_next="def test_that_is_innocent(qapp): pass"
    )
    result = pytester.runpytest_inprocess("-p", "no:timeout")
    result.assert_outcomes(passed=2, errors=1)
    assert f"The test left behind: {leak}." in result.stdout.str()


def test_widgets_that_are_forgotten_are_no_leak(qapp: QApplication) -> None:
    before = Alive.now()
    window = QMainWindow()
    window.setCentralWidget(QLabel())
    QMenu(window)
    window.show()
    window.close()
    del window
    assert leaked(before).describe() == []


def test_a_plot_that_is_forgotten_is_no_leak(qapp: QApplication) -> None:
    before = Alive.now()
    plot = pyqtgraph.PlotWidget()
    plot.plot([1, 2, 3])
    plot.show()
    plot.close()
    plot.deleteLater()
    del plot
    assert leaked(before).describe() == []


def test_a_timer_that_its_owner_took_along_is_no_leak(qapp: QApplication) -> None:
    before = Alive.now()
    owner = QObject()
    timer = QTimer(owner)
    timer.start(1000)
    owner.deleteLater()
    assert leaked(before).describe() == []
