"""Texts of lessons: Markdown as high as it needs to be, with the pictures of the lesson's folder.

Nothing else is read, and nothing opened: a link is told, so that the person can be asked.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
    QWheelEvent,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.lesson_files import read_picture
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painter_on

_Features = QTextDocument.MarkdownFeature
_HIGHEST = 2000  # pixels of a picture
_INDENT = 18  # pixels of a list
_LINE = 112  # per cent of a line's height, which is read more easily than one


class LessonText(QTextBrowser):
    """Signal: link_chosen(str), the address of a page on the web."""

    link_chosen = Signal(str)

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._markdown, self._folder = "", Path()
        self._width = 0
        self._shown: QTextDocument | None = None
        self.anchorClicked.connect(self._follow)

    def show_text(self, markdown: str, folder: Path) -> None:
        """folder: of its pictures."""
        self._markdown, self._folder = markdown, folder
        self._render()

    def _render(self) -> None:
        """Anew, for the width and the colours that there are."""
        self._width = self.viewport().width()
        document, old = QTextDocument(self), self._shown
        document.setDefaultFont(self.font())
        document.setDocumentMargin(0)
        self.setDocument(document)  # first: it asks its widget for the pictures
        self._shown = document
        if old is not None:  # Qt itself deletes the one that it made
            old.deleteLater()
        features = _Features.MarkdownDialectGitHub | _Features.MarkdownNoHTML
        document.setMarkdown(self._markdown, features)
        document.setIndentWidth(_INDENT)
        self._let_lines_break(document)
        self._draw_tables(document)
        document.setTextWidth(self._width)
        self.setFixedHeight(math.ceil(document.size().height()))

    def _let_lines_break(self, document: QTextDocument) -> None:
        """A line of code that is too long goes on in the next one: there is no scrolling to the
        side."""
        block, cursor = document.begin(), QTextCursor(document)
        while block.isValid():
            style = block.blockFormat()
            style.setNonBreakableLines(False)
            style.setLineHeight(_LINE, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor.setPosition(block.position())
            if style.hasProperty(QTextFormat.Property.BlockCodeFence):
                style.setBackground(self.palette().alternateBase())
            cursor.setBlockFormat(style)
            block = block.next()

    def _draw_tables(self, document: QTextDocument) -> None:
        """With thin lines, and apart from what stands round them."""
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                style = frame.format().toTableFormat()
                style.setBorderCollapse(True)
                style.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                style.setBorderBrush(theme.colour("line"))
                style.setBorder(1)
                style.setCellPadding(4)
                style.setTopMargin(6)
                style.setBottomMargin(8)
                frame.setFormat(style)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        image = self._picture(QUrl(name))
        return _nothing() if image.isNull() else image

    def _picture(self, name: QUrl) -> QImage:
        try:
            content = read_picture(self._folder, name.toString(QUrl.ComponentFormattingOption(0)))
        except StudioError:  # whoever wrote the lesson is told when it is read
            return QImage()
        ratio, most = self.devicePixelRatioF(), QSize(max(1, self._width), _HIGHEST)
        if name.path().lower().endswith(".svg"):
            ink = self.palette().color(QPalette.ColorRole.Text).name()
            return drawn(content, ink, most, ratio)
        return _fitting(QImage.fromData(content), most, ratio)

    def _follow(self, link: QUrl) -> None:
        if link.scheme() in ("http", "https"):
            self.link_chosen.emit(link.toString())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.viewport().width() != self._width:
            self._render()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in changes and self._markdown:
            self._render()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # what it stands in scrolls


def _nothing() -> QImage:
    """In the place of a picture that is not read: given none, Qt reads the file by itself."""
    image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def drawn(svg: bytes, ink: str, most: QSize, ratio: float) -> QImage:
    """A drawing in the colour `ink` where it says `currentColor`, no larger than `most`; ratio:
    pixels of the screen for each of ours."""
    renderer = QSvgRenderer(svg.replace(b"currentColor", ink.encode()))
    size = renderer.defaultSize()
    if not size.isValid() or size.isEmpty():
        return QImage()
    if size != size.boundedTo(most):
        size.scale(most, Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with painter_on(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter)
    image.setDevicePixelRatio(ratio)
    return image


def _fitting(image: QImage, most: QSize, ratio: float) -> QImage:
    """A picture in its own pixels, made smaller where it is larger than `most`."""
    if image.isNull() or image.size() == image.size().boundedTo(most):
        return image
    fit = image.scaled(
        most * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    fit.setDevicePixelRatio(ratio)
    return fit
