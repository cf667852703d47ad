"""The look of the window: Qt's Fusion style with palettes of our own, light or dark as the system
is, and changing with it.

Whether it is dark is read from the application's palette, so that `colour` is always right for what
is on the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

# Names for what the window paints itself: (light, dark).
COLOURS = {
    "unknown": ("#dfe2e7", "#2b2f36"),  # the ground of a site that has no value yet,
    "hatch": ("#b9bfc9", "#454b56"),  # and the lines across it
    "evidence": ("#d9730d", "#ff9f43"),  # what the person painted
    "cursor": ("#00a870", "#2fe6a7"),  # the site that is drawn next
    "unseen": ("#c026d3", "#e879f9"),  # evidence that the model cannot see
    "changed": ("#0e7c9b", "#3fd0f5"),  # a pixel that was set by hand
    "accent": ("#2f6fde", "#6aa0ff"),
    "red": ("#d03b42", "#ff7b72"),  # the channels of colour
    "green": ("#23924a", "#4cc27a"),
    "blue": ("#2f6fde", "#6aa0ff"),
    "error": ("#c62828", "#ff7b72"),
    "ok": ("#1e7f43", "#4cc27a"),
    "muted": ("#646b76", "#99a1ae"),
    "card": ("#ffffff", "#272a30"),
    "line": ("#d3d7dd", "#3b4048"),
}

_Role = QPalette.ColorRole
_ROLES = {
    _Role.Window: ("#f2f3f5", "#1d1f23"),
    _Role.WindowText: ("#1b1e23", "#e4e7ec"),
    _Role.Base: ("#ffffff", "#17191c"),
    _Role.AlternateBase: ("#f6f7f9", "#1f2226"),
    _Role.Text: ("#1b1e23", "#e4e7ec"),
    _Role.Button: ("#fafbfc", "#2c3036"),
    _Role.ButtonText: ("#1b1e23", "#e4e7ec"),
    _Role.BrightText: ("#ffffff", "#ffffff"),
    _Role.ToolTipBase: ("#23262b", "#e4e7ec"),
    _Role.ToolTipText: ("#f4f5f7", "#1b1e23"),
    _Role.PlaceholderText: ("#646b76", "#8b93a0"),
    _Role.Highlight: ("#2f6fde", "#3f74cf"),
    _Role.HighlightedText: ("#ffffff", "#ffffff"),
    _Role.Accent: ("#2f6fde", "#6aa0ff"),
    _Role.Link: ("#2f6fde", "#6aa0ff"),
    _Role.LinkVisited: ("#6d4fc4", "#b39bf2"),
    _Role.Light: ("#ffffff", "#3a3f47"),
    _Role.Midlight: ("#f0f1f4", "#32363d"),
    _Role.Mid: ("#c4c9d1", "#42474f"),
    _Role.Dark: ("#a9afb9", "#101214"),
    _Role.Shadow: ("#6b7079", "#000000"),
}
_DISABLED = ("#9aa1ac", "#666d78")

_STYLESHEET = """
QToolTip {{ color: {tip_text}; background: {tip}; border: 1px solid {tip}; padding: 3px 5px; }}
QDockWidget::title {{ padding: 5px 8px; background: transparent; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QStatusBar::item {{ border: none; }}
QToolButton[chip="true"] {{
    border: 1px solid {line}; border-radius: 4px; padding: 3px 7px; background: {card};
}}
QToolButton[chip="true"]:hover, QToolButton[chip="true"]:focus {{ border-color: {accent}; }}
QToolButton[chip="true"]:checked {{
    background: {chosen}; border-color: {chosen}; color: {on_chosen};
}}
QToolButton[chip="true"]:disabled {{
    background: transparent; border-color: {line}; color: {disabled};
}}
QToolButton[chip="true"]:checked:disabled {{ background: {line}; }}
QMainWindow::separator {{ background: {line}; width: 1px; height: 1px; margin: 2px; }}
"""


def apply(app: QApplication) -> None:
    """Give the application its style, and its colours from now on."""
    app.setStyle("Fusion")
    if app.findChild(_Follower) is None:
        app.styleHints().colorSchemeChanged.connect(_Follower(app).follow)
    _recolour(app, app.styleHints().colorScheme())


def is_dark() -> bool:
    """Whether the window is dark now."""
    return QGuiApplication.palette().color(_Role.Window).lightness() < 128


def colour(name: str) -> QColor:
    """The colour of that name in `COLOURS`, for a light or dark window as it is now;
    KeyError where there is none."""
    return QColor(COLOURS[name][is_dark()])


def palette(dark: bool) -> QPalette:
    """All the colours that Qt's own widgets take."""
    made = QPalette()
    for role, pair in _ROLES.items():
        made.setColor(role, QColor(pair[dark]))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[dark]))
    made.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, QColor(_ROLES[_Role.Mid][dark]))
    return made


class _Follower(QObject):
    """Hears of a system that turns light or dark; lives as long as the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app

    def follow(self, scheme: Qt.ColorScheme) -> None:
        _recolour(self._app, scheme)


def _recolour(app: QApplication, scheme: Qt.ColorScheme) -> None:
    dark = scheme == Qt.ColorScheme.Dark  # a system that says nothing gets the light window
    app.setPalette(palette(dark))
    app.setStyleSheet(
        _STYLESHEET.format(
            tip=_ROLES[_Role.ToolTipBase][dark],
            tip_text=_ROLES[_Role.ToolTipText][dark],
            line=COLOURS["line"][dark],
            card=COLOURS["card"][dark],
            accent=COLOURS["accent"][dark],
            chosen=_ROLES[_Role.Highlight][dark],
            on_chosen=_ROLES[_Role.HighlightedText][dark],
            disabled=_DISABLED[dark],
        )
    )
