"""`Choice`: which of the pictures on the stage the person has chosen, and what for. Free of
widgets."""

from __future__ import annotations

from dataclasses import dataclass

from studio.engine.generation.snapshot import Snapshot


@dataclass(frozen=True)
class Choice:
    """picture: None for none.
    open: whether it may be painted on, although it is finished; a picture that is finished while it
    is chosen has to be chosen again.
    large: whether it is shown alone.
    finished: whether the pictures are.
    """

    picture: int | None = None
    open: bool = False
    large: bool = False
    finished: bool = False

    def of(self, picture: int | None) -> Choice:
        """Another picture, or none, in the same size."""
        chosen = picture is not None
        return Choice(picture, chosen, self.large and chosen, self.finished)

    def at(self, snapshot: Snapshot | None) -> Choice:
        """What is left of it at another moment."""
        if snapshot is None or snapshot.captions:
            return Choice()
        picture = self.picture
        if picture is not None and picture >= snapshot.count:
            return Choice(finished=snapshot.finished)
        is_open = self.open and (self.finished or not snapshot.finished)
        return Choice(picture, is_open, self.large and snapshot.count > 1, snapshot.finished)

    def protects(self, picture: int) -> bool:
        """Whether a stroke on it would undo what is finished by accident."""
        return self.finished and not (self.open and picture == self.picture)
