"""`Late`: a part of the window that is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


class Late(Generic[W]):
    """Called, it gives the part. there: the same, None as long as nobody has asked for it."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.there: W | None = None

    def __call__(self) -> W:
        if self.there is None:
            self.there = self._make()
        return self.there
