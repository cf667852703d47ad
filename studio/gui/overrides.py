"""Exceptions in what Qt calls of ours: on Python 3.11 they would end the process.

There an exception that C code raises, such as the IndexError of an array, has no object until
somebody catches it, and libshiboken (6.11) takes what it has instead for one where the call came
from Python, as when a page is shown or a test moves the mouse. So every override catches what it
raises, and raises it again: then it has an object. Later Pythons make one at once.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from shiboken6 import Shiboken

# overrides that are not called ...Event
_OTHERS = frozenset(
    [
        "event",
        "eventFilter",
        "paint",
        "pixmap",
        "actualSize",
        "sizeHint",
        "minimumSizeHint",
        "minimumSize",
        "heightForWidth",
        "hasHeightForWidth",
        "expandingDirections",
        "setGeometry",
        "itemAt",
        "takeAt",
        "addItem",
        "sliderChange",
        "showPopup",
        "readData",
        "writeData",
        "bytesAvailable",
        "isSequential",
    ]
)


def hold_exceptions() -> None:
    """For all classes that derive from Qt's from now on."""
    if sys.version_info < (3, 12):
        Shiboken.Object.__init_subclass__ = classmethod(_hold)  # type: ignore[assignment, arg-type]


def _hold(cls: type, **options: Any) -> None:
    for name, value in list(vars(cls).items()):
        if isinstance(value, FunctionType) and (name.endswith("Event") or name in _OTHERS):
            setattr(cls, name, _held(value))


def _held(override: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(override)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return override(*arguments, **named)
        except BaseException:
            raise

    return call
