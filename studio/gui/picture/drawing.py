"""`Drawing`: what a person can have the player of pictures do, and what it shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.engine.generation.player import Player
from studio.engine.generation.snapshot import Snapshot
from studio.gui.session import FULL_SPEED_MILLISECONDS, POLL_MILLISECONDS, Session


class Drawing(QObject):
    """Does nothing while the model in use is for something else than pictures.

    latest: what was shown last, None before the first.
    Signals: snapshot(Snapshot) and reading(Snapshot), see `Session`. At full speed snapshots come
    half as often as the display could show them, for every one takes time from the model.
    """

    snapshot = Signal(object)
    reading = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.speed: float | None = None
        session.model_changed.connect(self._pace)
        session.snapshot.connect(self._show)
        session.reading.connect(self._read)

    def _show(self, news: object) -> None:
        if isinstance(news, Snapshot):
            self.snapshot.emit(news)

    def _read(self, news: object) -> None:
        if isinstance(news, Snapshot):
            self.reading.emit(news)

    @property
    def latest(self) -> Snapshot | None:
        latest = self.session.latest
        return latest if isinstance(latest, Snapshot) else None

    @property
    def playing(self) -> bool:
        return self.latest is not None and self.latest.playing

    def _tell(self, command: Callable[[Player], object]) -> None:
        player = self.session.player
        if isinstance(player, Player):
            command(player)
            self.session.look()

    def play(self) -> None:
        """From the beginning, with new noise unless the seed is locked,
        where the pictures are whole."""
        at_end = self.latest is not None and self.latest.position == self.latest.length
        if at_end and not self.session.seed_locked:
            self.session.roll()
        self._tell(lambda player: player.play())

    def pause(self) -> None:
        self._tell(lambda player: player.pause())

    def toggle(self) -> None:
        (self.pause if self.playing else self.play)()

    def step(self, count: int) -> None:
        self._tell(lambda player: player.step(count))

    def finish(self) -> None:
        self._tell(lambda player: player.finish())

    def restart(self) -> None:
        if not self.session.seed_locked:
            self.session.roll()
        self._tell(lambda player: player.restart())

    def seek(self, position: int) -> None:
        self._tell(lambda player: player.seek(position))

    def set_speed(self, speed: float | None) -> None:
        """Sites a second, None for as fast as it goes."""
        self.speed = speed
        self._pace()

    def _pace(self) -> None:
        hurried = self.speed is None
        self.session.look_every(FULL_SPEED_MILLISECONDS if hurried else POLL_MILLISECONDS)
        self._tell(lambda player: player.set_speed(self.speed))

    def keep_top(self, share: float = 0.5) -> None:
        """Make the upper part of picture 0, as far as it is drawn,
        evidence, and the rest unknown."""
        snapshot, painting = self.latest, self.session.painting
        if snapshot is None or painting is None:
            return
        rows, columns = painting.space
        drawn = np.zeros(rows * columns, bool)
        drawn[snapshot.order[: snapshot.position]] = True
        known = drawn.reshape(rows, columns)
        known[round(rows * share) :] = False
        self.session.edit(lambda painting: painting.replace(snapshot.values[0], known))
