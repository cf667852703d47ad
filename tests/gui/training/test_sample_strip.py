"""The strip of samples by itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.gui.training.sample_strip import SampleStrip


def test_a_thumbnail_is_kept_no_larger_than_it_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    def kept() -> int:
        return max(size.width() for size in strip.item(0).icon().availableSizes())

    strip, path = SampleStrip(), tmp_path / "epoch-001.png"
    qtbot.addWidget(strip)
    strip.resize(400, 120)
    strip.show()
    qtbot.waitExposed(strip)
    QImage(685, 400, QImage.Format.Format_RGB32).save(str(path))
    strip.show_files([path])
    assert kept() == 128
    strip.resize(400, 400)
    qtbot.waitUntil(lambda: strip.iconSize().width() > 300)
    assert kept() == 384
    assert strip.count() == 1
