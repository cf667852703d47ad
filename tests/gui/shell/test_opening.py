"""What becomes of a file, by what is in it."""

from __future__ import annotations

from pathlib import Path

from studio.engine.data.drawing_files import save_drawings
from studio.gui.shell.opening import Opener
from tests.drawn_symbols import drawings


def test_a_set_of_drawings_is_opened_where_one_draws(tmp_path: Path) -> None:
    save_drawings(drawings("cross", count=2), tmp_path / "mine.npz")
    drawn: list[Path] = []

    def nothing(*_: object) -> None:
        pass

    opener = Opener(list, nothing, nothing, nothing, nothing, nothing, drawn.append)
    opening = opener.of(tmp_path / "mine.npz")
    assert opening.words == 'Open the drawings "mine.npz"'
    assert opening.do is not None
    opening.do()
    assert drawn == [tmp_path / "mine.npz"]
