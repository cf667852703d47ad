"""What counts of a sound, on the waveform."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.engine.audio.rendering import as_audio_model
from studio.engine.checkpoints import load, save
from studio.engine.insights.strength import sound_strength
from studio.engine.media.colour_maps import colour_map
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from studio.gui.sound.timeline import Timeline
from studio.gui.sound.waveform_view import WaveformView
from studio.gui.widgets import theme
from tests.gui.sound.voices import make_all
from tests.gui.windows import press, until
from tests.tiny import tiny_voice

RATE = 1000


def shown(page: SoundPage) -> tuple[int, np.ndarray] | None:
    return page.waveform._counts


def about(page: SoundPage, position: int) -> bool:
    """Whether the band ends at a sample."""
    return (found := shown(page)) is not None and found[0] + len(found[1]) == position


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """One of which every sample that is seen counts: no weight is zero."""
    path = tiny_voice(tmp_path, sample_rate=8000)
    model, generator = load(path), torch.Generator().manual_seed(0)
    for weight in model.parameters():
        weight.normal_(std=0.3, generator=generator)
    save(model, path)
    return path


def test_the_band_follows_the_playhead_until_it_is_switched_off(
    window: MainWindow, page: SoundPage, qtbot: QtBot, voice: Path
) -> None:
    make_all(qtbot, page)
    press("w")
    until(qtbot, lambda: about(page, page.timeline.playhead or page.timeline.length))

    page.timeline.set_playhead(1000)
    until(qtbot, lambda: about(page, 1000))
    found = shown(page)
    assert found is not None
    assert page.playback.player is not None
    model = as_audio_model(load(voice))
    expected = sound_strength(model, page.playback.player.codes(0, 1000)[0])
    assert expected is not None
    assert len(expected) == 1 + (1 + 2 + 4)
    np.testing.assert_allclose(found[1], np.sqrt(expected / expected.max()), rtol=1e-3)
    assert page.legend.counts.isVisible()
    assert "The next sample sees the last 8" in page.legend.counts.toolTip()

    press("w")
    until(qtbot, lambda: shown(page) is None)
    assert not page.legend.counts.isVisible()


@pytest.fixture
def view(qtbot: QtBot) -> WaveformView:
    view = WaveformView(Timeline())
    qtbot.addWidget(view)
    view.resize(56 + 400, 200)
    view.show()
    qtbot.waitExposed(view)
    view.timeline.begin(2, RATE)
    view.timeline.append(np.zeros((2, 100), np.float32))
    view.timeline.show(0, 100)  # four pixels a sample
    return view


@pytest.mark.parametrize("look", [theme.Theme.LIGHT, theme.Theme.DARK])
def test_it_is_a_band_under_the_take_that_is_heard_in_the_colours_of_the_legend(
    view: WaveformView, qapp: QApplication, look: theme.Theme
) -> None:
    before = qapp.palette()
    qapp.setPalette(theme.palette(look))
    view.setPalette(theme.palette(look))
    try:
        counts = np.full(20, np.nan, np.float32)
        counts[10:] = np.linspace(0, 1, 10)
        view.show_counts(30, counts)
        image = view.grab().toImage()
    finally:
        qapp.setPalette(before)
    for sample, share in ((40, 0), (45, 5 / 9), (49, 1)):
        x = view.x_of(sample) + 1
        colour = colour_map("viridis")[round(share * 255)]
        assert image.pixel(x, view.lane(0).bottom() - 3) == colour
        assert image.pixel(x, view.lane(1).bottom() - 3) != colour
    ground = theme.palette(look).base().color().rgb()
    assert image.pixel(view.x_of(60) + 1, view.lane(0).bottom() - 3) == ground
    assert view.counts_rect().left() == view.x_of(40)


def test_without_what_counts_there_is_no_band(view: WaveformView) -> None:
    view.show_counts(30, np.ones(20, np.float32))
    assert not view.counts_rect().isEmpty()
    view.show_counts(0, None)
    assert view.counts_rect().isEmpty()
