"""The menus of the main window: everything it can do, with its keys."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QMenu

from studio.engine import insights
from studio.gui.page import Page
from studio.gui.picture.race_page import TITLE as RACE
from studio.gui.picture.stage import Stage
from studio.gui.shell import help_dialogs
from studio.gui.shell.appearance import add_appearance
from studio.gui.shell.command_palette import CommandPalette
from studio.gui.shell.keys_dialog import show_keys
from studio.gui.shell.late import Late
from studio.gui.shell.recent_menu import RecentMenu
from studio.gui.training.laboratory.page import TITLE as LABORATORY
from studio.gui.widgets.controls import action, offer

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

_NO_MODEL = "Choose a model in the library first."
_NOT_KEPT = "Save this under a name instead: Ctrl+S."
_COPY = "Copy everything that is needed to show exactly this again, as text"
Key = str | QKeySequence.StandardKey | None
_Standard = QKeySequence.StandardKey


def make_menus(window: MainWindow) -> None:
    """Fill the menu bar of a window; what its parts are asked for is in them from then on."""
    bar, pages, results = window.menuBar(), window.pages, window.results

    def add(
        menu: QMenu, text: str, do: Callable[[], object], key: Key = None, name: str = ""
    ) -> QAction:
        made = action(window, text, do, key, name)
        menu.addAction(made)
        return made

    menu = bar.addMenu("&File")
    add(menu, "&Open checkpoint…", window.loading.ask_to_open, _Standard.Open, "open")
    add(menu, "&Save checkpoint as…", window.checkpoint_files.ask_to_save, "Ctrl+Shift+S", "save")
    add(menu, "Export model as ONN&X…", window.checkpoint_files.ask_to_export, None, "save")
    for stage in pages.stages:
        ask = functools.partial(_ask_to_open, window, stage)
        add(menu, stage.open_text, ask, stage.open_key, stage.open_icon)
    files, save = menu, add(menu, "Save &result…", results.save, _Standard.Save, "save")
    keep = add(menu, "&Keep in the gallery", results.keep, "Ctrl+D")
    recalling = window.recalling
    menu.addSeparator()
    add(menu, "Open s&cene…", recalling.ask_to_open, "Ctrl+Shift+O", "open")
    add(menu, "Save sc&ene…", recalling.ask_to_save, None, "save")
    add(menu, "Save scree&nshot…", results.save_screenshot, None, "picture")
    add(menu, "Save as &lesson step…", window.lessons.save_step, name="lesson")
    menu.addSeparator()
    menu.addMenu(RecentMenu(window, window.open_file))
    menu.addActions(window.session_actions)
    add(menu, "Reset everything…", window.ask_to_reset)
    menu.addSeparator()
    add(menu, "&Quit", window.close, "Ctrl+Q")

    session = window.session
    edit = bar.addMenu("&Edit")
    of_scenes = [
        action(window, "Copy scene", recalling.copy, "Ctrl+Shift+C", tip=_COPY),
        action(window, "Paste scene", recalling.paste, "Ctrl+Shift+V"),
    ]
    menu = bar.addMenu("&Generate")
    playing = [
        add(menu, "Play / pause", lambda: _press_or(pages.toggle), "Space", "play"),
        add(menu, "Step", lambda: pages.step(1), ".", "step"),
        add(menu, "Step back", lambda: pages.step(-1), ",", "step-back"),
        add(menu, "Finish", pages.finish, "End", "finish"),
        add(menu, "Restart", pages.restart, "Home", "restart"),
    ]
    steps = playing[1:3]
    drawing_page = window.drawing_page
    menu.addAction(drawing_page.completion.switch)
    menu.addSeparator()
    menu.addAction(drawing_page.branch_here)
    compare = add(menu, "&Compare…", pages.compare, "Ctrl+M", "compare")
    menu.addSeparator()
    menu.addMenu(window.computing.menu())
    session.computing.told.connect(window.tell)
    menu.addSeparator()
    add(menu, "Train a model…", window.show_training, "Ctrl+T", "train")
    add(menu, "Teach it your own symbols…", window.symbols.show, None, "brush")

    masks = bar.addMenu("&Mask")
    for one in drawing_page.masks:
        masks.addSeparator() if one is None else masks.addAction(one)
    of_drawing = (
        drawing_page.completion.switch,
        drawing_page.branch_here,
        drawing_page.staging.toggle,
    )

    def show_saving() -> None:
        """Whether there is something to save; the menu shows tips only where there is a reason."""
        page = pages.playing
        why_not = page.why_not_save
        offer(save, not why_not, why_not)
        offer(keep, not why_not and bool(page.kept_as), why_not or _NOT_KEPT)
        files.setToolTipsVisible(bool(why_not))

    def show_page() -> None:
        """What can be done on the page that is there. A key of an action in a menu holds wherever
        one is, so the edits are there only while their page is; both kinds have some of the same
        keys."""
        page = pages.currentWidget()
        edit.clear()
        if isinstance(page, Page):
            edit.addActions(page.edits)
        edit.addSeparator()
        edit.addActions(of_scenes)
        plays = isinstance(page, Page) and page.plays and session.generates
        for one in playing:
            one.setEnabled(plays and (pages.playing.steps or one not in steps))
        offer(compare, session.generates, "This model makes nothing of its own to compare.")
        for one in of_drawing:
            one.setEnabled(plays and page is drawing_page)
        masks.setEnabled(page is drawing_page and session.painting is not None)
        show_saving()

    pages.currentChanged.connect(lambda page: show_page())
    session.model_settled.connect(show_page)
    session.reading.connect(lambda _: show_saving())
    show_page()

    menu = bar.addMenu("&View")
    menu.addActions([dock.toggleViewAction() for dock in window.docks.values()])
    menu.addAction(drawing_page.staging.toggle)
    menu.addSeparator()
    _add_overlays(menu.addMenu("Overlay"), window, window.drawing_page.stage)
    menu.addSeparator()
    add_appearance(menu, window, window.tell)
    present = add(menu, "Presentation", window.presentation.toggle, "F11")
    present.setShortcuts([present.shortcut(), QKeySequence("Shift+F5")])
    menu.addSeparator()
    add(menu, "Start page", pages.show_start, "Ctrl+H")
    add(menu, "Stage", pages.show_stage, "Ctrl+G")
    anatomy = add(menu, "Anatomy of the model", pages.show_anatomy, "Ctrl+Shift+A", "anatomy")
    offer(anatomy, False, _NO_MODEL)
    session.model_changed.connect(lambda: offer(anatomy, True, ""))
    add(menu, RACE, pages.show_race)
    add(menu, LABORATORY, pages.show_laboratory, "Ctrl+L", "train")

    palette = Late(lambda: CommandPalette(window))
    add(menu, "Command palette…", lambda: palette().open(), "Ctrl+Shift+P", "search")

    menu = bar.addMenu("&Help")
    add(menu, "Lessons…", window.lessons.show_list, name="lesson")
    add(menu, "Keyboard shortcuts", lambda: show_keys(window), "F1")
    add(menu, "About", lambda: help_dialogs.show_about(window))


def _add_overlays(menu: QMenu, window: QMainWindow, stage: Stage) -> None:
    group = QActionGroup(window)
    made = {}
    for name, text in insights.titles().items():
        made[name] = action(window, text, functools.partial(stage.set_overlay, name))
        made[name].setCheckable(True)
        made[name].setChecked(name == stage.overlay)
        group.addAction(made[name])
        menu.addAction(made[name])
    stage.overlay_changed.connect(lambda name: made[name].setChecked(True))


def _ask_to_open(window: MainWindow, stage: type[Page]) -> None:
    window.pages.of(stage).ask_to_open()


def _press_or(do: Callable[[], object]) -> None:
    """The space bar presses the button that has the focus,
    as it does everywhere; without one, do this."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QAbstractButton):
        focus.click()
    else:
        do()
