"""The scoreboard: figures come from cards, and stand beside those of others."""

from __future__ import annotations

import json
import math

import pytest

import models
from studio.engine import checkpoints
from studio.engine.checkpoints import storage
from studio.engine.scoring import evaluation
from studio.engine.scoring.scoreboard import check, rows
from tests.tiny import tiny_checkpoint, tiny_data, tiny_sounds, tiny_voice


def test_rows_say_what_the_cards_say_best_first(tmp_path):
    made = tiny_checkpoint(
        tmp_path,
        "made",
        metrics={"bits_per_dim": 0.12},
        epochs=3.0,
        seconds=61.5,
        machine="a laptop",
        recipe={"batch": 32},
    )
    pixelcnn = tiny_checkpoint(tmp_path, "pixelcnn", metrics={"bits_per_dim": 0.11})
    first, second = rows({"made": made, "pixelcnn": pixelcnn})
    assert [first.name, second.name] == ["pixelcnn", "made"]
    assert (second.bits_per_dim, second.article) == (0.12, 0.2096)
    assert (second.epochs, second.seconds, second.machine) == (3.0, 61.5, "a laptop")
    assert second.recipe == {"batch": 32}
    assert second.parameters == checkpoints.load(made).parameter_count


def test_figures_of_other_data_stand_apart(tmp_path):
    mnist, emoji = (
        {"data": "mnist", "preparation": "thresholded"},
        {"data": "emoji", "preparation": "rgb-256"},
    )
    paths = {
        name: tiny_checkpoint(tmp_path, name, metrics={"bits_per_dim": bits}, recipe=recipe)
        for name, bits, recipe in (
            ("made", 0.3, mnist),
            ("pixelcnn", 0.1, emoji),
            ("gated-pixelcnn-class", 0.2, mnist),
        )
    }
    assert [row.name for row in rows(paths)] == ["gated-pixelcnn-class", "made", "pixelcnn"]


def test_the_figure_of_an_ensemble_says_of_how_many_orders_and_is_checked_with_as_many(
    tmp_path, monkeypatch
):
    metrics = {"bits_per_dim": 0.14, "orders": 3, "single_order_bits_per_dim": 0.16}
    path = tiny_checkpoint(
        tmp_path, "made-any-order", metrics=metrics, data=str(tiny_data(tmp_path))
    )
    again = evaluation.evaluate(checkpoints.load(path), orders=3)
    assert again is not None
    monkeypatch.setattr(storage, "resolve", lambda name: {"made-any-order": path}[name])
    (row,) = check(rows({"made-any-order": path}), "cpu", lambda text: None)
    assert (row.bits_per_dim, row.orders) == (0.14, 3)
    assert row.checked == again.bits_per_dim


def test_what_nobody_reports_is_left_out(tmp_path):
    (row,) = rows({"mine": tiny_checkpoint(tmp_path)})
    assert (row.bits_per_dim, row.article, row.paper) == (None, None, None)


def test_a_model_without_a_likelihood_has_no_figure_here_and_is_not_scored(tmp_path):
    metrics = {"reconstruction_bits": 0.01, "pixels_right": 0.99}
    found = rows({"autoencoder": tiny_checkpoint(tmp_path, "autoencoder", metrics=metrics)})
    assert [(row.autoregressive, row.bits_per_dim) for row in found] == [(False, None)]
    assert check(found, "cpu") == found


def test_sound_has_bits_a_sample_beside_what_is_trivial_and_a_vocoder_its_distance(tmp_path):
    metrics = {"bits_per_sample": 3.5, "baselines": {"uniform": 8.0}, "log_mel_distance": 6.25}
    metrics |= {"loudness_difference": 0.2, "stoi": 0.9}
    (row,) = rows({"voice": tiny_voice(tmp_path, "wavenet-mel", {"metrics": metrics})})
    assert (row.bits_per_sample, row.bits_per_dim, row.bits) == (3.5, None, 3.5)
    assert (row.baselines, row.log_mel_distance) == ({"uniform": 8.0}, 6.25)
    assert (row.loudness_difference, row.stoi) == (0.2, 0.9)


def test_sound_is_scored_again_in_bits_a_sample(tmp_path, monkeypatch):
    path = tiny_voice(
        tmp_path, card={"data": str(tiny_sounds(tmp_path)), "metrics": {"bits_per_sample": 7.0}}
    )
    monkeypatch.setattr(storage, "resolve", lambda name: {"voice": path}[name])
    (row,) = check(rows({"voice": path}), "cpu", lambda text: None)
    assert row.checked is not None
    assert 0 < row.checked < 20


def test_what_has_learnt_from_data_that_are_not_there_is_not_scored_and_the_others_are(
    tmp_path, monkeypatch
):
    voice = tiny_voice(tmp_path, card={"data": "speech-32k", "metrics": {"bits_per_sample": 7.0}})
    digits = tiny_checkpoint(tmp_path, data=str(tiny_data(tmp_path)))
    there = {"voice": voice, "digits": digits}
    monkeypatch.setattr(storage, "resolve", lambda name: there[name])
    shown: list[str] = []
    scored = {row.name: row.checked for row in check(rows(there), "cpu", shown.append)}
    assert scored["voice"] is None
    assert scored["digits"] is not None
    assert any(said.startswith("voice is not scored. ") and "speech-32k" in said for said in shown)


def test_figures_of_papers_are_converted_from_nats_and_say_their_data():
    paper = models.registry.variant("pixelcnn").paper
    assert paper is not None
    assert paper.bits_per_dim == pytest.approx(81.30 / 784 / math.log(2))
    assert "chance" in paper.data


def test_a_row_is_plain_json(tmp_path):
    (row,) = rows({"made": tiny_checkpoint(tmp_path, "made")})
    document = json.loads(json.dumps(row.to_dict()))
    assert document["paper"]["nats"] == 88.04
    assert document["paper"]["bits_per_dim"] == pytest.approx(0.1620, abs=1e-4)


def test_checking_scores_the_checkpoints_again(tmp_path, monkeypatch):
    path = tiny_checkpoint(tmp_path, data=str(tiny_data(tmp_path)))
    monkeypatch.setattr(storage, "resolve", lambda name: {"tiny": path}[name])
    shown: list[str] = []
    (row,) = check(rows({"tiny": path}), "cpu", shown.append)
    assert row.checked is not None
    assert row.checked > 0
    assert shown == ["Scoring tiny: 100%"]
