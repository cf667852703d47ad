"""What is watched as it comes about can be paused, gone on with and begun again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.played_actor import PlayedActor

PATIENCE = 10.0
END = 3


class Count:
    """From 0 to 3."""

    def __init__(self) -> None:
        self.at = 0

    @property
    def finished(self) -> bool:
        return self.at == END

    def restart(self) -> None:
        self.at = 0


class Counting(PlayedActor[int, Count]):
    """began: how often it went on or began again. broken: whether it cannot be made."""

    def __init__(self) -> None:
        super().__init__("counting")
        self.began, self.broken = 0, False
        self.start()

    def _make(self) -> Count:
        if self.broken:
            raise StudioError("It is broken.")
        return Count()

    def _began(self) -> None:
        self.began += 1

    def _patience(self, now: float) -> float | None:
        if self._playing:
            return 0.0
        return self._due - now if self._dirty else None

    def _advance(self) -> None:
        if self._playing:
            film = self._ready()
            film.at += 1
            self._dirty, self._playing = True, not film.finished

    def _moment(self, film: Count) -> int:
        return film.at


@pytest.fixture
def actor() -> Iterator[Counting]:
    actor = Counting()
    yield actor
    actor.close()
    assert actor.join(PATIENCE)


def shown(actor: Counting) -> int | None:
    assert actor.join(PATIENCE)
    return actor.mailbox.take()


def test_the_beginning_is_seen_before_it_is_played(actor: Counting) -> None:
    assert shown(actor) == 0


def test_it_is_played_to_its_end_and_then_from_the_beginning(actor: Counting) -> None:
    for times in (1, 2):
        actor.play()
        assert shown(actor) == END
        assert actor.began == times


def test_begun_again_it_stands_at_the_beginning(actor: Counting) -> None:
    actor.play()
    assert shown(actor) == END
    actor.restart()
    assert shown(actor) == 0


def test_what_cannot_be_made_is_reported_and_tried_again_when_it_is_played(
    actor: Counting,
) -> None:
    assert shown(actor) == 0
    actor._film, actor.broken = None, True
    actor.play()
    assert shown(actor) is None
    assert actor.failures.take() == ("It is broken.", "")
    actor.broken = False
    actor.play()
    assert shown(actor) == END
