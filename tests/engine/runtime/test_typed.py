"""What is typed is read as it is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime.typed import decimal, expanded


@pytest.mark.parametrize("text", ["0.8", "0,8", " 0,80 ", "٠٫٨", "٠.٨", ",8"])
def test_a_number_may_have_either_decimal_sign(text: str) -> None:
    assert decimal(text) == 0.8


@pytest.mark.parametrize("text", ["", "1.2.3", "1,2,3", "0.8.", "x", "1,000", "12,345,678"])
def test_what_is_no_number_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"may be|could not convert"):
        decimal(text)


def test_small_numbers_with_three_decimals_are_meant() -> None:
    assert decimal("0,001") == 0.001


def test_home_is_where_the_person_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expanded("~/x.png") == str(tmp_path / "x.png")
    assert expanded("here/~/x.png") == "here/~/x.png"


def test_the_home_of_nobody_stays_as_it_is() -> None:
    assert expanded("~no-such-person/x") == "~no-such-person/x"
