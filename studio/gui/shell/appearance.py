"""What the View menu has for how the window looks: its theme, and whether it keeps still."""

from __future__ import annotations

import functools

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from studio.gui.widgets import motion, theme
from studio.gui.widgets.controls import action
from studio.gui.widgets.theme import Theme

_THEMES = {
    Theme.SYSTEM: ("As the system", "Light or dark as the system is, and changing with it"),
    Theme.LIGHT: ("Light", "Dark text on a light ground"),
    Theme.DARK: ("Dark", "Light text on a dark ground"),
    Theme.HIGH_CONTRAST: ("High contrast", "White text on black, for eyes that need it"),
}


def add_appearance(menu: QMenu, window: QMainWindow) -> None:
    """The themes, of which one is chosen, and the switch for reduced motion."""
    themes, group = menu.addMenu("Theme"), QActionGroup(window)
    for one, (text, tip) in _THEMES.items():
        made = action(window, text, functools.partial(theme.choose, one), tip=tip)
        made.setCheckable(True)
        made.setChecked(one is theme.chosen())
        group.addAction(made)
        themes.addAction(made)
    still = action(window, "Reduced motion", tip="No glow, no pulsing, no animation")
    still.setCheckable(True)
    still.setChecked(motion.reduced())
    still.toggled.connect(motion.reduce)
    menu.addAction(still)
