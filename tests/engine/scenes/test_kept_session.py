"""What is open in a window is a document, and comes back from it; a document that was changed does
no harm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from studio.engine.data.drawings import Drawings
from studio.engine.editing.beginnings import Beginnings
from studio.engine.editing.gap import Gap
from studio.engine.editing.painting import Painting
from studio.engine.generation.changes import Change
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes import kept_session
from studio.engine.scenes.branches import Branches
from studio.engine.scenes.kept_session import KeptSession, Writing, alike, from_text
from studio.engine.scenes.packed import packed
from studio.engine.scenes.scene import ModelReference, Scene, Sound
from tests.drawn_symbols import drawings


def painted(strokes: int = 3, side: int = 8) -> Painting:
    painting = Painting(1, side, side, 2)
    for row in range(strokes):
        painting.beside = row, 7
        painting.begin()
        painting.line((row, 0), (row, side), 1)
        painting.end()
    return painting


def a_session() -> KeptSession:
    painting = painted()
    painting.undo()
    sound = Beginnings()
    sound.put(np.arange(100, dtype=np.uint8), 8000, (Gap(3, 9),))
    sound.put(np.zeros((2, 50), np.uint8), 16000)
    sound.undo()
    scene = Scene(ModelReference("made"), SamplingOptions(seed=5), view={"overlay": "entropy"})
    branches = Branches()
    image = np.full((4, 8, 8), 200, np.uint8)
    branches.add(scene, image)
    branches.add(replace(scene, changes=(Change(0, 3, (1,)),)), image, 1, "Set to white", 3)
    return KeptSession(
        scene,
        painting.history,
        sound.history,
        "stage",
        b"\0layout\xff",
        False,
        tuple(branch for branch, _ in branches.walk()),
        (drawings("cross", "square", count=2, side=8), np.eye(8, dtype=np.uint8)),
    )


class Counted:
    """How often an array is compressed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times, self._pack = 0, packed
        monkeypatch.setattr(kept_session, "packed", self._packed)

    def _packed(self, array: Any) -> dict[str, Any]:
        self.times += 1
        return self._pack(array)


def test_it_comes_back_as_it_was() -> None:
    session = a_session()
    assert alike(from_text(Writing().text(session)), session)


def test_the_way_back_goes_on_where_it_was() -> None:
    history = from_text(Writing().text(a_session())).painting
    assert history is not None
    painting = Painting(1, 8, 8, 2)
    painting.take_up(history)
    assert painting.known[1].all()
    assert not painting.known[2].any()
    painting.redo()
    assert painting.known[2].all()
    painting.undo()
    painting.undo()
    assert painting.beside == (1, 7)


def test_values_set_by_hand_are_undone_after_it_came_back() -> None:
    painting = painted()
    painting.beside = 9, 7, (Change(1, 4, (0, 2, 1)),)
    painting.mark()
    history = from_text(Writing().text(KeptSession(painting=painting.history))).painting
    assert history is not None
    assert history.done[-1][2] == painting.beside


def test_what_has_not_changed_is_not_compressed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    count = Counted(monkeypatch)
    painting, writing = painted(30, side=32), Writing()
    writing.text(KeptSession(painting=painting.history))
    assert count.times == 2 * 31
    count.times = 0
    painting.begin()
    painting.line((0, 0), (7, 0), None)
    painting.end()
    writing.text(KeptSession(painting=painting.history))
    assert count.times == 4, "the present state and the one before, values and mask of each"


def test_a_long_sound_is_compressed_once_while_the_rest_of_its_scene_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count, writing = Counted(monkeypatch), Writing()
    codes, frames = np.arange(200, dtype=np.uint8), np.ones((9, 4), np.float32)
    for position in range(3):
        sound = Sound(codes, 8000, (Gap(2, 4),), frames.copy())
        scene = Scene(ModelReference("wavenet"), position=position, sound=sound)
        text = writing.text(KeptSession(scene))
        assert from_text(text).scene == scene
    assert count.times == 2
    sound = Sound(codes[:100], 8000)
    text = writing.text(KeptSession(Scene(ModelReference("wavenet"), sound=sound)))
    found = from_text(text).scene
    assert found is not None
    assert found.sound is not None
    assert alike(found.sound.beginning, codes[:100])


def test_drawings_are_compressed_anew_only_where_there_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count, writing, made = Counted(monkeypatch), Writing(), drawings("cross", count=2, side=8)
    for stroke in range(3):
        writing.text(KeptSession(drawings=(made, np.full((8, 8), stroke, np.uint8))))
    assert count.times == 2 + 3, "images and labels once, and what is being drawn"


def test_of_a_long_way_back_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_session, "MOST_HISTORY", 10 * 2 * 64)
    painting = painted(8)
    for _ in range(3):
        painting.undo()
    painting.redo()
    everything = painting.history
    monkeypatch.setattr(kept_session, "MOST_HISTORY", 4 * 2 * 64)
    history = from_text(Writing().text(KeptSession(painting=everything))).painting
    assert history is not None
    assert alike(history.undone, everything.undone)
    assert alike(history.done, everything.done[-2:])


def test_of_many_beginnings_those_near_the_present_one_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_session, "MOST_BEGINNINGS", 250)
    sound = Beginnings()
    for value in range(6):
        sound.put(np.full(100, value, np.uint8), 8000)
    sound.undo()
    found = from_text(Writing().text(KeptSession(beginnings=sound.history))).beginnings
    assert found is not None
    back = Beginnings()
    back.take_up(*found)
    codes = back.codes(8000)
    assert codes is not None
    assert codes[0] == 4
    assert len(found[0]) == 3


def test_two_that_say_the_same_are_alike_and_others_are_not() -> None:
    assert alike(a_session(), a_session())
    for other in (
        replace(a_session(), page="start"),
        replace(a_session(), painting=painted().history),
        replace(a_session(), beginnings=None),
        replace(a_session(), scene=Scene(ModelReference("made"), SamplingOptions(seed=6))),
    ):
        assert not alike(a_session(), other)


def test_a_window_in_which_nothing_was_done_is_empty() -> None:
    fresh = KeptSession(painting=Painting(1, 8, 8, 2).history, beginnings=Beginnings().history)
    assert fresh.empty
    assert not a_session().empty
    assert not replace(fresh, painting=painted().history).empty
    nothing = Drawings((8, 8)).with_name("heart"), np.zeros((8, 8), np.uint8)
    assert replace(fresh, drawings=nothing).empty
    assert not replace(fresh, drawings=(nothing[0], np.eye(8, dtype=np.uint8))).empty
    assert not replace(fresh, drawings=a_session().drawings).empty


def changed(change: Any) -> str:
    document = json.loads(Writing().text(a_session()))
    change(document)
    return json.dumps(document)


HUGE = {"type": "uint8", "shape": [1, 60_000, 60_000], "data": ""}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format="other"),
        lambda d: d.update(version=2),
        lambda d: d.update(version="1"),
        lambda d: d.update(painting=[]),
        lambda d: d.update(layout="%%%"),
        lambda d: d.update(layout=7),
        lambda d: d.update(beginnings={"all": [3]}),
        lambda d: d["beginnings"]["all"][1].update(filled=[[1]]),
        lambda d: d["beginnings"]["all"][1].update(rate=-1),
        lambda d: d["beginnings"]["all"][1].update(codes=HUGE),
        lambda d: d["painting"].update(levels=1),
        lambda d: d["painting"].update(levels=5000),
        lambda d: d["painting"].update(shape=[1, 60_000, 60_000]),
        lambda d: d["painting"].update(done=[{}] * 9),
        lambda d: d["painting"].update(done=7),
        lambda d: d["painting"]["now"].update(values=HUGE),
        lambda d: d["painting"]["now"].update(values=d["painting"]["now"]["known"]),
        lambda d: d["painting"]["done"].__setitem__(0, None),
        lambda d: d["scene"].update(options=3),
        lambda d: d.update(drawings=7),
        lambda d: d["drawings"].update(names="heart"),
        lambda d: d["drawings"].update(names=[7, 8]),
        lambda d: d["drawings"].update(names=["heart"]),
        lambda d: d["drawings"].update(images=HUGE),
        lambda d: d["drawings"].update(labels=d["drawings"]["images"]),
        lambda d: d["drawings"].update(sketch=packed(np.zeros((4, 4), np.uint8))),
    ],
)
def test_a_document_that_was_changed_is_refused_in_one_sentence(change: Any) -> None:
    with pytest.raises(StudioError) as refused:
        from_text(changed(change))
    assert str(refused.value).count(". ") == 0


@pytest.mark.parametrize("beside", [[1], [1, 2, 3], ["a", 1], [-1, 2], [True, 1], {"x": 1}, 5])
def test_what_stands_beside_a_state_is_a_position_and_a_seed_or_nothing(beside: Any) -> None:
    history = from_text(changed(lambda d: d["painting"]["now"].update(beside=beside))).painting
    assert history is not None
    assert history.now[2] is None


def test_levels_that_the_painting_has_not_are_cut() -> None:
    painting = Painting(1, 8, 8, 256)
    painting.put(np.ones((8, 8), bool), 255)
    document = json.loads(Writing().text(KeptSession(painting=painting.history)))
    document["painting"]["levels"] = 4
    history = from_text(json.dumps(document)).painting
    assert history is not None
    assert history.now[0].max() == 3


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '"x"', "null"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(StudioError, match="damaged"):
        from_text(text)
