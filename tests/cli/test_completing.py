"""`studio complete`."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.engine.generation.methods import methods
from tests.cli.commands import complaint, result
from tests.tiny import SIZE, tiny_checkpoint


@pytest.mark.parametrize("method", methods())
def test_completing_keeps_what_is_given(here, capsys, method):
    path = str(tiny_checkpoint(here))
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
    assert main(arguments) == 0
    assert "32 of the 32 given sites" in capsys.readouterr().err
    assert main([*arguments, "--method", "particles"]) == 0
    assert "not seen" not in capsys.readouterr().err


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
