"""Tables of numbers as text: any usual sign between them, with a line of names or without."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.media.text_tables import read_table
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("between", [",", ";", "\t", " ", ", "])
def test_any_usual_sign_may_stand_between_numbers(tmp_path, between):
    found = read_table(table(tmp_path, f"0{between}128{between}0.5\n1{between}2{between}3\n"))
    assert found.values.tolist() == [[0, 128, 0.5], [1, 2, 3]]
    assert found.names == ()


def test_a_first_line_that_is_no_numbers_names_the_columns(tmp_path):
    found = read_table(table(tmp_path, '\ufeff"label",pixel0\n3,255\n'))
    assert found.names == ("label", "pixel0")
    assert found.values.tolist() == [[3, 255]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1,2\n3\n", "is not a table of numbers: .*columns"),
        ("1,2\nfour,5\n", "is not a table of numbers"),
        (b"\xff\xfe\x00", "is not text"),
        ("a,b\n", "holds no numbers"),
        ("", "holds no numbers"),
    ],
    ids=["rows that differ", "a word", "no text", "names alone", "nothing"],
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_what_is_no_table_of_numbers_is_reported_in_one_sentence(tmp_path, text, complaint):
    with pytest.raises(StudioError, match=f'own.csv" {complaint}.*\\.$'):
        read_table(table(tmp_path, text))


def test_a_file_that_would_not_fit_the_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1_000)
    with pytest.raises(StudioError, match="would take about 4 kB"):
        read_table(table(tmp_path, "1," * 500 + "1\n"))
