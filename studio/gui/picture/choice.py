"""`Choice`: which of the pictures on the stage the person has chosen. Free of widgets."""

from __future__ import annotations

from dataclasses import dataclass

from studio.engine.generation.snapshot import Snapshot


@dataclass(frozen=True)
class Choice:
    """picture: None for none.
    large: whether it is shown alone.
    finished: whether the pictures are.
    """

    picture: int | None = None
    large: bool = False
    finished: bool = False

    @property
    def alone(self) -> int | None:
        """The one that is shown alone; None where all are seen."""
        return self.picture if self.large else None

    def of(self, picture: int | None) -> Choice:
        """Another picture, or none, in the same size."""
        return Choice(picture, self.large and picture is not None, self.finished)

    def at(self, snapshot: Snapshot | None) -> Choice:
        """What is left of it at another moment."""
        if snapshot is None or snapshot.captions:
            return Choice()
        picture = self.picture
        if picture is not None and picture >= snapshot.count:
            return Choice(finished=snapshot.finished)
        return Choice(picture, self.large and snapshot.count > 1, snapshot.finished)

    def protects(self, picture: int) -> bool:
        """Whether a stroke on it would undo what is finished by accident."""
        return self.finished and picture != self.picture
