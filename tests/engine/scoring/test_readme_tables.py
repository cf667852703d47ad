"""The tables of the README say what the cards say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.scoring.readme_tables import BEGIN, END, tables, written
from studio.engine.scoring.scoreboard import rows
from tests.tiny import tiny_checkpoint, tiny_voice

README = Path(__file__).parents[3] / "README.md"


def card(bits: float, preparation: str = "thresholded", **more: Any) -> dict[str, Any]:
    recipe = {"data": "mnist", "preparation": preparation, "start": more.pop("start", "")}
    return {
        "metrics": {"bits_per_dim": bits, **more.pop("metrics", {})},
        "recipe": recipe,
        "epochs": 3.0,
        "seconds": 121.0,
        **more,
    }


def test_the_readme_has_the_figures_of_the_cards() -> None:
    text = README.read_text("utf-8")
    assert written(text, rows()) == text, BEGIN


def test_what_was_prepared_alike_stands_in_one_table_the_best_first(tmp_path: Path) -> None:
    paths = {
        "made": tiny_checkpoint(tmp_path, "made", **card(0.3)),
        "pixelcnn": tiny_checkpoint(tmp_path, "pixelcnn", **card(0.2, start="gated-pixelcnn")),
        "gated-pixelcnn-class": tiny_checkpoint(
            tmp_path, "gated-pixelcnn-class", **card(0.1, "grey-256")
        ),
    }
    board = rows(paths)
    weights = board[0].parameters
    first, second = tables(board).split("\n\n`")
    assert first.startswith("`mnist`, 8 x 8, `thresholded` (black or white, as a value is above")
    assert first.splitlines()[2:5] == [
        "| model | bits/dim | article | weights | epochs | training |",
        "|---|---|---|---|---|---|",
        f"| `pixelcnn` | **0.2000** | 0.1177 | {weights} | 3, from `gated-pixelcnn` | 2 min |",
    ]
    assert second.startswith("mnist`, 8 x 8, `grey-256`:")
    assert "article" not in second


def test_what_is_drawn_anew_every_epoch_stands_beside_what_others_report_of_it(
    tmp_path: Path,
) -> None:
    path = tiny_checkpoint(tmp_path, "made", **card(0.2, "dynamic"))
    (row,) = rows({"made-dynamic": path})
    assert row.nats == pytest.approx(0.2 * 64 * 0.693147, rel=1e-5)
    assert "| **0.2000** | 8.87 | 84.87 |" in tables([row])


def test_sound_is_told_in_bits_a_sample(tmp_path: Path) -> None:
    metrics = {"bits_per_sample": 3.5, "log_mel_distance": 6.25}
    found = rows({"voice": tiny_voice(tmp_path, "wavenet-mel", {"metrics": metrics})})
    assert "| bits/sample | log-mel |" in tables(found)
    assert "| **3.5000** | 6.25 dB |" in tables(found)


def test_what_has_no_figure_is_in_no_table(tmp_path: Path) -> None:
    assert tables(rows({"mine": tiny_checkpoint(tmp_path)})) == ""


def test_only_what_lies_between_the_two_lines_is_written() -> None:
    assert written(f"a\n{BEGIN}\nold\n{END}\nb", []) == f"a\n{BEGIN}\n\n\n\n{END}\nb"
    with pytest.raises(StudioError, match="stand between two lines"):
        written("nothing of it", [])
