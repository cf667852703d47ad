"""`Drawing`: what a person can have the player of pictures do, and what it shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.patches import in_pixels, whole
from studio.engine.generation.next_site import Supposed
from studio.engine.generation.player import Player
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.site_colours import held_in
from studio.gui.session import FULL_SPEED_MILLISECONDS, POLL_MILLISECONDS, Session

_SAME = "Same seed, same pictures: unlock the seed for others."


class Drawing(QObject):
    """Does nothing while the model in use is for something else than pictures.

    latest: what was shown last, None before the first.
    stepping: whether the person goes through it step by step, so that nothing begins by itself.
    Signals: message(sentence) and offered(sentence, what can be done about it, the function that
    does it), see `Page`; snapshot(Snapshot) and reading(Snapshot), see `Session`. At full speed
    snapshots come half as often as the display could show them, for every one takes time from the
    model.
    """

    message = Signal(str)
    offered = Signal(str, str, object)
    snapshot = Signal(object)
    reading = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.speed: float | None = None
        self.stepping = False
        self._told = False  # that a locked seed draws the same again
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
        self.stepping = False
        at_end = self.latest is not None and self.latest.position == self.latest.length
        if at_end and not self.session.seed_locked:
            self.session.roll()
        elif at_end and not self._told:
            self._told = True
            self.offered.emit(_SAME, "Unlock", lambda: self.session.lock_seed(False))
        self._tell(lambda player: player.play())

    def go_on(self) -> None:
        """To the end, with the noise that there is."""
        self._tell(lambda player: player.play())

    def pause(self) -> None:
        self._tell(lambda player: player.pause())

    def toggle(self) -> None:
        (self.pause if self.playing else self.play)()

    def step(self, count: int) -> None:
        self.stepping = True
        self._tell(lambda player: player.step(count))

    def finish(self) -> None:
        self.stepping = False
        self._tell(lambda player: player.finish())

    def restart(self) -> None:
        if not self.session.seed_locked:
            self.session.roll()
        self._tell(lambda player: player.restart())

    def clear(self) -> None:
        """Nothing painted, nothing drawn, nothing going on."""
        self.stepping = False
        self.pause()
        self.session.clear()

    def seek(self, position: int) -> None:
        self.stepping = True
        self._tell(lambda player: player.seek(position))

    def run_to(self, position: int) -> None:
        """Pause there; what is not drawn yet is drawn on the way."""
        self.stepping = True
        self._tell(lambda player: player.run_to(position))

    def set_speed(self, speed: float | None) -> None:
        """Sites a second, None for as fast as it goes."""
        self.speed = speed
        self._pace()

    def decode(self, decoder: str) -> None:
        """One of `DECODERS`: pixel by pixel, or all at once. What is there stays, but for a picture
        that is finished, which is drawn again, with the same noise."""
        at_end = self.latest is not None and self.latest.position == self.latest.length
        self.session.computing.choose_decoder(decoder)
        if at_end:
            self._tell(lambda player: player.restart())

    def _pace(self) -> None:
        hurried = self.speed is None
        self.session.look_every(FULL_SPEED_MILLISECONDS if hurried else POLL_MILLISECONDS)
        self._tell(lambda player: player.set_speed(self.speed))

    # ---- what can be done with one of the pictures -----------------------------------------------

    def choose(self, picture: int | None, alone: bool = False) -> None:
        """Of which picture the inspector tells; alone: it is the only one that is seen."""
        self._tell(lambda player: player.choose(picture, alone))

    def suppose(self, levels: Supposed | None) -> None:
        """Show what the other channels of the next pixel would be after these levels; None for what
        will come."""
        if (snapshot := self.latest) is not None and not snapshot.hurried:
            self._tell(lambda player: player.suppose(levels, snapshot.position))

    def keep_top(self, share: float = 0.5) -> None:
        """Make the upper part of the picture that is shown,
        as far as it is drawn, evidence, and the rest unknown."""

        def upper(known: NDArray[np.bool_]) -> None:
            known[round(len(known) * share) :] = False

        self._keep(upper)

    def keep_whole(self) -> None:
        """Make all of the picture that is shown evidence, as far as it is drawn."""
        self._keep(lambda known: None)

    def draw_again(self, row: int, column: int) -> None:
        """Keep of the picture that is shown what came before a pixel in the order,
        and what was given; draw the rest with new noise."""
        snapshot, painting = self.latest, self.session.painting
        if snapshot is None or painting is None:
            return
        rank = snapshot.rank_of(*snapshot.site_at(row, column))
        after = snapshot.pixels_of(snapshot.order[rank:])
        given = painting.known.copy()

        def before(known: NDArray[np.bool_]) -> None:
            known[after] = False
            known |= given

        self._keep(before)
        self._play_another()

    def draw_anew(self) -> None:
        """Keep only what the person gave, and draw all else with new noise; undone as one."""
        self.session.start_over()
        self._play_another()

    def _play_another(self) -> None:
        """With another seed, even where it is locked: this is said."""
        self.session.roll()
        self.message.emit(f"The seed is now {self.session.options.seed}.")
        self._tell(lambda player: player.play())

    def look_at(self, row: int, column: int) -> None:
        """Go back to when a pixel was drawn, so that the inspector tells how."""
        if (snapshot := self.latest) is not None:
            self.seek(snapshot.rank_of(*snapshot.site_at(row, column)))

    def redraw(self, part: NDArray[np.bool_], picture: int) -> None:
        """Give all that is seen of a picture but a part (H, W), and draw that with new noise;
        undone as one."""
        if self.latest is not None and picture >= self.latest.count:
            return  # it has gone while it was marked
        seen = self.seen(picture)
        if seen is None or seen.known.shape != part.shape:
            return
        if not (seen.known & part).any():
            self.message.emit("Nothing is drawn there yet: mark a part that is.")
            return
        left = self._of_whole_patches(seen.known & ~part)
        self.session.edit(lambda painting: painting.replace(seen.values, left))
        self._play_another()

    def seen(self, picture: int | None = None) -> Evidence | None:
        """What is given and drawn of a picture, or of the one that is shown; None where there is no
        painting."""
        snapshot, painting = self.latest, self.session.painting
        if painting is None:
            return None
        values, known = painting.values.copy(), painting.known.copy()
        if snapshot is not None and not snapshot.captions:
            shown = snapshot.pictures[snapshot.shown if picture is None else picture]
            if shown.shape == values.shape:
                values = np.where(held_in(snapshot, painting), values, shown)
                known |= snapshot.pixels_of(snapshot.order[: snapshot.position])
        return Evidence(values, known)

    def _of_whole_patches(self, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What of a mask (H, W) a model of patches can be given."""
        if self.latest is None:
            return known
        return in_pixels(whole(known, self.latest.patch), self.latest.patch)

    @property
    def given(self) -> Evidence | None:
        """What the person gives, None where that is nothing."""
        painting = self.session.painting
        if painting is None or painting.empty:
            return None
        return Evidence(painting.values.copy(), painting.known.copy())

    def _keep(self, only: Callable[[NDArray[np.bool_]], None]) -> None:
        """only: takes sites out of what is drawn, (H, W), before it becomes evidence."""
        seen = self.seen()
        if seen is None or self.latest is None or self.latest.captions:
            return
        only(seen.known)
        kept = self._of_whole_patches(seen.known)
        self.session.edit(lambda painting: painting.replace(seen.values, kept))
