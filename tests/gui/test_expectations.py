"""What the window knows of a model's expectations: asked when something changes, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.engine import checkpoints
from studio.gui.expectations import CLASSES, PIXELS
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


def answered(qtbot: QtBot, session: Session) -> None:
    until(qtbot, lambda: session.expectations.resting)


def test_pixels_that_are_drawn_count_like_those_that_are_painted(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    session.expectations.want(CLASSES, True)
    Drawing(session, session).finish()
    until(qtbot, lambda: session.latest.position == SIZE * SIZE)
    at_rest(qtbot, session)
    answered(qtbot, session)
    posterior = session.expectations.latest.posterior
    assert posterior is not None
    assert posterior.log_probs.max() < -5, "the whole picture is scored"


def test_what_is_the_same_is_not_asked_again(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    session.expectations.want(CLASSES, True)
    answered(qtbot, session)
    before = session.expectations.latest.posterior
    assert before is not None
    session.change(temperature=0.5)
    at_rest(qtbot, session)
    answered(qtbot, session)
    assert session.expectations.latest.posterior is before


def test_another_model_is_asked_anew_and_one_without_classes_of_pixels_only(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    for part in (CLASSES, PIXELS):
        session.expectations.want(part, True)
    answered(qtbot, session)
    assert session.expectations.classes == ("a", "b", "c")
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))
    answered(qtbot, session)
    assert not session.expectations.classes
    assert session.expectations.latest.posterior is None
    assert session.expectations.latest.expectation is not None


def test_sound_and_reconstructions_are_not_asked(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    for part in (CLASSES, PIXELS):
        session.expectations.want(part, True)
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "autoencoder"))
    assert session.expectations.resting
    session.model = checkpoints.load(tiny_voice(tmp_path))
    session.painting_changed.emit()
    assert session.expectations.resting
    assert session.expectations.latest.expectation is None
