"""Tables of what was measured, as lines of text."""

from __future__ import annotations


def columns(rows: list[list[str]]) -> list[str]:
    """Cells as wide as their column needs, all but the first to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
