"""The painted spectrogram, without Qt: brushes, stretches,
time put in and taken out, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.editing.spectrogram_painting import (
    MOST_FRAMES,
    Brush,
    Region,
    Span,
    SpectrogramPainting,
)

HARD = Brush(size=1, softness=0)


@pytest.fixture
def painting() -> SpectrogramPainting:
    """Silence, 12 frames of 8 mels."""
    return SpectrogramPainting(np.zeros((12, 8), np.float32))


@pytest.fixture
def steps() -> SpectrogramPainting:
    """Frames that grow louder, the same at every pitch: 0, 0.1 .. 0.9."""
    return SpectrogramPainting(np.repeat(np.arange(10, dtype=np.float32)[:, None] / 10, 4, 1))


def noise(frames: int = 12, mels: int = 8) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, (frames, mels)).astype(np.float32)


def tenths(painting: SpectrogramPainting, mel: int = 0) -> list[int]:
    """The levels at one pitch."""
    return np.rint(painting.frames[:, mel] * 10).astype(int).tolist()


def test_a_line_reaches_from_cell_to_cell(painting):
    assert painting.line((2, 3), (6, 3), HARD) == Span(2, 7)
    assert np.argwhere(painting.frames == 1).tolist() == [[frame, 3] for frame in range(2, 7)]
    assert np.count_nonzero(painting.frames) == 5


def test_a_line_may_begin_and_end_outside(painting):
    assert painting.line((-5, 2), (40, 2), HARD) == Span(0, 12)
    assert painting.frames[:, 2].all()
    assert painting.line((-9, 2), (-7, 2), HARD) is None


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_a_hard_brush_is_as_wide_as_its_size(painting, size):
    painting.line((6, 4), (6, 4), Brush(size=size, softness=0))
    assert np.count_nonzero(painting.frames[6] == 1) == size


def test_a_soft_brush_fades_from_its_middle_and_reaches_no_further(painting):
    painting.line((6, 4), (6, 4), Brush(size=7, softness=1))
    across = painting.frames[6]
    assert across[4] == 1
    assert across[4] > across[5] > across[6] > across[7] > 0
    soft = painting.frames.copy()
    painting.clear()
    painting.line((6, 4), (6, 4), Brush(size=7, softness=0))
    assert (soft <= painting.frames).all()


def test_strength_is_how_far_a_whole_stroke_goes_however_often_it_passes(painting):
    brush = Brush(size=3, softness=0, strength=0.5, level=0.8)
    painting.begin()
    for _ in range(5):
        painting.line((2, 3), (8, 3), brush)
    painting.end()
    assert painting.frames[5, 3] == pytest.approx(0.4)
    painting.line((5, 3), (5, 3), brush)
    assert painting.frames[5, 3] == pytest.approx(0.6), "the next stroke goes half of the rest"


def test_the_eraser_makes_silence():
    painting = SpectrogramPainting(noise())
    painting.line((0, 3), (11, 3), Brush("erase", size=1))
    assert not painting.frames[:, 3].any()
    assert painting.frames[:, :3].all()


def test_smoothing_brings_neighbours_together_and_leaves_what_is_even(steps):
    painting = SpectrogramPainting(noise())
    before = painting.frames.std()
    painting.line((0, 4), (11, 4), Brush("smooth", size=20))
    assert painting.frames.std() < before / 2
    even = SpectrogramPainting(np.full((12, 8), 0.5, np.float32))
    assert even.line((0, 4), (11, 4), Brush("smooth", size=20)) is None


def test_a_stroke_is_undone_and_redone_as_one(painting):
    painting.begin()
    painting.line((1, 1), (4, 1), HARD)
    painting.line((4, 1), (4, 6), HARD)
    assert painting.end() == Span(1, 5)
    drawn = painting.frames.copy()
    assert painting.undo() == Span(1, 5)
    assert painting.empty
    assert painting.redo() == Span(1, 5)
    assert np.array_equal(painting.frames, drawn)
    assert not painting.can_redo


def test_a_stroke_that_changed_nothing_leaves_no_history(painting):
    painting.begin()
    painting.line((1, 1), (4, 1), Brush("erase"))
    assert painting.end() is None
    assert not painting.can_undo
    assert painting.undo() is None


def test_a_new_stroke_forgets_what_was_undone(painting):
    painting.line((1, 1), (4, 1), HARD)
    painting.undo()
    painting.line((2, 2), (4, 2), HARD)
    assert not painting.can_redo


def test_every_edit_can_be_undone_whatever_it_does_to_the_length():
    painting = SpectrogramPainting(noise())
    states = [painting.frames.copy()]
    edits = [
        lambda: painting.line((1, 1), (9, 6), Brush()),
        lambda: painting.insert(4, 3),
        lambda: painting.stretch(Region(2, 8, 0, 8), 11),
        lambda: painting.cut(5, 9),
        lambda: painting.shift(Region(1, 4, 2, 5), 3, -1),
        lambda: painting.lay(noise(4, 8), (14, 2)),
        lambda: painting.replace(noise(30)),
        lambda: painting.clear(),
    ]
    for edit in edits:
        assert edit() is not None
        states.append(painting.frames.copy())
    for state in states[-2::-1]:
        painting.undo()
        assert np.array_equal(painting.frames, state)
    for state in states[1:]:
        painting.redo()
        assert np.array_equal(painting.frames, state)


def test_the_history_is_bounded_in_bytes_and_keeps_the_latest():
    painting = SpectrogramPainting(np.zeros((100, 8), np.float32), history=10 * 8 * 4)
    for frame in range(100):
        painting.line((frame, 3), (frame, 3), HARD)
    while painting.undo():
        pass
    assert painting.frames.any(1).sum() == 90


def test_a_stretch_moves_in_time_and_pitch_and_leaves_silence(painting):
    painting.line((2, 3), (4, 3), HARD)
    region, span = painting.shift(Region(2, 5, 2, 5), 4, 2)
    assert region == Region(6, 9, 4, 7)
    assert span == Span(2, 9)
    assert np.argwhere(painting.frames).tolist() == [[6, 5], [7, 5], [8, 5]]


def test_a_copy_moves_and_leaves_what_was_there(painting):
    painting.line((2, 3), (4, 3), HARD)
    painting.shift(Region(2, 5, 2, 5), 4, 2, leave=True)
    assert np.count_nonzero(painting.frames) == 6


def test_a_stretch_stays_within_the_time_and_loses_what_leaves_the_pitches(painting):
    painting.line((2, 6), (4, 6), HARD)
    region, _ = painting.shift(Region(2, 5, 5, 8), 40, 0)
    assert region == Region(9, 12, 5, 8)
    assert np.count_nonzero(painting.frames) == 3
    region, _ = painting.shift(region, -40, 2)
    assert region == Region(0, 3, 7, 8)
    assert painting.empty


def test_within_a_stroke_a_stretch_follows_the_pointer_from_where_it_was(painting):
    painting.line((2, 3), (4, 3), HARD)
    painting.line((7, 3), (7, 3), HARD)
    before = painting.frames.copy()
    painting.begin()
    for frames in (1, 5, 3, 0):
        painting.shift(Region(2, 5, 0, 8), frames, 0)
    assert np.array_equal(painting.frames, before), "it came back, and took nothing with it"
    assert painting.end() is None


def test_the_louder_of_what_overlaps_is_heard(steps):
    steps.shift(Region(8, 10, 0, 4), -7, 0)
    assert tenths(steps) == [0, 8, 9, 3, 4, 5, 6, 7, 0, 0]
    steps.shift(Region(0, 2, 0, 4), 6, 0)
    assert tenths(steps) == [0, 0, 9, 3, 4, 5, 6, 8, 0, 0]


def test_time_is_stretched_evenly_and_what_follows_moves_along(steps):
    region, span = steps.stretch(Region(2, 6, 1, 2), 8)
    assert region == Region(2, 10, 1, 2)
    assert span == Span(3, 14), "the first of them is as it was"
    assert tenths(steps)[:2] == [0, 1]
    assert tenths(steps)[10:] == [6, 7, 8, 9]
    assert steps.frames[2:10, 0] == pytest.approx(
        np.array([0.2, 0.225, 0.275, 0.325, 0.375, 0.425, 0.475, 0.5])
    )
    assert steps.stretch(region, 0)[0].length == 1


def test_stretching_to_the_same_length_changes_nothing():
    painting = SpectrogramPainting(noise())
    assert painting.stretch(Region(2, 9, 0, 8), 7) == (Region(2, 9, 0, 8), None)


def test_silence_is_put_in_and_time_cut_out(steps):
    assert steps.insert(3, 2) == Span(3, 12)
    assert tenths(steps) == [0, 1, 2, 0, 0, 3, 4, 5, 6, 7, 8, 9]
    steps.cut(1, 6)
    assert tenths(steps) == [0, 4, 5, 6, 7, 8, 9]
    steps.cut(0, 7)
    assert tenths(steps) == [0], "something has to stay"


def test_what_is_laid_beyond_the_end_makes_it_longer(steps):
    steps.lay(np.full((3, 2), 0.5, np.float32), (9, 3))
    assert tenths(steps, 3) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 5]
    assert tenths(steps, 0)[-2:] == [0, 0]


def test_nothing_makes_it_longer_than_it_may_be(painting):
    painting.insert(0, 2 * MOST_FRAMES)
    assert painting.length == MOST_FRAMES
    assert painting.stretch(Region(0, 5, 0, 8), 50)[0].length == 5
    painting.lay(noise(), (MOST_FRAMES - 3, 0))
    assert painting.length == MOST_FRAMES


def test_a_region_is_erased_and_copied_as_far_as_it_lies_inside(steps):
    assert steps.copied(Region(8, 20, -3, 2)).shape == (2, 2)
    assert steps.erase(Region(8, 20, -3, 2)) == Span(8, 10)
    assert tenths(steps, 1)[-2:] == [0, 0]
    assert tenths(steps, 2)[-2:] == [8, 9]


def test_levels_are_kept_between_silence_and_loud(painting):
    painting.replace(np.linspace(-1, 2, 96, dtype=np.float32).reshape(12, 8))
    assert (painting.frames.min(), painting.frames.max()) == (0, 1)


@pytest.mark.parametrize("shape", [(0, 8), (5,), (MOST_FRAMES + 1, 8)])
def test_what_is_no_spectrogram_is_refused(shape):
    with pytest.raises(ValueError, match="no spectrogram"):
        SpectrogramPainting(np.zeros(shape, np.float32))


def test_frames_of_other_mels_do_not_fit(painting):
    with pytest.raises(ValueError, match="do not fit"):
        painting.replace(noise(4, 5))
