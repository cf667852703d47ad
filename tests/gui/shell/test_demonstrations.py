"""The demonstrations do what they say, whatever the window was left in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio import demonstrations
from studio.demonstrations import FINISHER, FIRST, INVENTOR
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, draw, open_window, site, until
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A model of another kind, and everything set otherwise than it was."""
    with open_window(qtbot, tiny_checkpoint(tmp_path, "gated-pixelcnn-class")) as window:
        window.session.change(
            count=16, temperature=0.0, top_k=1, top_p=0.3, condition=2, guidance=2.0, method="smc"
        )
        page = window.drawing_page
        page.tools.eraser.trigger()
        page.tools.ink.swap()
        page.stage.set_overlay("entropy")
        draw(page.stage, (1, 1), (1, 5))
        at_rest(qtbot, window.session)
        page.stage.choose(3)
        page.stage.enlarge(True)
        window.pages.setCurrentWidget(window.start_page)
        yield window


def test_watch_a_digit_draws_one_whatever_is_loaded(window: MainWindow, qtbot: QtBot) -> None:
    session, page = window.session, window.drawing_page
    click(window.start_page.watch)
    until(qtbot, lambda: session.title == FIRST and page.drawing.playing)
    assert page.stage.isVisible()
    options = session.options
    assert (options.count, options.temperature, options.top_k, options.top_p) == (1, 1.0, 0, 1.0)
    assert (options.condition, options.guidance, options.method) == (None, 0.0, "auto")
    assert session.painting is not None
    assert session.painting.empty
    assert (page.stage.overlay, page.stage.count) == ("none", 1)
    assert page.drawing.speed is not None, "slowly enough to watch"


def test_once_more_it_begins_from_nothing_and_loads_nothing(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, page = window.session, window.drawing_page
    click(window.start_page.watch)
    until(qtbot, lambda: session.title == FIRST and page.drawing.playing)
    model = session.model
    page.drawing.finish()
    until(qtbot, lambda: session.latest is not None and session.latest.next_site is None)
    window.pages.setCurrentWidget(window.start_page)
    click(window.start_page.watch)
    until(qtbot, lambda: page.drawing.playing and session.latest.position < 700)
    assert session.model is model


def test_invent_a_character_makes_four_of_a_half_that_is_painted(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, page = window.session, window.drawing_page
    click(window.start_page.invent)
    until(qtbot, lambda: session.title == INVENTOR and session.latest is not None)
    at_rest(qtbot, session)
    assert page.tools.tool == "brush"
    assert "left half" in page.stage.hint
    draw(page.stage, (4, 8), (26, 8))
    until(qtbot, lambda: session.painting is not None and not session.painting.empty)
    page.transport.choose_speed(None)
    click(page.transport.play)
    until(qtbot, lambda: session.latest.next_site is None)
    assert session.latest.values.shape == (4, 1, 32, 32)
    assert (session.latest.values[:, 0, 10, 8] == 1).all()


def test_no_demonstration_is_by_the_model_whose_samples_fall_apart() -> None:
    names = [name for name in vars(demonstrations).values() if not isinstance(name, tuple)]
    assert "made-any-order" not in [*names, *demonstrations.ON_THE_START_PAGE]


def test_finish_my_digit_puts_the_brush_into_the_hand_and_says_what_to_do(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, page = window.session, window.drawing_page
    click(window.start_page.finish)
    until(qtbot, lambda: session.title == FINISHER and session.latest is not None)
    at_rest(qtbot, session)
    assert (page.tools.tool, page.tools.ink.value) == ("brush", 1)
    assert "Play" in page.stage.hint
    hint = page.stage.hint_rect()
    assert page.stage.rect().contains(hint)
    assert not any(hint.contains(page.stage.picture_rect(i).center()) for i in range(4))
    draw(page.stage, (6, 8), (14, 8))
    until(qtbot, lambda: session.painting is not None and not session.painting.empty)
    click(page.transport.play)
    until(qtbot, lambda: session.latest.next_site is None)
    assert (session.latest.count, session.options.steps) == (4, 50)
    assert (session.latest.values[:, 0, 10, 8] == 1).all()
    assert page.stage.site_at(site(page.stage, 3, 3, picture=3)) == (3, (3, 3))
