"""`commands_of`: everything that can be done in a window, for its keys and the command palette: the
entries of its menus, its other actions and its named buttons, each with where it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QDialogButtonBox,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QMenu,
    QTabBar,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from studio.gui.page import Page
from studio.gui.widgets.translation import plain, tr

Control = QAction | QAbstractButton
_NOT_COMMANDS = (QLineEdit, QAbstractSpinBox, QTabBar, QDialogButtonBox)


@dataclass(frozen=True)
class Command:
    """control: what does it. where: the menu, dock or page that it is in."""

    control: Control
    where: str

    @property
    def name(self) -> str:
        """What it is called by in the settings, in any language."""
        owner = self.control.parent()
        return f"{type(owner).__name__}/{self.control.objectName() or self.text}"

    @property
    def there(self) -> bool:
        """Whether the control has not gone, as those do that are made anew for each model."""
        return isValid(self.control)

    @property
    def text(self) -> str:
        control = self.control
        words = control.text() if isinstance(control, QAction) else control.accessibleName()
        return plain(words or control.text())

    @property
    def keys(self) -> list[QKeySequence]:
        control = self.control
        if isinstance(control, QAction):
            return [key for key in control.shortcuts() if not key.isEmpty()]
        # a key that comes from an underlined letter is not one
        key = control.shortcut()
        return [] if key.isEmpty() or "&" in control.text().replace("&&", "") else [key]

    @property
    def why_not(self) -> str:
        """A sentence, where it cannot be done now; else ""."""
        control = self.control
        if not isValid(control):
            return tr("This is no longer there.")
        if (home := home_of(control)) is not None and not home.isVisible():
            if isinstance(home, Page):
                return tr("This is on another page.")
            if isinstance(control, QAbstractButton):
                return tr("Open it in the View menu first.")
        if control.isEnabled():
            return ""
        # `offer` puts the reason where the tip was
        reasoned = control.property("tip") is not None and control.toolTip()
        return str(reasoned or tr("Not for what the window shows now."))

    def do(self) -> None:
        """As if the person had clicked on it."""
        control = self.control
        if self.why_not:
            return
        if isinstance(control, QAction):
            control.trigger()
        elif isinstance(control, QToolButton) and control.menu() is not None:
            control.showMenu()
        else:
            control.click()


@runtime_checkable
class Unfinished(Protocol):
    """A window of which some parts are made when they are first shown."""

    def make_all(self) -> None: ...


def commands_of(window: QWidget) -> list[Command]:
    """All of a window, with those on pages that were not shown yet: the menus first, in their
    order."""
    if isinstance(window, Unfinished):
        window.make_all()
    return commands_in(window)


def commands_in(window: QWidget) -> list[Command]:
    """Those that are there by now, of a window or of a part of one."""
    found: dict[int, Command] = {}
    if isinstance(window, QMainWindow):
        for title in window.menuBar().actions():
            for action, where in _in_menu(title, ()):
                found.setdefault(id(action), Command(action, where))
    for action in window.findChildren(QAction):
        if _is_command(window, action):
            found.setdefault(id(action), Command(action, _place_of(action)))
    for button in window.findChildren(QAbstractButton):
        of_action = isinstance(button, QToolButton) and button.defaultAction() is not None
        if not of_action and _is_command(window, button):
            found.setdefault(id(button), Command(button, _place_of(button)))
    return [command for command in found.values() if command.text]


def home_of(control: Control) -> QWidget | None:
    """The page or the dock that it is in; None where it is of the window as a whole."""
    owner: QObject | None = control
    while owner is not None and not isinstance(owner, Page | QDockWidget):
        owner = owner.parent()
    if isinstance(owner, QDockWidget) and isinstance(control, QAction):
        return None  # its key is heard wherever the dock is
    return owner


def written(keys: list[QKeySequence]) -> str:
    """As the system writes keys."""
    native = QKeySequence.SequenceFormat.NativeText
    return tr(" or ").join(key.toString(native) for key in keys)


def _in_menu(action: QAction, above: tuple[str, ...]) -> Iterator[tuple[QAction, str]]:
    menu = action.menu()
    if isinstance(menu, QMenu):
        for one in menu.actions():
            yield from _in_menu(one, (*above, plain(action.text())))
    elif action.text() and action.isVisible() and not action.isSeparator():
        yield action, " › ".join(above)


def _is_command(window: QWidget, control: Control) -> bool:
    owner = control.parent()
    if isinstance(owner, _NOT_COMMANDS) or control.objectName().startswith("qt_"):
        return False
    if isinstance(control, QAction):
        visible = control.isVisible() and not control.isSeparator() and control.menu() is None
        return visible and _inside(window, owner)
    home = home_of(control) or window
    return control.isVisibleTo(home) and _inside(window, control)


def _inside(window: QWidget, owner: QObject | None) -> bool:
    """Whether it is in the window or a dock of it, and not in a dialog or a menu over it."""
    while isinstance(owner, QWidget) and owner is not window:
        if owner.isWindow() and not isinstance(owner, QDockWidget):
            return False
        owner = owner.parent()
    return owner is window or owner is None or not isinstance(owner, QWidget)


def _place_of(control: Control) -> str:
    owner: QObject | None = control
    while owner is not None:
        if isinstance(owner, QDockWidget):
            return owner.windowTitle()
        if isinstance(owner, Page):
            return tr(owner.called)
        owner = owner.parent()
    return ""
