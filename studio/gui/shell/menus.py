"""The menus of the main window: everything it can do, with its keys."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QWidget,
)

from studio.engine import insights
from studio.gui.page import Page
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.picture.race_page import TITLE as RACE
from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from studio.gui.shell import help_dialogs
from studio.gui.shell.appearance import add_appearance
from studio.gui.shell.command_palette import CommandPalette
from studio.gui.shell.computing import ComputingStatus
from studio.gui.shell.keys_dialog import show_keys
from studio.gui.shell.lessons import Lessons
from studio.gui.shell.presentation import Presentation
from studio.gui.shell.recalling import Recalling
from studio.gui.shell.recent_menu import RecentMenu
from studio.gui.shell.symbols import OwnSymbols
from studio.gui.training.laboratory.page import TITLE as LABORATORY
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.scrolling import Pages

_NO_MODEL = "Choose a model in the library first."
_NOT_KEPT = "Save this under a name instead: Ctrl+S."
_COPY = "Copy everything that is needed to show exactly this again, as text"
Key = str | QKeySequence.StandardKey | None
_Standard = QKeySequence.StandardKey


class Commands(Protocol):
    """What the main window can do, and the parts that its menus are about."""

    session: Session
    pages: Pages
    drawing_page: DrawingPage
    presentation: Presentation
    computing: ComputingStatus

    @property
    def start_page(self) -> QWidget: ...
    @property
    def page(self) -> Page: ...
    @property
    def current(self) -> Page: ...
    @property
    def stages(self) -> Mapping[type[Page], Page]: ...
    @property
    def docks(self) -> Mapping[str, QDockWidget]: ...
    def open_checkpoint(self) -> None: ...
    def save_checkpoint(self) -> None: ...
    @property
    def recalling(self) -> Recalling: ...
    def save_made(self) -> None: ...
    def keep_in_gallery(self) -> None: ...
    def open_file(self, path: Path) -> None: ...
    @property
    def session_actions(self) -> list[QAction]: ...
    def ask_to_reset(self) -> None: ...
    def save_screenshot(self) -> None: ...
    def toggle(self) -> None: ...
    def step(self, count: int) -> None: ...
    def finish(self) -> None: ...
    def compare(self) -> None: ...
    def restart(self) -> None: ...
    def show_training(self) -> None: ...
    @property
    def symbols(self) -> OwnSymbols: ...
    def show_stage(self) -> None: ...
    def show_anatomy(self) -> None: ...
    def show_race(self) -> None: ...
    def show_laboratory(self) -> None: ...
    def tell(self, sentence: str) -> None: ...
    @property
    def lessons(self) -> Lessons: ...


def make_menus(window: QMainWindow, commands: Commands) -> None:
    """Fill the menu bar of a window whose parts are all there."""
    bar = window.menuBar()

    def add(
        menu: QMenu, text: str, do: Callable[[], object], key: Key = None, name: str = ""
    ) -> QAction:
        made = action(window, text, do, key, name)
        menu.addAction(made)
        return made

    menu = bar.addMenu("&File")
    add(menu, "&Open checkpoint…", commands.open_checkpoint, _Standard.Open, "open")
    add(menu, "&Save checkpoint as…", commands.save_checkpoint, "Ctrl+Shift+S", "save")
    for page in commands.stages.values():
        add(menu, page.open_text, page.ask_to_open, page.open_key, page.open_icon)
    files, save = menu, add(menu, "Save &result…", commands.save_made, _Standard.Save, "save")
    keep = add(menu, "&Keep in the gallery", commands.keep_in_gallery, "Ctrl+D")
    recalling = commands.recalling
    menu.addSeparator()
    add(menu, "Open s&cene…", recalling.ask_to_open, "Ctrl+Shift+O", "open")
    add(menu, "Save sc&ene…", recalling.ask_to_save, None, "save")
    add(menu, "Save scree&nshot…", commands.save_screenshot, None, "picture")
    add(menu, "Save as &lesson step…", commands.lessons.save_step, name="lesson")
    menu.addSeparator()
    menu.addMenu(RecentMenu(window, commands.open_file))
    menu.addActions(commands.session_actions)
    add(menu, "Reset everything…", commands.ask_to_reset)
    menu.addSeparator()
    add(menu, "&Quit", window.close, "Ctrl+Q")

    session = commands.session
    edit = bar.addMenu("&Edit")
    of_scenes = [
        action(window, "Copy scene", recalling.copy, "Ctrl+Shift+C", tip=_COPY),
        action(window, "Paste scene", recalling.paste, "Ctrl+Shift+V"),
    ]
    menu = bar.addMenu("&Generate")
    playing = [
        add(menu, "Play / pause", lambda: _press_or(commands.toggle), "Space", "play"),
        add(menu, "Step", lambda: commands.step(1), ".", "step"),
        add(menu, "Step back", lambda: commands.step(-1), ",", "step-back"),
        add(menu, "Finish", commands.finish, "End", "finish"),
        add(menu, "Restart", commands.restart, "Home", "restart"),
    ]
    steps = playing[1:3]
    drawing_page = commands.drawing_page
    menu.addAction(drawing_page.completion.switch)
    menu.addSeparator()
    menu.addAction(drawing_page.branch_here)
    compare = add(menu, "&Compare…", commands.compare, "Ctrl+M", "compare")
    menu.addSeparator()
    menu.addMenu(commands.computing.menu())
    session.computing.told.connect(commands.tell)
    menu.addSeparator()
    add(menu, "Train a model…", commands.show_training, "Ctrl+T", "train")
    add(menu, "Teach it your own symbols…", commands.symbols.show, None, "brush")

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
        page = commands.current
        why_not = page.why_not_save
        offer(save, not why_not, why_not)
        offer(keep, not why_not and bool(page.kept_as), why_not or _NOT_KEPT)
        files.setToolTipsVisible(bool(why_not))

    def show_page() -> None:
        """What can be done on the page that is there. A key of an action in a menu holds wherever
        one is, so the edits are there only while their page is; both kinds have some of the same
        keys."""
        page = commands.pages.currentWidget()
        edit.clear()
        if isinstance(page, Page):
            edit.addActions(page.edits)
        edit.addSeparator()
        edit.addActions(of_scenes)
        plays = isinstance(page, Page) and page.plays and session.generates
        for one in playing:
            one.setEnabled(plays and (commands.current.steps or one not in steps))
        offer(compare, session.generates, "This model makes nothing of its own to compare.")
        for one in of_drawing:
            one.setEnabled(plays and page is drawing_page)
        masks.setEnabled(page is drawing_page and session.painting is not None)
        show_saving()

    commands.pages.currentChanged.connect(lambda page: show_page())
    session.model_changed.connect(show_page)
    session.reading.connect(lambda _: show_saving())
    show_page()

    menu = bar.addMenu("&View")
    menu.addActions([dock.toggleViewAction() for dock in commands.docks.values()])
    menu.addAction(drawing_page.staging.toggle)
    menu.addSeparator()
    _add_overlays(menu.addMenu("Overlay"), window, commands.drawing_page.stage)
    menu.addSeparator()
    add_appearance(menu, window, commands.tell)
    present = add(menu, "Presentation", commands.presentation.toggle, "F11")
    present.setShortcuts([present.shortcut(), QKeySequence("Shift+F5")])
    menu.addSeparator()
    add(menu, "Start page", lambda: commands.pages.setCurrentWidget(commands.start_page), "Ctrl+H")
    add(menu, "Stage", commands.show_stage, "Ctrl+G")
    anatomy = add(menu, "Anatomy of the model", commands.show_anatomy, "Ctrl+Shift+A", "anatomy")
    offer(anatomy, False, _NO_MODEL)
    session.model_changed.connect(lambda: offer(anatomy, True, ""))
    add(menu, RACE, commands.show_race)
    add(menu, LABORATORY, commands.show_laboratory, "Ctrl+L", "train")

    palette = CommandPalette(window)
    add(menu, "Command palette…", palette.open, "Ctrl+Shift+P", "search")

    menu = bar.addMenu("&Help")
    add(menu, "Lessons…", commands.lessons.show_list, name="lesson")
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


def _press_or(do: Callable[[], object]) -> None:
    """The space bar presses the button that has the focus,
    as it does everywhere; without one, do this."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QAbstractButton):
        focus.click()
    else:
        do()
