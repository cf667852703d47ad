"""The menus of the main window: everything it can do, with its keys."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from studio.gui.shell import help_dialogs
from studio.gui.widgets import overlays
from studio.gui.widgets.controls import action

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

Key = str | QKeySequence.StandardKey | None
_Standard = QKeySequence.StandardKey


def make_menus(window: MainWindow) -> None:
    """Fill the menu bar of a window whose parts are all there."""
    bar = window.menuBar()

    def add(
        menu: QMenu, text: str, do: Callable[[], object], key: Key = None, name: str = ""
    ) -> QAction:
        made = action(window, text, do, key, name)
        menu.addAction(made)
        return made

    menu = bar.addMenu("&File")
    add(menu, "&Open checkpoint…", window.open_checkpoint, _Standard.Open, "open")
    add(menu, "&Save checkpoint as…", window.save_checkpoint, "Ctrl+Shift+S", "save")
    add(menu, "Open &picture…", window.open_picture, "Ctrl+I", "picture")
    add(menu, "Open &recording…", window.open_recording, "Ctrl+R", "sound")
    add(menu, "Save what was &made…", window.save_made, _Standard.Save, "save")
    menu.addSeparator()
    add(menu, "&Quit", window.close, "Ctrl+Q")

    tools, session = window.tools, window.session
    edit = bar.addMenu("&Edit")
    painting = [tools.undo, tools.redo, tools.clear_all, tools.background, tools.keep]
    menu = bar.addMenu("&Generate")
    playing = [
        add(menu, "Play / pause", lambda: _press_or(window.toggle), "Space", "play"),
        add(menu, "Step", lambda: session.step(1), ".", "step"),
        add(menu, "Step back", lambda: session.step(-1), ",", "step-back"),
        add(menu, "Finish", window.finish, "End", "finish"),
        add(menu, "Restart", window.restart, "Home", "restart"),
    ]
    steps = playing[1:3]
    menu.addSeparator()
    add(menu, "Train a model…", window.show_training, "Ctrl+T", "train")

    def show_page() -> None:
        """What can be done on the page that is there. A key of an action in a menu holds wherever
        one is, so the edits are there only while their page is; both kinds have some of the same
        keys."""
        page = window.pages.currentWidget()
        edit.clear()
        if page is window.drawing_page:
            edit.addActions(painting)
        elif page is window.sound_page:
            edit.addActions(window.sound_page.edits)
        edit.setEnabled(not edit.isEmpty())
        on_stage = page is not window.start_page and not session.reconstructs
        for one in playing:
            one.setEnabled(on_stage and not (session.sounds and one in steps))

    window.pages.currentChanged.connect(lambda page: show_page())
    session.model_changed.connect(show_page)
    show_page()

    menu = bar.addMenu("&View")
    menu.addActions([dock.toggleViewAction() for dock in window.docks.values()])
    menu.addSeparator()
    _add_overlays(menu.addMenu("Overlay"), window)
    menu.addSeparator()
    add(menu, "Start page", lambda: window.pages.setCurrentWidget(window.start_page), "Ctrl+H")
    add(menu, "Stage", window.show_stage, "Ctrl+G")

    menu = bar.addMenu("&Help")
    add(menu, "Keyboard shortcuts", lambda: help_dialogs.show_shortcuts(window), "F1")
    add(menu, "About", lambda: help_dialogs.show_about(window))


def _add_overlays(menu: QMenu, window: MainWindow) -> None:
    group = QActionGroup(window)
    made = {}
    for name, text in overlays.titles().items():
        made[name] = action(window, text, functools.partial(window.stage.set_overlay, name))
        made[name].setCheckable(True)
        made[name].setChecked(name == window.stage.overlay)
        group.addAction(made[name])
        menu.addAction(made[name])
    window.stage.overlay_changed.connect(lambda name: made[name].setChecked(True))


def _press_or(do: Callable[[], object]) -> None:
    """The space bar presses the button that has the focus, as it does everywhere; without one, do
    this."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QAbstractButton):
        focus.click()
    else:
        do()
