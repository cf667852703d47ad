"""The keys of the window: those it comes with, and what the person made of them, which is kept and
given to the window at its start.

They belong to actions and buttons. What other keys do, of a list or a view, is written down here
only: these stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from studio.gui.page import Page
from studio.gui.shell.commands import Command, commands_in, commands_of, home_of
from studio.gui.widgets.translation import tr

_CHANGED = "keys"  # in the settings: {name of the command: its keys}
_USUAL = "usual keys"  # a property: those it comes with
_PORTABLE = QKeySequence.SequenceFormat.PortableText
Keys = list[QKeySequence]

# (where, [(keys, what they do)]) that are not those of an action or a button
FIXED = (
    (
        "Library",
        [
            ("↑  ↓", "Go from card to card"),
            ("Enter", "Load the model"),
            ("F2", "Rename a checkpoint of your own"),
            ("Del", "Delete a checkpoint of your own"),
        ],
    ),
    (
        "Sound",
        [
            ("←  →", "Move along"),
            ("Shift+←  Shift+→", "Select from the playhead on, or move the end of the selection"),
            ("↑  ↓", "Choose the take"),
            ("+  −", "Zoom about the playhead"),
            ("Esc", "Clear the selection"),
        ],
    ),
    (
        "Presentation",
        [
            ("Page Down  →", "Next step"),
            ("Page Up  ←", "Step before"),
            ("B", "Black, and back"),
            ("L", "Laser pointer"),
            ("Esc", "End the presentation"),
        ],
    ),
)


def apply(part: QWidget) -> None:
    """Give what is in a window, or in a part of one, the keys that the person wants."""
    if not (changed := _changed()):
        return
    for command in commands_in(part):
        if command.name in changed:
            _set(command, _read(changed[command.name]))


def usual(command: Command) -> Keys:
    """The keys that it comes with."""
    kept = command.control.property(_USUAL)
    return command.keys if kept is None else _read(str(kept))


def change(window: QWidget, command: Command, keys: Keys) -> str:
    """Give a command other keys, or none; a sentence, where another one has them, and nothing is
    changed."""
    commands = commands_of(window)
    if (other := _having(keys, command, commands)) is not None:
        key = next(key for key in keys if key in other.keys).toString()
        return tr('{key} is the key of "{other}": give that another one first.').format(
            key=key, other=other.text
        )
    changed = _changed()
    if keys == usual(command):
        changed.pop(command.name, None)
    else:
        changed[command.name] = _written(keys)
    _keep(changed)
    for one in commands:
        if one.name == command.name:  # the same on several pages
            _set(one, keys)
    return ""


def reset_all(window: QWidget) -> None:
    """The keys that the window comes with."""
    _keep({})
    for command in commands_of(window):
        _set(command, usual(command))


def _having(keys: Keys, command: Command, commands: Iterable[Command]) -> Command | None:
    """Another command that one of these keys does, where both can be used at the same time."""
    return next(
        (
            other
            for other in commands
            if other.name != command.name
            and _together(command, other)
            and any(key in other.keys for key in keys)
        ),
        None,
    )


def _together(one: Command, other: Command) -> bool:
    """Two pages are never there at once."""
    homes = home_of(one.control), home_of(other.control)
    return not all(isinstance(home, Page) for home in homes) or homes[0] is homes[1]


def _set(command: Command, keys: Keys) -> None:
    control, before = command.control, command.keys
    if control.property(_USUAL) is None:
        control.setProperty(_USUAL, _written(before))
    if isinstance(control, QAction):
        control.setShortcuts(keys)
    else:
        control.setShortcut(keys[0] if keys else QKeySequence())
    _tell_in_tips(command, before, keys)


def _tell_in_tips(command: Command, before: Keys, keys: Keys) -> None:
    """Tips end with the key, and so does the one that `offer` keeps."""
    control, tip = command.control, command.control.toolTip()
    kept = control.property("tip")
    control.setToolTip(_retold(tip, before, keys))
    if kept is not None:
        control.setProperty("tip", _retold(str(kept), before, keys))


def _retold(tip: str, before: Keys, keys: Keys) -> str:
    old = f" ({before[0].toString()})" if before else ""
    new = f" ({keys[0].toString()})" if keys else ""
    if old and old in tip:
        return tip.replace(old, new)
    return tip if old else f"{tip}{new}"


def _read(text: str) -> Keys:
    listed = QKeySequence.listFromString(text, _PORTABLE)
    return [key for key in listed if not key.isEmpty()]


def _written(keys: Keys) -> str:
    return QKeySequence.listToString(keys, _PORTABLE)


def _changed() -> dict[str, str]:
    try:
        kept = json.loads(str(QSettings().value(_CHANGED, "{}")))
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(name): str(keys) for name, keys in kept.items()}


def _keep(changed: dict[str, str]) -> None:
    QSettings().setValue(_CHANGED, json.dumps(changed))
