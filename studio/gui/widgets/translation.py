"""The window's words in the person's language.

The English text is the key. `assets/translations/xx.json` has the same texts in another language;
one that is missing there stays English. Controls are made in English, and `translate` gives a
window whose parts are all there its language, so that most of the code need not know of it. What is
said later, or painted, goes through `tr`.
"""

from __future__ import annotations

import json
import re

from PySide6.QtCore import (
    QCoreApplication,
    QLibraryInfo,
    QLocale,
    QObject,
    QSettings,
    QTranslator,
)
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QWidget,
)

from studio.engine.runtime.assets import assets_folder

KEY = "language"
ENGLISH = "en"
_CONTEXT = "studio"
_WITH_KEY = re.compile(r"(.+) (\([^()]+\))", re.DOTALL)  # a tip, and the key that it ends with


def tr(text: str) -> str:
    """The text in the language of the window; itself, where that does not have it. What ends with a
    key in brackets is looked for without it too."""
    found = QCoreApplication.translate(_CONTEXT, text)
    if found != text or not text.endswith(")"):
        return found
    if (match := _WITH_KEY.fullmatch(text)) is not None:
        words, key = match.groups()
        return f"{QCoreApplication.translate(_CONTEXT, words)} {key}"
    return found


def plain(text: str) -> str:
    """A text of a menu without its marks."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def languages() -> dict[str, str]:
    """What there is: the name of each language in itself, by its code."""
    found = {ENGLISH: "English"}
    for path in sorted((assets_folder() / "translations").glob("*.json")):
        found[path.stem] = QLocale(path.stem).nativeLanguageName().capitalize()
    return found


def chosen() -> str:
    """The code that the person has chosen; "" for that of the system."""
    code = str(QSettings().value(KEY, ""))
    return code if code in languages() else ""


def choose(code: str) -> None:
    """The language of the next start; "" for that of the system."""
    QSettings().setValue(KEY, code)


def install(app: QApplication) -> None:
    """Have what is said from now on in the language of the person."""
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    code = chosen() or QLocale.system().name().split("_")[0]
    if code == ENGLISH or code not in languages():
        return
    of_qt = QTranslator(app)  # its own buttons: Cancel, Yes, No
    if of_qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    app.installTranslator(_Catalogue(app, code))


def translate(window: QWidget) -> None:
    """Put all words in a window, and in what belongs to it, into its language; and note what its
    controls are called in English."""
    for button in window.findChildren(QAbstractButton):
        _remember(button, button.accessibleName() or button.text())
    for action in window.findChildren(QAction):
        _remember(action, action.text())
    app = QApplication.instance()
    if app is None or not app.findChildren(_Catalogue):
        return
    for part in (window, *window.findChildren(QObject)):
        if isinstance(part, QAction):
            short = part.iconText()
            own = short != plain(part.text())
            part.setText(tr(part.text()))
            if own:
                part.setIconText(tr(short))
            part.setToolTip(tr(part.toolTip()))
        elif isinstance(part, QWidget):
            _translate(part)


class _Catalogue(QTranslator):
    """The texts of a file."""

    def __init__(self, app: QApplication, code: str) -> None:
        super().__init__(app)
        path = assets_folder() / "translations" / f"{code}.json"
        self._texts: dict[str, str] = json.loads(path.read_text("utf-8"))

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, count: int = -1
    ) -> str | None:
        return self._texts.get(source) if context == _CONTEXT else None


def _translate(widget: QWidget) -> None:
    if isinstance(widget, QAbstractButton):
        if not (isinstance(widget, QToolButton) and widget.defaultAction() is not None):
            widget.setText(tr(widget.text()))
    elif isinstance(widget, QLabel):
        if widget.text():
            widget.setText(tr(widget.text()))
    elif isinstance(widget, QGroupBox | QMenu):
        widget.setTitle(tr(widget.title()))
    elif isinstance(widget, QLineEdit):
        widget.setPlaceholderText(tr(widget.placeholderText()))
    elif isinstance(widget, QComboBox):
        for row in range(widget.count()):
            widget.setItemText(row, tr(widget.itemText(row)))
    elif isinstance(widget, QDockWidget):
        widget.setWindowTitle(tr(widget.windowTitle()))
    for told, tell in (
        (widget.toolTip(), widget.setToolTip),
        (widget.accessibleName(), widget.setAccessibleName),
    ):
        if told and (found := tr(told)) != told:
            tell(found)


def _remember(control: QAction | QAbstractButton, text: str) -> None:
    """What it is called by in the settings, in any language."""
    if text and not control.objectName():
        control.setObjectName(plain(text))
