"""The look of the window: Qt's Fusion style with palettes of our own. The person chooses light,
dark or high contrast, or what the system has, and the window turns with it.

There is no style sheet of the application: setting one anew, which a turn needs, holds the window
up for a fifth of a second, and one that stays keeps widgets from following the palette. A palette
costs a repaint.

Which look it is now is read from the application's palette, so that `colour` is always right for
what is on the screen.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

KEY = "theme"


class Theme(Enum):
    """What can be chosen. The value is how it is remembered."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high contrast"


# The looks, in the order in which they stand below.
LOOKS = (Theme.LIGHT, Theme.DARK, Theme.HIGH_CONTRAST)

# Names for what the window paints itself: (light, dark, high contrast).
COLOURS = {
    "unknown": ("#dfe2e7", "#2b2f36", "#202020"),  # the ground of a site without a value,
    "hatch": ("#b9bfc9", "#454b56", "#8a8a8a"),  # and the lines across it
    "evidence": ("#d9730d", "#ff9f43", "#ffb14e"),  # what the person painted
    "cursor": ("#00a870", "#2fe6a7", "#4dffc3"),  # the site that is drawn next
    "unseen": ("#c026d3", "#e879f9", "#f0a6ff"),  # evidence that the model cannot see
    "changed": ("#0e7c9b", "#1597bd", "#1597bd"),  # set by hand: seen on black and on white
    "guess": ("#7a4fd0", "#8f6be8", "#b08cff"),  # drawn at once with all others, not settled yet
    "accent": ("#2f6fde", "#6aa0ff", "#ffd400"),
    "red": ("#d03b42", "#ff7b72", "#ff9a94"),  # the channels of colour
    "green": ("#23924a", "#4cc27a", "#7ee29a"),
    "blue": ("#2f6fde", "#6aa0ff", "#9cc3ff"),
    "error": ("#c62828", "#ff7b72", "#ff9a94"),
    "ok": ("#1e7f43", "#4cc27a", "#7ee29a"),
    "muted": ("#646b76", "#99a1ae", "#d0d0d0"),
    "card": ("#ffffff", "#272a30", "#000000"),
    "line": ("#d3d7dd", "#3b4048", "#b0b0b0"),
}

_Role = QPalette.ColorRole
_ROLES = {
    _Role.Window: ("#f2f3f5", "#1d1f23", "#101010"),
    _Role.WindowText: ("#1b1e23", "#e4e7ec", "#ffffff"),
    _Role.Base: ("#ffffff", "#17191c", "#000000"),
    _Role.AlternateBase: ("#f6f7f9", "#1f2226", "#1a1a1a"),
    _Role.Text: ("#1b1e23", "#e4e7ec", "#ffffff"),
    _Role.Button: ("#fafbfc", "#2c3036", "#333333"),
    _Role.ButtonText: ("#1b1e23", "#e4e7ec", "#ffffff"),
    _Role.BrightText: ("#ffffff", "#ffffff", "#ffffff"),
    _Role.ToolTipBase: ("#23262b", "#e4e7ec", "#ffffff"),
    _Role.ToolTipText: ("#f4f5f7", "#1b1e23", "#000000"),
    _Role.PlaceholderText: ("#646b76", "#8b93a0", "#d0d0d0"),
    _Role.Highlight: ("#2f6fde", "#3f74cf", "#ffd400"),
    _Role.HighlightedText: ("#ffffff", "#ffffff", "#000000"),
    _Role.Accent: ("#2f6fde", "#6aa0ff", "#ffd400"),
    _Role.Link: ("#2f6fde", "#6aa0ff", "#9cc3ff"),
    _Role.LinkVisited: ("#6d4fc4", "#b39bf2", "#dcc4ff"),
    _Role.Light: ("#ffffff", "#3a3f47", "#5a5a5a"),
    _Role.Midlight: ("#f0f1f4", "#32363d", "#444444"),
    _Role.Mid: ("#c4c9d1", "#42474f", "#9a9a9a"),
    _Role.Dark: ("#a9afb9", "#101214", "#777777"),
    _Role.Shadow: ("#6b7079", "#000000", "#000000"),
}
_DISABLED = ("#9aa1ac", "#666d78", "#a0a0a0")
# which look has which ground: it is asked with every stroke of a brush
_GROUNDS = {
    QColor(ground).rgb(): one for ground, one in zip(_ROLES[_Role.Window], LOOKS, strict=True)
}


def apply(app: QApplication) -> None:
    """Give the application its style, and its colours from now on."""
    app.setStyle("Fusion")
    if app.findChild(_Follower) is None:
        app.styleHints().colorSchemeChanged.connect(_Follower(app).follow)
    _turn(app)


def chosen() -> Theme:
    """What the person has chosen."""
    try:
        return Theme(QSettings().value(KEY, Theme.SYSTEM.value))
    except ValueError:
        return Theme.SYSTEM


def choose(theme: Theme) -> None:
    """Have another look now, and at the next start."""
    QSettings().setValue(KEY, theme.value)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        _turn(app)


def look() -> Theme:
    """One of `LOOKS`: which the window has now."""
    ground = QGuiApplication.palette().color(_Role.Window)
    if (found := _GROUNDS.get(ground.rgb())) is not None:
        return found
    return Theme.DARK if ground.lightness() < 128 else Theme.LIGHT  # of a palette of Qt's own


def is_dark() -> bool:
    """Whether the window is dark now."""
    return look() is not Theme.LIGHT


def colour(name: str) -> QColor:
    """The colour of that name in `COLOURS`, for the look that the window has now; KeyError where
    there is none."""
    return QColor(COLOURS[name][LOOKS.index(look())])


def palette(theme: Theme) -> QPalette:
    """All the colours that Qt's own widgets take, for one of `LOOKS`."""
    made, which = QPalette(), LOOKS.index(theme)
    for role, colours in _ROLES.items():
        made.setColor(role, QColor(colours[which]))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[which]))
    grey = QColor(_ROLES[_Role.Mid][which])
    made.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, grey)
    return made


class _Follower(QObject):
    """Hears of a system that turns light or dark; lives as long as the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app

    def follow(self, scheme: Qt.ColorScheme) -> None:
        _turn(self._app, scheme)


def _wants_contrast(app: QApplication) -> bool:
    """Whether the system says so; older versions of Qt do not know."""
    hints = app.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return bool(hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)


def _turn(app: QApplication, scheme: Qt.ColorScheme | None = None) -> None:
    theme = chosen()
    if theme is Theme.SYSTEM:
        scheme = app.styleHints().colorScheme() if scheme is None else scheme
        # a system that says nothing gets the light window
        theme = Theme.DARK if scheme == Qt.ColorScheme.Dark else Theme.LIGHT
        if _wants_contrast(app):
            theme = Theme.HIGH_CONTRAST
    colours = palette(theme)
    app.setPalette(colours)
    QToolTip.setPalette(colours)
