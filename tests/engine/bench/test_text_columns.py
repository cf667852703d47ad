"""Tables as lines of text."""

from __future__ import annotations

from studio.engine.bench.text_columns import columns


def test_cells_stand_under_each_other_figures_to_the_right() -> None:
    assert columns([["", "share"], ["a model", "9 %"], ["b", ""]]) == [
        "           share",
        "  a model    9 %",
        "  b",
    ]
