"""How a maintainer writes the scoreboard into the README, where no figure is copied by hand:

    python -m studio.engine.scoring.readme_tables README.md

puts a table for each task, that is, for data and how they are prepared, between two lines of the
file that say where: `BEGIN` and `END`. A test holds that what stands there is what the cards say.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from models.interface import OrderAgnosticModel
from models.registry import variants
from studio.engine.checkpoints.cards import shipped
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import write_atomically
from studio.engine.scoring.scoreboard import Row, rows

BEGIN = "<!-- written by python -m studio.engine.scoring.readme_tables README.md -->"
END = "<!-- up to here -->"
_LONG = 180  # minutes, from which on hours are told
_MEANINGS = {
    "thresholded": "black or white, as a value is above 127 or not",
    "dynamic": "black or white by chance, drawn anew every epoch; the test images are drawn once",
}
Column = tuple[str, Callable[[Row], str]]


def tables(board: Sequence[Row]) -> str:
    """All of them, in Markdown; of a board whose rows of one task stand together."""
    found = []
    for _, group in groupby((row for row in board if row.bits is not None), lambda row: row.task):
        of_a_task = [*group]
        found.append(f"{_title(of_a_task[0])}\n\n{_table(of_a_task)}")
    return "\n\n".join(found)


def written(text: str, board: Sequence[Row]) -> str:
    """A text with the tables where they belong; StudioError where it does not say where."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise StudioError(f"The tables stand between two lines, {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{tables(board)}\n\n{END}{after}"


def _title(row: Row) -> str:
    data, preparation = (row.recipe.get(key, "") for key in ("data", "preparation"))
    meaning = _MEANINGS.get(preparation)
    said = f"`{preparation}`" + (f" ({meaning})" if meaning else "")
    space = row.shape[1:]
    size = "" if None in space else f", {' x '.join(map(str, reversed(space)))}"
    return f"`{data}`{size}, {said}:"


def _table(found: Sequence[Row]) -> str:
    columns = _columns(found)
    lines = [[name for name, _ in columns], *([tell(row) for _, tell in columns] for row in found)]
    head, *rest = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join([head, f"|{'---|' * len(columns)}", *rest])


def _columns(found: Sequence[Row]) -> list[Column]:
    """What there is to be told of some rows."""
    columns: list[Column] = [("model", lambda row: f"`{row.name}`")]
    if found[0].bits_per_sample is None:
        columns.append(("bits/dim", lambda row: _bits(row) + _of_orders(row)))
    else:
        columns.append(("bits/sample", _bits))
    if found[0].dynamic:
        columns.append(("nats", lambda row: _figure(row.nats, 2)))
        columns.append(("of others", lambda row: _figure(row.paper.nats if row.paper else None, 2)))
    optional: list[tuple[str, Callable[[Row], float | None], Callable[[Row], str]]] = [
        ("article", lambda row: row.article, _of_article),
        (
            "log-mel",
            lambda row: row.log_mel_distance,
            lambda row: _figure(row.log_mel_distance, 2, " dB"),
        ),
        ("STOI", lambda row: row.stoi, lambda row: _figure(row.stoi, 3)),
    ]
    columns += [
        (name, tell)
        for name, value, tell in optional
        if any(value(row) is not None for row in found)
    ]
    return [
        *columns,
        ("weights", lambda row: "" if row.parameters is None else f"{row.parameters:,}"),
        ("epochs", _epochs),
        ("training", _training),
    ]


def _bits(row: Row) -> str:
    return f"**{row.bits:.4f}**"


def _of_orders(row: Row) -> str:
    """What is said of a figure that is the mean over orders."""
    kind = variants().get(row.model)
    any_order = kind is not None and issubclass(kind.model, OrderAgnosticModel)
    return ", the mean over all orders" if any_order else ""


def _of_article(row: Row) -> str:
    return _figure(row.article, 4) + ("†" if row.article_leaks else "")


def _figure(value: float | None, digits: int, unit: str = "") -> str:
    return "" if value is None else f"{value:.{digits}f}{unit}"


def _epochs(row: Row) -> str:
    start = row.recipe.get("start")
    parts = [
        "" if row.epochs is None else f"{round(row.epochs, 1):g}",
        f"from `{start}`" if start in shipped() else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said}; {row.orders} orders averaged" if row.orders else said


def _training(row: Row) -> str:
    if row.seconds is None:
        return ""
    minutes = round(row.seconds / 60)
    took = f"{minutes} min" if minutes < _LONG else f"{minutes // 60} h {minutes % 60} min"
    name, _, memory = (row.machine or "").partition(", ")
    return f"{took}, {name}" if memory.endswith("GiB") else took  # which is said of a GPU only


if __name__ == "__main__":
    place = Path(sys.argv[1])
    write_atomically(place, written(place.read_text("utf-8"), rows()).encode("utf-8"))
