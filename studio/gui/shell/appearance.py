"""What the View menu has for how the window looks: its theme, its language, and whether it keeps
still."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from studio.gui.widgets import motion, theme, translation
from studio.gui.widgets.controls import action
from studio.gui.widgets.theme import Theme

_THEMES = {
    Theme.SYSTEM: ("As the system", "Light or dark as the system is, and changing with it"),
    Theme.LIGHT: ("Light", "Dark text on a light ground"),
    Theme.DARK: ("Dark", "Light text on a dark ground"),
    Theme.HIGH_CONTRAST: ("High contrast", "White text on black, for eyes that need it"),
}


_NEXT = "The language changes at the next start."


def add_appearance(menu: QMenu, window: QMainWindow, tell: Callable[[str], object]) -> None:
    """The themes and languages, of which one each is chosen, and the switch for reduced motion.
    tell: is given a sentence."""
    themes, group = menu.addMenu("Theme"), QActionGroup(window)
    for one, (text, tip) in _THEMES.items():
        made = action(window, text, functools.partial(theme.choose, one), tip=tip)
        _of_group(made, group, one is theme.chosen())
        themes.addAction(made)

    def speak(code: str) -> None:
        translation.choose(code)
        tell(_NEXT)

    spoken, group = menu.addMenu("Language"), QActionGroup(window)
    for code, name in {"": "As the system", **translation.languages()}.items():
        made = action(window, name, functools.partial(speak, code))
        _of_group(made, group, code == translation.chosen())
        spoken.addAction(made)
    still = action(window, "Reduced motion", tip="No glow, no pulsing, no animation")
    still.setCheckable(True)
    still.setChecked(motion.reduced())
    still.toggled.connect(motion.reduce)
    menu.addAction(still)


def _of_group(made: QAction, group: QActionGroup, chosen: bool) -> None:
    made.setCheckable(True)
    made.setChecked(chosen)
    group.addAction(made)
