"""An inspector with what it inspects, and no window round it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.gui.inspector.inspector import Inspector
from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from tests.gui.windows import at_rest, until


@dataclass
class Bench:
    session: Session
    stage: Stage
    inspector: Inspector


def loaded(qtbot: QtBot, session: Session, checkpoint: Path) -> None:
    """Put the model of a checkpoint in the place of the present one, and wait until it rests."""
    session.load(checkpoint)
    until(qtbot, lambda: session.checkpoint == checkpoint and session.latest is not None)
    at_rest(qtbot, session)
