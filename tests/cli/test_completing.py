"""`studio complete`."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.engine.generation import bounds
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods import methods
from tests.cli.commands import complaint, result
from tests.tiny import SIZE, tiny_checkpoint

SUITED = {"map": "gated-pixelcnn-map", "order": "made-any-order"}


@pytest.mark.parametrize("method", methods())
def test_completing_keeps_what_is_given(here, capsys, method):
    path = str(tiny_checkpoint(here, SUITED.get(method, "pixelcnn")))
    given = np.random.default_rng(0).integers(0, 2, (SIZE, SIZE), dtype=np.uint8) * 255
    Image.fromarray(given).save("given.png")
    result(
        capsys,
        "complete",
        path,
        "--image",
        "given.png",
        "--mask",
        "bottom",
        "--method",
        method,
        "--count",
        "3",
        "--out",
        "done.npy",
    )
    done = np.load("done.npy")
    assert done.shape == (3, 1, SIZE, SIZE)
    assert (done[:, 0, SIZE // 2 :] == (given[SIZE // 2 :] > 0)).all()
    assert (done[0] != done[1]).any()


def test_completing_says_what_is_not_seen(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--mask", "bottom", "--out", "done.png"]
    assert main([*arguments, "--method", "clamp"]) == 0
    assert "32 of the 32 given pixels" in capsys.readouterr().err
    for others in (["--method", "smc"], ["--method", "particles"], []):
        assert main([*arguments, *others]) == 0
        assert "not seen" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "mask", "why"),
    [
        ("pixelcnn", "top", "Clamp: All that is given comes first in the model's order"),
        ("pixelcnn", "bottom", "Particles: Some of what is given comes late"),
        ("made-any-order", "bottom", "Order: This model draws in any order"),
        ("gated-pixelcnn-map", "bottom", "Map: This model is conditioned on all that is given"),
    ],
)
def test_completing_says_by_which_method_and_why(here, capsys, name, mask, why):
    path = str(tiny_checkpoint(here, name))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--mask", mask, "--out", "done.png"]
    assert main(arguments) == 0
    assert why in capsys.readouterr().err


def test_a_method_that_is_not_for_the_model_is_refused_in_a_sentence(here, capsys):
    Image.new("L", (SIZE, SIZE)).save("given.png")
    given = ["--image", "given.png", "--mask", "bottom", "--out", "done.png"]
    painted = str(tiny_checkpoint(here, "gated-pixelcnn-map"))
    raster = str(tiny_checkpoint(here))
    assert "choose map" in complaint(capsys, "complete", painted, *given, "--method", "smc")
    for method in ("order", "map"):
        complaint(capsys, "complete", raster, *given, "--method", method)
    said = complaint(capsys, "complete", painted, *given, "--bounds")
    assert "gives it no probability" in said
    coder = str(tiny_checkpoint(here, "autoencoder"))
    assert "draws no pictures" in complaint(capsys, "complete", coder, *given, "--bounds")
    assert not Path("done.png").exists()


def test_bounds_are_printed_in_bits_with_a_sentence_on_when_they_hold(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--out", "done.npy", "--bounds"]
    arguments += ["--count", "2", "--particles", "4", "--sweeps", "1", "--mask"]
    out, figures, when = result(capsys, *arguments, "bottom").split("\n")
    assert out == "done.npy"
    found = re.search(r"at least (-[\d.]+) bits, at most (-[\d.]+) bits", figures)
    assert found
    assert -40 < float(found[1]) < float(found[2]) + 5 < 0
    assert "hold on average" in when
    assert "from 1 sweep," in when
    _, figure = result(capsys, *arguments, "top").split("\n")
    assert figure.endswith("bits, exactly.")


def test_with_json_one_document_says_what_was_written_and_between_which_bounds(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--out", "done.npy", "--bounds"]
    arguments += ["--count", "2", "--particles", "4", "--sweeps", "1", "--mask", "bottom"]
    _, printed, _ = result(capsys, *arguments).split("\n")
    said = json.loads(result(capsys, *arguments, "--json"))
    bounds = said["bounds"]
    assert (said["files"], said["method"], said["sweeps"]) == (["done.npy"], "smc", 1)
    assert [1 <= size <= 4 for size in said["effective_sample_size"]] == [True, True]
    assert (bounds["exact"], bounds["runs"], bounds["particles"]) == (False, 2, 4)
    for side in ("lower", "upper"):
        assert f"{bounds[side]['bits']:.2f} bits" in printed
        assert bounds[side]["nats"] == pytest.approx(bounds[side]["bits"] * math.log(2))


def test_with_json_bounds_that_are_exact_need_no_particles(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--out", "done.npy", "--json"]
    said = json.loads(result(capsys, *arguments, "--mask", "top", "--bounds"))["bounds"]
    assert (said["exact"], said["particles"], said["lower"]) == (True, 0, said["upper"])
    assert json.loads(result(capsys, *arguments, "--mask", "top"))["bounds"] is None


def test_where_bounds_are_interrupted_the_pictures_are_kept_and_said(here, capsys, monkeypatch):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bounds, "bounds_of", interrupted)
    arguments = ["complete", path, "--image", "given.png", "--out", "done.npy", "--bounds"]
    assert main([*arguments, "--json"]) == 130
    said = json.loads(capsys.readouterr().out)
    assert (said["files"], said["bounds"]) == (["done.npy"], None)
    assert Path("done.npy").exists()


@pytest.mark.parametrize("given", ["everything", "nothing"])
@pytest.mark.parametrize("method", ["auto", "smc-refined"])
def test_where_all_or_nothing_is_given_it_is_finished_or_drawn(here, capsys, given, method):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE), 255).save("given.png")
    Image.new("L", (SIZE, SIZE), 255 if given == "everything" else 0).save("mask.png")
    arguments = ["complete", path, "--image", "given.png", "--mask", "mask.png", "--bounds"]
    arguments += ["--method", method, "--out", "done.npy"]
    _, figure = result(capsys, *arguments).split("\n")
    assert figure.endswith("bits, exactly.")
    if given == "nothing":
        assert " 0.00 bits" in figure
        result(capsys, "generate", path, "--out", "drawn.npy")
        np.testing.assert_array_equal(np.load("done.npy"), np.load("drawn.npy"))
    else:
        assert (np.load("done.npy") == 1).all()


def test_more_particles_than_fit_into_memory_are_refused_before_any_is_made(
    here, capsys, monkeypatch
):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    monkeypatch.setattr("studio.engine.runtime.memory.free", lambda device: 10**8)
    monkeypatch.setattr(Generation, "__init__", lambda *_: pytest.fail("it has begun"))
    arguments = ["complete", path, "--image", "given.png", "--mask", "bottom", "--count", "64"]
    for asked in (["--method", "smc"], ["--method", "clamp", "--bounds"], []):
        said = complaint(capsys, *arguments, "--particles", "4096", *asked, "--out", "done.png")
        assert said.startswith("Drawing 64 pictures of 8 × 8 pixels at once in 4096 attempts each")
        assert said.endswith("With --anyway it is tried all the same.\n")


def test_a_mask_of_another_size_is_told(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    Image.new("L", (30, 20)).save("mask.png")
    arguments = ["complete", path, "--image", "given.png", "--mask", "mask.png"]
    said = complaint(capsys, *arguments, "--out", "done.png")
    assert '"mask.png" is 30 x 20' in said
    assert "--fit" in said


def test_where_no_particle_explains_what_is_given_it_is_said(here, capsys, monkeypatch):
    path = str(tiny_checkpoint(here))
    Image.new("L", (SIZE, SIZE)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--mask", "bottom", "--out", "done.png"]
    assert main(arguments) == 0
    assert "hardly any particle" not in capsys.readouterr().err
    monkeypatch.setattr(Generation, "effective", lambda _: [1.0, 30.0])
    assert main(arguments) == 0
    assert "In 1 of 2 pictures hardly any particle" in capsys.readouterr().err


def test_a_model_that_is_conditioned_on_what_is_given_sees_all_of_it(here, capsys):
    path = str(tiny_checkpoint(here, "gated-pixelcnn-map"))
    Image.new("L", (SIZE, SIZE), 255).save("given.png")
    assert (
        main(["complete", path, "--image", "given.png", "--mask", "bottom", "--out", "done.npy"])
        == 0
    )
    assert "not seen" not in capsys.readouterr().err
    assert (np.load("done.npy")[:, :, SIZE // 2 :] == 1).all()
    assert "studio complete" in complaint(capsys, "generate", path, "--condition", "1")


def test_a_picture_of_the_wrong_size_can_be_resized(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.new("L", (30, 20)).save("given.png")
    arguments = ["complete", path, "--image", "given.png", "--out", "done.png"]
    said = complaint(capsys, *arguments)
    assert "30 x 20" in said
    assert "8 x 8" in said
    assert "--fit" in said
    for how in (["--fit", "pad"], ["--fit", "crop"], ["--resize"]):
        assert result(capsys, *arguments, *how) == "done.png"


def test_dark_ink_can_be_inverted_and_keeps_its_shape(here, capsys):
    path = str(tiny_checkpoint(here))
    ink = np.full((8, 16), 255, np.uint8)
    ink[2:6, 4:12] = 0
    Image.fromarray(ink).save("ink.png")
    asked = ["complete", path, "--image", "ink.png", "--mask", "top", "--out", "done.npy"]
    assert result(capsys, *asked, "--fit", "pad", "--invert") == "done.npy"
    expected = np.zeros((4, 8))
    expected[3, 2:6] = 1  # half as large, in the middle, and light on dark
    np.testing.assert_array_equal(np.load("done.npy")[0, 0, :4], expected)


def test_completed_in_parallel_it_is_the_same(here, capsys):
    path = str(tiny_checkpoint(here))
    Image.fromarray(np.eye(SIZE, dtype=np.uint8) * 255).save("given.png")
    found = []
    for decoder in ("sequential", "parallel"):
        options = ("--mask", "left", "--method", "clamp", "--decode", decoder, "--out", "done.npy")
        result(capsys, "complete", path, "--image", "given.png", *options)
        found.append(np.load("done.npy"))
    assert (found[0] == found[1]).all()
