"""PySide's features (`from __feature__ import snake_case`), which nothing here uses.

For their sake PySide reads the source of every module that is imported after it, whatever imports
it, and Python keeps what was read: 19 MB of torch alone, and a tenth of the time that importing it
takes, for all of which the window waits.
"""

from __future__ import annotations

from types import ModuleType


def ignore_features() -> None:
    """Let no source be read from now on."""
    try:
        from shibokensupport import feature
    except ImportError:  # another version of PySide may do it otherwise
        return
    feature._mod_uses_pyside = _uses_none


def _uses_none(module: ModuleType) -> bool:
    return False
