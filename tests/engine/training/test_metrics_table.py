"""A table that grows is read as far as it goes, and again where it began anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime.files import write_atomically
from studio.engine.training.metrics_table import MetricsTable

HEADER = "step,epoch,seconds,train_bits_per_dim,val_bits_per_dim,rate\r\n"


def line(step: int, train: str = "0.5", val: str = "") -> str:
    return f"{step},{step / 10},{step}.25,{train},{val},0.001\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.csv"
    path.write_text(HEADER + line(1) + line(2, val="0.4"), newline="")
    return path


def append(file: Path, text: str) -> None:
    with file.open("a", newline="") as opened:
        opened.write(text)


def steps(table: MetricsTable) -> list[float]:
    return [row["step"] for row in table.rows]


def test_it_is_empty_until_the_file_is_there(tmp_path: Path) -> None:
    table = MetricsTable(tmp_path / "metrics.csv")
    assert not table.refresh()
    assert (table.rows, table.measure) == ([], "")


def test_lines_come_as_they_are_written(file: Path) -> None:
    table = MetricsTable(file)
    assert table.refresh()
    assert table.measure == "bits_per_dim"
    assert table.rows[1] == {
        "step": 2, "epoch": 0.2, "seconds": 2.25, "train_bits_per_dim": 0.5,
        "val_bits_per_dim": 0.4, "rate": 0.001,
    }  # fmt: skip
    assert not table.refresh()
    append(file, line(3))
    assert table.refresh()
    assert steps(table) == [1, 2, 3]


def test_what_was_read_is_not_read_again(file: Path) -> None:
    append(file, "".join(line(step) for step in range(3, 30)))
    table = MetricsTable(file)
    table.refresh()
    with file.open("r+b") as opened:  # the same file, changed where nobody looks any more
        opened.seek(len(HEADER))
        opened.write(b"7")
    append(file, line(30))
    table.refresh()
    assert steps(table) == [*range(1, 31)]


def test_half_a_line_is_waited_for(file: Path) -> None:
    table = MetricsTable(file)
    append(file, "3,0.3,3.2")
    table.refresh()
    assert steps(table) == [1, 2]
    append(file, "5,0.5,,0.001\r\n")
    table.refresh()
    assert table.rows[-1]["seconds"] == 3.25


def test_lines_that_are_none_are_left_out(file: Path) -> None:
    table = MetricsTable(file)
    append(file, "\0\0\0\r\n,,,,,\r\n3,zero,1,1,1,1\r\n4,1\r\n5,nan,1,1,1,1\r\n" + line(6))
    table.refresh()
    assert steps(table) == [1, 2, 6]


def test_a_table_that_was_replaced_begins_anew(file: Path) -> None:
    table = MetricsTable(file)
    table.refresh()
    write_atomically(file, (HEADER + line(1) + line(2, train="0.7") + line(3)).encode())
    assert table.refresh()
    assert table.begun == 1
    assert [row["train_bits_per_dim"] for row in table.rows] == [0.5, 0.7, 0.5]


def test_a_table_that_was_cut_and_has_grown_past_where_it_was_begins_anew(file: Path) -> None:
    append(file, line(3) + line(4))
    table = MetricsTable(file)
    table.refresh()
    file.write_text(HEADER + line(1) + "".join(line(n, "0.77") for n in (2, 3, 4)), newline="")
    table.refresh()
    assert table.begun == 1
    assert [row["train_bits_per_dim"] for row in table.rows] == [0.5, 0.77, 0.77, 0.77]


def test_a_table_that_is_gone_is_empty(file: Path) -> None:
    table = MetricsTable(file)
    table.refresh()
    file.unlink()
    assert table.refresh()
    assert table.rows == []


def test_figures_of_the_time_before_validation_are_taken_for_it(tmp_path: Path) -> None:
    file = tmp_path / "metrics.csv"
    file.write_text("step,train_bits_per_dim,watched_bits_per_dim\n1,,0.25\n")
    table = MetricsTable(file)
    table.refresh()
    assert table.rows == [{"step": 1, "val_bits_per_dim": 0.25}]
