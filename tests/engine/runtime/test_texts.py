"""Texts from elsewhere become one short line."""

from __future__ import annotations

import time

from studio.engine.runtime.texts import shortened


def test_a_short_line_stays_as_it_is() -> None:
    assert shortened("Ziffern,  2. Versuch") == "Ziffern,  2. Versuch"


def test_control_characters_and_lines_become_spaces() -> None:
    assert shortened("a\x00b\r\nc\x1b[31m\u202e") == "a b  c [31m "


def test_what_is_too_long_keeps_its_beginning_and_its_end() -> None:
    text = shortened("begin " + "x" * 500 + " end", 40)
    assert len(text) == 40
    assert text.startswith("begin xxx")
    assert text.endswith("xxx end")


def test_a_megabyte_takes_no_time() -> None:
    began = time.perf_counter()
    assert len(shortened("<b>" * 2**20)) == 120
    assert time.perf_counter() - began < 0.05
