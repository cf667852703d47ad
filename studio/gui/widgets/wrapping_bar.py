"""A bar of tools that goes on in another line where it is too long for one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QActionEvent, QPalette
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QWidget, QWidgetAction

from studio.gui.widgets.flow_layout import FlowLayout

_MARGIN, _GAP = 4, 2


class WrappingBar(QWidget):
    """Takes what a QToolBar takes: actions, which become buttons, and widgets. A QToolBar hides
    what has no room behind an arrow that few people find."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._shown: dict[QAction, QWidget] = {}
        self._all: list[QWidget] = []  # separators too
        self._icons = QSize(20, 20)
        self._style = Qt.ToolButtonStyle.ToolButtonIconOnly
        flow = FlowLayout(self, spacing=_GAP)
        flow.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._flow = flow
        # not fixed: a layout would hold it to the height of its hint, one line
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """All in one line."""
        hints = [shown.sizeHint() for shown in self._all if not shown.isHidden()]
        height = max((hint.height() for hint in hints), default=0)
        width = sum(hint.width() + _GAP for hint in hints) - _GAP
        return QSize(width + 2 * _MARGIN, height + 2 * _MARGIN)

    def setToolButtonStyle(self, style: Qt.ToolButtonStyle) -> None:
        """Of the buttons that come after this."""
        self._style = style

    def widgetForAction(self, action: QAction) -> QWidget | None:
        return self._shown.get(action)

    def addSeparator(self) -> None:
        line = QFrame(frameShape=QFrame.Shape.VLine, frameShadow=QFrame.Shadow.Plain)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        line.setFixedSize(9, self._icons.height())
        self._add(line)

    def addWidget(self, widget: QWidget) -> QAction:
        """Put it at the end; the action shows and hides it."""
        action = QWidgetAction(self)
        action.setDefaultWidget(widget)
        self.addAction(action)
        return action

    def actionEvent(self, event: QActionEvent) -> None:
        action = event.action()
        if event.type() == QEvent.Type.ActionAdded:
            self._show(action)
        elif event.type() == QEvent.Type.ActionChanged and action in self._shown:
            self._shown[action].setVisible(action.isVisible())
        super().actionEvent(event)

    def _show(self, action: QAction) -> None:
        if isinstance(action, QWidgetAction):
            made = action.defaultWidget()
        else:
            made = QToolButton()
            made.setAutoRaise(True)
            made.setIconSize(self._icons)
            made.setToolButtonStyle(self._style)
            made.setDefaultAction(action)
            made.setAccessibleName(action.text())
        self._shown[action] = made
        self._add(made)
        made.setVisible(action.isVisible())

    def _add(self, widget: QWidget) -> None:
        self._all.append(widget)
        self._flow.addWidget(widget)
