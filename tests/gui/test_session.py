"""The session: the model in use, its player and its painting; no widget takes part."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.painting import Painting
from studio.engine.generation.live import TakesEvidence
from studio.gui import session as session_module
from studio.gui.picture.drawing import Drawing
from studio.gui.session import Session
from tests.gui.windows import at_rest, until
from tests.tiny import SIZE, tiny_checkpoint, tiny_voice


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session()
    yield session
    assert session.shut_down(), "every thread ends in time"


def loaded(qtbot: QtBot, session: Session, checkpoint: Path) -> None:
    session.load(checkpoint)
    until(qtbot, lambda: session.checkpoint == checkpoint)
    at_rest(qtbot, session)


def test_a_model_is_loaded_in_a_thread_and_shows_its_first_moment(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    emitted: list[str] = []
    session.busy.connect(emitted.append)
    session.begin(tiny_checkpoint(tmp_path))
    assert session.model is None, "loading does not hold the window up"
    until(qtbot, lambda: session.latest is not None)
    assert emitted == ["Getting ready…", ""]
    assert session.latest is not None
    assert (session.latest.position, session.latest.length) == (0, SIZE * SIZE)


def test_the_model_asked_for_last_is_the_one_in_use_whichever_is_read_first(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = tiny_checkpoint(tmp_path, "made"), tiny_checkpoint(tmp_path, "pixelcnn")
    go_on = threading.Event()
    really: Callable[[Any, str], Any] = session_module._loaded

    def loading(path: Path, device: str) -> Any:
        if path == slow:
            go_on.wait(20)
        return really(path, device)

    monkeypatch.setattr(session_module, "_loaded", loading)
    session.load(slow)
    session.load(quick)
    until(qtbot, lambda: session.checkpoint == quick)
    go_on.set()
    at_rest(qtbot, session)
    assert session.checkpoint == quick


def test_a_painting_outlives_a_change_of_model_where_it_fits(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))
    session.edit(lambda painting: painting.line((1, 1), (1, 5), 1))
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "made"))
    assert session.painting is not None
    assert session.painting.known.sum() == 5
    assert session.latest is not None
    assert session.latest.known is not None
    assert session.latest.known.sum() == 5
    (tmp_path / "grey").mkdir()
    loaded(qtbot, session, tiny_checkpoint(tmp_path / "grey", "pixelcnn", levels=4))
    assert session.painting.empty, "its levels mean something else"


def test_a_class_is_forgotten_where_the_model_knows_none(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    session.change(condition=2)
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))
    assert session.options.condition is None


def test_another_seed_begins_with_its_first_picture(session: Session) -> None:
    session.change(first=20_480)
    session.change(temperature=0.5)
    assert session.options.first == 20_480
    session.change(seed=7)
    assert session.options.first == 0


@pytest.mark.parametrize("locked", [True, False])
def test_a_new_run_has_new_noise_unless_the_seed_is_locked(
    session: Session, qtbot: QtBot, tmp_path: Path, locked: bool
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    session.lock_seed(locked)
    drawing = Drawing(session, session)
    drawing.play()
    until(qtbot, lambda: session.latest is not None and session.latest.position == SIZE * SIZE)
    before = session.options.seed
    drawing.play()
    assert (session.options.seed == before) is locked


def test_settings_that_the_model_refuses_are_reported_in_one_sentence(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    with qtbot.waitSignal(session.failed) as failed:
        session.change(condition=3)
    assert failed.args[0].endswith("takes no class as condition.")
    assert failed.args[1] == "", "there is nothing to look into"


def test_undoing_reaches_the_player(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    session.edit(lambda painting: painting.replace(painting.values, np.eye(SIZE, dtype=bool)))
    until(qtbot, lambda: session.latest is not None and session.latest.known is not None)
    session.edit(Painting.undo)
    until(qtbot, lambda: session.latest is not None and session.latest.known is None)


@pytest.mark.parametrize("speed", [None, 20])
def test_shutting_down_in_the_middle_of_drawing_takes_no_time(
    session: Session, qtbot: QtBot, speed: float | None
) -> None:
    session.load("gated-pixelcnn")  # a shipped one: 64 pictures keep it busy for a while
    until(qtbot, lambda: session.model is not None)
    drawing = Drawing(session, session)
    drawing.set_speed(speed)
    session.change(count=64)
    drawing.play()
    until(qtbot, lambda: drawing.playing)
    began = time.monotonic()
    assert session.shut_down()
    assert time.monotonic() - began < 1
    assert not session.polling


def room_for(
    most: int, monkeypatch: pytest.MonkeyPatch, until: threading.Event | None = None
) -> list[int]:
    """There is memory for so many pictures at once, and none are so few that nobody looks; how many
    were looked into. until: before which no look comes to an end."""
    looked: list[int] = []

    def room(model: object, rows: int) -> int:
        looked.append(rows)
        if until is not None:
            until.wait(10)
        return 0 if rows <= most else 10**15

    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    monkeypatch.setattr("studio.engine.generation.room.room", room)
    return looked


def test_many_large_pictures_are_drawn_only_where_there_is_memory_or_the_person_says_so(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    session.change(count=4)
    at_rest(qtbot, session)
    assert session.options.count == 4, "there is enough"
    monkeypatch.setattr("studio.engine.runtime.memory.free", lambda device="cpu": 1000)
    with qtbot.waitSignal(session.offered) as offered:
        session.change(count=64, temperature=0.5)
    sentence, what, do = offered.args
    assert sentence.startswith("Drawing 64 pictures of 8 × 8 pixels at once would take about")
    assert (session.options.count, session.options.temperature) == (4, 0.5)
    assert what == "Draw anyway"
    do()
    assert session.options.count == 64


def test_a_model_of_larger_pictures_begins_with_one_until_there_is_memory_for_more(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    session.change(count=16)
    room_for(1, monkeypatch)
    with qtbot.waitSignal(session.offered):
        session.load(tiny_checkpoint(tmp_path, "pixelcnn"))
    at_rest(qtbot, session)
    assert session.options.count == 1


def test_a_model_whose_room_was_looked_into_goes_when_another_is_in_use(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as large:
        room_for(100, large)
        loaded(qtbot, session, tiny_checkpoint(tmp_path))
        session.change(count=4)
        at_rest(qtbot, session)
    before = weakref.ref(session.model)
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))

    def gone() -> bool:
        gc.collect()
        return before() is None

    until(qtbot, gone)


def test_a_model_of_which_not_one_picture_fits_is_in_use_only_where_the_person_says_so(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, large = tiny_checkpoint(tmp_path), tiny_checkpoint(tmp_path, "made")
    loaded(qtbot, session, first)
    done: list[str] = []
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    monkeypatch.setattr("studio.engine.generation.room.room", lambda model, rows: 10**15)
    with qtbot.waitSignal(session.offered) as offered:
        session.load(large, lambda: done.append("then"))
    sentence, what, do = offered.args
    assert sentence.startswith("Drawing a picture of 8 × 8 pixels would take about")
    assert what == "Draw anyway"
    at_rest(qtbot, session)
    assert (session.checkpoint, done) == (first, [])
    do()
    at_rest(qtbot, session)
    assert (session.checkpoint, done) == (large, ["then"])


def test_pictures_and_sound_have_a_temperature_of_their_own(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    picture, voice = tiny_checkpoint(tmp_path), tiny_voice(tmp_path)
    loaded(qtbot, session, picture)
    session.change(temperature=0.7, top_k=3, top_p=0.9)
    loaded(qtbot, session, voice)
    assert session.options.sampling == (1.0, 0, 1.0)
    session.change(temperature=0.95)
    loaded(qtbot, session, picture)
    assert session.options.sampling == (0.7, 3, 0.9)
    loaded(qtbot, session, voice)
    assert session.options.sampling == (0.95, 0, 1.0)


def test_what_only_the_last_model_could_do_is_forgotten(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "ardm-class"))
    session.change(condition=1, guidance=2.0, steps=50, order="certain", method="order")
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "made-any-order"))
    options = session.options
    assert (options.guidance, options.steps, options.order) == (0.0, 0, None)
    assert options.method == "order", "which this one can do, too"
    session.change(method="smc-refined", particles=64, sweeps=2, order="spiral")
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))
    options = session.options
    assert (options.method, options.particles, options.sweeps) == ("smc-refined", 64, 2)
    assert options.order is None
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-map"))
    options = session.options
    assert (options.method, options.particles, options.sweeps) == ("auto", 0, 4)


def test_how_it_is_completed_outlives_undo_and_redo(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))
    session.edit(lambda painting: painting.line((1, 1), (1, 5), 1))
    session.change(method="smc", particles=16, seed=3)
    session.edit(lambda painting: painting.line((3, 1), (3, 5), 1))
    session.undo()
    session.undo()
    session.redo()
    assert (session.options.method, session.options.particles) == ("smc", 16)


def test_many_attempts_are_made_only_where_there_is_memory(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    session.edit(a_late_line)
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    monkeypatch.setattr("studio.engine.runtime.memory.free", lambda device="cpu": 1000)
    with qtbot.waitSignal(session.offered) as offered:
        session.change(particles=500)
    sentence, _, do = offered.args
    assert "in 500 attempts each" in sentence
    assert session.options.particles == 0
    do()
    assert session.options.particles == 500


def test_of_several_wishes_the_last_counts_and_what_else_is_changed_stays(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    session.change(count=16)
    session.change(temperature=0.5)
    session.change(condition=2)
    session.change(count=4)
    at_rest(qtbot, session)
    options = session.options
    assert (options.count, options.condition, options.temperature) == (4, 2, 0.5)
    session.change(count=16)
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 1 << 17)
    session.change(count=1)
    at_rest(qtbot, session)
    assert session.options.count == 1, "it needs no look, and the look before does not matter"


def test_what_was_wanted_of_the_model_before_is_not_wanted_of_the_next(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    through = threading.Event()

    def check_room(model: Any, options: Any, *_: Any, **__: Any) -> None:
        assert options.count == 1 or through.wait(10)

    monkeypatch.setattr("studio.engine.generation.room.check_room", check_room)
    session.change(count=16)
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 1 << 17)
    session.load(tiny_checkpoint(tmp_path, "made"))
    until(qtbot, lambda: session.model is not None and session.model.name == "made")
    through.set()
    session.change(particles=4)
    at_rest(qtbot, session)
    assert (session.options.count, session.options.particles) == (1, 4)


def a_late_line(painting: Painting) -> None:
    """What comes late: several attempts at each picture compete."""
    painting.line((6, 1), (6, 5), 1)


def test_attempts_at_what_is_painted_are_made_only_where_there_is_memory(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    room_for(99, monkeypatch)
    session.change(count=16)
    at_rest(qtbot, session)
    assert session.options.count == 16
    with qtbot.waitSignal(session.offered) as offered:
        session.edit(a_late_line)
    sentence, what, do = offered.args
    assert sentence.startswith("Drawing 16 pictures of 8 × 8 pixels at once in 32 attempts each")
    assert what == "Draw anyway"
    assert session.options.count == 1
    assert session.painting is not None
    assert not session.painting.empty, "what was painted stays"
    do()
    at_rest(qtbot, session)
    assert session.options.count == 16
    session.edit(lambda painting: painting.line((5, 1), (5, 5), 1))
    at_rest(qtbot, session)
    assert session.options.count == 16, "it was asked once"


class Given:
    """What the player of a session is given, and how many pictures are drawn then."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: list[int] = []
        self.known: list[int] = []
        player = session.player
        assert isinstance(player, TakesEvidence)
        give = player.set_evidence

        def noting(evidence: Evidence | None, position: int | None = None) -> None:
            self.counts.append(session.options.count)
            self.known.append(0 if evidence is None else int(evidence.known.sum()))
            give(evidence, position)

        monkeypatch.setattr(player, "set_evidence", noting)


def test_the_player_is_given_what_is_painted_when_the_attempts_at_it_fit(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    session.change(count=16)
    painted = threading.Event()
    looked = room_for(99, monkeypatch, until=painted)
    given = Given(session, monkeypatch)
    with qtbot.waitSignal(session.offered):
        session.edit(a_late_line)
        session.edit(lambda painting: painting.line((5, 1), (5, 5), 1))
        session.edit(lambda painting: painting.line((4, 1), (4, 5), 1))
        assert given.counts == [], "nobody knows yet whether the attempts fit"
        painted.set()
    at_rest(qtbot, session)
    assert (given.counts, given.known) == ([1], [15])
    assert len(looked) == 2, "one look is finished, and one is for the last of what was painted"


def test_more_pictures_that_are_looked_into_are_looked_into_again_with_what_is_painted_then(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    room_for(99, monkeypatch)
    given = Given(session, monkeypatch)
    with qtbot.waitSignal(session.offered) as offered:
        session.change(count=16)
        session.edit(a_late_line)
    assert "16 pictures of 8 × 8 pixels at once in 32 attempts each" in offered.args[0]
    assert session.options.count == 1
    at_rest(qtbot, session)
    assert given.counts == [1]


def test_what_was_offered_is_looked_into_again_where_more_is_painted_since(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    room_for(1, monkeypatch)
    with qtbot.waitSignal(session.offered) as offered:
        session.change(count=16)
    session.edit(a_late_line)
    at_rest(qtbot, session)
    with qtbot.waitSignal(session.offered) as again:
        offered.args[2]()
    assert "in 32 attempts each" in again.args[0]
    assert session.options.count == 1
    again.args[2]()
    assert session.options.count == 16


def test_where_the_memory_cannot_be_worked_out_what_is_painted_is_drawn_once(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    session.change(count=16)

    def raises(model: object, rows: int) -> int:
        raise RuntimeError("no such operation")

    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    monkeypatch.setattr("studio.engine.generation.room.room", raises)
    given = Given(session, monkeypatch)
    with qtbot.waitSignal(session.offered) as offered:
        session.edit(a_late_line)
    assert offered.args[0].endswith("cannot be worked out: no such operation")
    assert (given.counts, given.known) == ([1], [5])


def test_guidance_waits_until_there_is_memory_for_each_picture_twice(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    room_for(19, monkeypatch)
    session.change(count=16, condition=1)
    at_rest(qtbot, session)
    assert (session.options.count, session.options.condition) == (16, 1)
    with qtbot.waitSignal(session.offered) as offered:
        session.change(guidance=2.0)
    assert "with their class and without" in offered.args[0]
    assert session.options.guidance == 0.0
    offered.args[2]()
    assert session.options.guidance == 2.0
