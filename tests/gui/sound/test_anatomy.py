"""The anatomy of a model for sound, opened from its page."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from studio.gui.picture.anatomy.dilated_tree import DilatedTreeView
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import click, run_xdotool, until


def tree_of(window: MainWindow) -> DilatedTreeView | None:
    column = window.anatomy_page.column
    views = column.views if column is not None else []
    return next((view for view in views if isinstance(view, DilatedTreeView)), None)


def test_a_voice_is_drawn_as_a_tree_that_stands_where_its_sound_is(
    qtbot: QtBot, window: MainWindow
) -> None:
    click(window.inspector.anatomy)
    until(qtbot, lambda: tree_of(window) is not None)
    tree = tree_of(window)
    assert tree is not None
    until(qtbot, lambda: tree.seen is not None)
    assert tree.position == window.session.latest.position
    assert not window.anatomy_page.step_on.isVisible()


def test_a_state_under_the_pointer_says_what_flows_into_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    click(window.inspector.anatomy)
    until(qtbot, lambda: tree_of(window) is not None and tree_of(window).isVisible())  # type: ignore[union-attr]
    tree = tree_of(window)
    assert tree is not None
    until(qtbot, lambda: tree.seen is not None)

    def is_lit() -> bool:
        """Pointed at anew each time: the page may still be laid out, and the tree move away."""
        place = tree.place(2, tree.position)
        there = tree.mapToGlobal(tree.at(place.x(), place.y()).toPoint())
        run_xdotool("mousemove", str(there.x()), str(there.y() - 1), "sleep", "0.02")
        run_xdotool("mousemove", str(there.x()), str(there.y()))
        return tree.lit == ("unit", 2, tree.position)

    until(qtbot, is_lit)
    assert window.anatomy_page.says.text().startswith(f"Layer 2 at site {tree.position + 1}: ")
