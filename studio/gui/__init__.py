"""The window: one widget a file, no logic that a test without Qt could not reach.
Only this package knows of Qt."""

from studio.gui.overrides import hold_exceptions

hold_exceptions()
