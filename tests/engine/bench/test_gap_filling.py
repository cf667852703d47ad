"""How well gaps are filled: the figures of ways that are known beforehand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.companding import mu_law_encode
from studio.engine.bench import gap_filling
from tests.engine.speaking import lively
from tests.thorough import thorough_only


@pytest.fixture(scope="module")
def document() -> dict:
    """Of 3 recordings, of which one is too short for a gap."""
    model = lively(width=4, skip=4, dilations=(1, 2, 4), sample_rate=1000)
    tone = (0.5 * np.sin(np.arange(1500) / 4)).astype(np.float32)
    recordings = [mu_law_encode(tone), mu_law_encode(tone[:300]), mu_law_encode(-tone)]
    return gap_filling.measure(model, recordings, 3)


def test_every_way_is_measured_at_every_length(document: dict) -> None:
    assert json.loads(json.dumps(document)) == document
    assert set(document["tables"]) == {"20 ms", "50 ms"}
    for table in document["tables"].values():
        assert list(table) == ["silence", "continuation", "16 takes", "64 takes", "the truth"]
        assert all(row["gaps"] == 2 for row in table.values())


def test_silence_has_no_signal_and_the_truth_has_no_error(document: dict) -> None:
    for table in document["tables"].values():
        assert table["silence"]["snr_db"] == pytest.approx(0, abs=0.1)
        assert table["the truth"]["snr_db"] > 60
        assert table["the truth"]["jump"] < 3


@thorough_only
@pytest.mark.slow
def test_a_beam_fills_speech_by_what_is_likelier_than_a_plain_continuation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gap_filling, "GAP_SECONDS", (0.02,))
    monkeypatch.setattr(gap_filling, "BEAMS", (16,))
    found = gap_filling.run(quick=True)["tables"]["20 ms"]
    nats = {way: row["evidence_nats"] for way, row in found.items()}
    assert nats["continuation"] < nats["16 takes"]
    assert nats["silence"] < nats["16 takes"]
    assert 1 <= found["16 takes"]["effective"] <= 16


def test_it_is_a_table_for_a_person(document: dict) -> None:
    text = gap_filling.as_text({"model": "voice", **document})
    assert "2 gaps of 20 ms" in text
    assert all(way in text for way in ("silence", "16 takes", "the truth"))
