"""What a person reads of the benchmark of completion: the same figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from studio.engine.bench.completion import PUBLISHED
from studio.engine.bench.completion_amounts import Amounts
from studio.engine.bench.completion_text import as_text


def figures(bits: float) -> dict[str, Any]:
    return {"bits": bits, "nats": bits * 300, "standard_error": 0.001, "digits": 500}


def row(bits: float, exact: bool) -> dict[str, Any]:
    return {**figures(bits), "exact": exact, "kept": 0.87, "calibration": {"error": 0.0123}}


def document(preparation: str = "thresholded") -> dict[str, Any]:
    smc = {
        "lower": figures(0.101),
        "upper": figures(0.105),
        "clamp_on_the_same_digits": figures(0.131),
        "kept": 0.9,
        "exact": False,
    }
    refined = {"no_bits": "It cannot be computed.", "kept": 0.95}
    rows = {
        "clamp": {"top": row(0.0912, True), "bottom": row(0.1314, False)},
        "smc": {"top": row(0.0912, True), "bottom": smc},
        "smc-refined": {"top": row(0.0912, True), "bottom": refined},
    }
    return {
        "machine": "a laptop",
        "completion": {
            "data": "mnist",
            "amounts": asdict(Amounts()),
            "timed": "16 completions of one digit",
            "masks": {
                "top": {"given": "the top half", "hidden_pixels": 392},
                "bottom": {"given": "the bottom half", "hidden_pixels": 392},
            },
            "judges": {preparation: {"accuracy": 0.9891, "seconds": 61.0}},
            "models": {
                "abc": {
                    "preparation": preparation,
                    "not_measured": {"map": "It is not conditioned on what is given."},
                    "methods": {
                        label: {"seconds": 1.25, "masks": masks} for label, masks in rows.items()
                    },
                    "recognised": {"count": 300, "by_passes": {"784": 0.76}},
                    "bits_per_dim_by_passes": {
                        "digits": 50,
                        "bits_per_dim": {"784": 0.12, "20": 0.126},
                    },
                }
            },
            "left_out": {"voice": "voice makes sound."},
            "published": PUBLISHED,
        },
    }


def line(text: str, *words: str) -> str:
    """The first line with all these words."""
    return next(each for each in text.splitlines() if all(word in each for word in words))


def test_bits_stand_beside_each_other_and_what_is_exact_is_marked():
    text = as_text(document())
    assert line(text, "abc, clamp").split()[2:] == ["0.0912=", "0.1314", "0.1113"]


def test_each_bound_of_particles_has_a_row_and_so_has_clamp_on_the_same_digits():
    text = as_text(document())
    for words, bits in (("at most", 0.105), ("exact, at least", 0.101), ("clamp on these", 0.131)):
        mean = f"{(0.0912 + bits) / 2:.4f}"
        found = line(text, f"abc, smc {words}").split()[-3:]
        assert found == ["0.0912=", f"{bits:.4f}", mean]


def test_a_method_without_bits_has_no_mean_of_them():
    assert line(as_text(document()), "abc, smc-refined").split()[2:] == ["0.0912=", "-"]


def test_calibration_is_said_where_it_was_measured():
    text = as_text(document())
    rows = text[text.index("Calibration error") :]
    assert line(rows, "abc, clamp").split()[2:] == ["0.0123", "0.0123", "0.0123"]
    assert line(rows, "abc, smc ").split()[2:] == ["0.0123", "-"]


def test_digits_kept_seconds_and_samples_are_said():
    text = as_text(document())
    assert "87.0%" in text
    assert "98.91% of the clean thresholded test digits" in text
    assert "16 completions of one digit" in text
    assert line(text, "abc, clamp", "1.25")
    assert line(text, "abc, 784 passes", "76.0%", "of 300")


def test_what_fewer_passes_cost_is_said_in_bits_and_as_a_share():
    assert line(as_text(document()), "20:").split() == ["20:", "0.1260", "(+5.0%)"]


def test_what_was_not_measured_is_listed_with_its_reason():
    text = as_text(document())
    assert line(text, "voice: voice makes sound.")
    assert line(text, "abc, map: It is not conditioned")


def test_figures_of_others_stand_beside_those_of_the_same_preparation_only():
    assert "Jain" not in as_text(document())
    text = as_text(document("dynamic"))
    assert line(text, "Jain, Abbeel & Pathak 2020", "top half missing", "bottom half given")
    assert line(text, "Locally masked PixelCNN").split()[-2:] == ["34.8", "36.4"]
    assert line(text[text.index("Jain") :], "abc, smc ").split()[-2:] == ["30.3..31.5", "27.4"]
    assert line(text, "bottom given", "top given")
