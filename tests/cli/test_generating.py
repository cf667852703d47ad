"""`studio generate`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models import orders
from studio.cli import main
from studio.engine import checkpoints
from studio.engine.generation import decoder_choice
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.scenes.document import as_text
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene
from tests.cli.commands import complaint, result
from tests.tiny import SIZE, tiny_checkpoint


@pytest.mark.parametrize("suffix", [".png", ".gif", ".mp4", ".npy"])
def test_generate_writes_what_the_suffix_asks_for(here, capsys, suffix):
    path = tiny_checkpoint(here)
    out = f"drawn{suffix}"
    assert (
        result(capsys, "generate", str(path), "--count", "3", "--speed", "400", "--out", out) == out
    )
    assert Path(out).stat().st_size > 100


def test_an_autoencoder_says_why_it_cannot_generate(here, capsys):
    path = str(tiny_checkpoint(here, "autoencoder"))
    assert "An autoencoder cannot generate" in complaint(capsys, "generate", path, "--out", "a.png")
    assert not Path("a.png").exists()
    listed = {
        entry["name"]: entry for entry in json.loads(result(capsys, "models", "--json"))["models"]
    }
    assert not listed["autoencoder"]["autoregressive"]
    assert listed["made"]["autoregressive"]
    assert "not autoregressive" in result(capsys, "models")


def test_an_autoencoder_gives_a_picture_back_beside_what_it_was_shown(here, capsys):
    path = str(tiny_checkpoint(here, "autoencoder"))
    given = np.random.default_rng(0).integers(0, 2, (SIZE, SIZE), dtype=np.uint8)
    Image.fromarray(given * 255).save("given.png")

    def shown_and_made(*options: str) -> np.ndarray:
        result(capsys, "complete", path, "--image", "given.png", *options, "--out", "done.npy")
        return np.load("done.npy")

    whole, noisy = shown_and_made(), shown_and_made("--corruption", "0.5", "--seed", "3")
    assert whole.shape == (2, 1, SIZE, SIZE)
    assert (whole[0, 0] == given).all(), "all of it is given, where nothing says otherwise"
    assert 0.1 < (noisy[0] != whole[0]).mean() < 0.4
    assert (noisy == shown_and_made("--corruption", "0.5", "--seed", "3")).all()
    half = shown_and_made("--mask", "top")
    assert (half[0, 0, SIZE // 2 :] == 0).all()
    drawing = str(tiny_checkpoint(here, "pixelcnn"))
    said = complaint(
        capsys,
        "complete",
        drawing,
        "--image",
        "given.png",
        "--corruption",
        "0.5",
        "--out",
        "done.npy",
    )
    assert "--corruption" in said


def test_the_same_seed_draws_the_same_pictures_whatever_their_number(here, capsys):
    path = str(tiny_checkpoint(here))
    for out, count, seed in (("a", 4, 5), ("b", 2, 5), ("c", 4, 6)):
        result(
            capsys,
            "generate",
            path,
            "--count",
            str(count),
            "--seed",
            str(seed),
            "--out",
            f"{out}.npy",
        )
    a, b, c = (np.load(f"{out}.npy") for out in "abc")
    assert a.shape == (4, 1, SIZE, SIZE)
    assert (a[:2] == b).all()
    assert (a != c).any()


def test_pictures_are_called_after_model_and_seed_where_nobody_names_them(here, capsys):
    path = tiny_checkpoint(here)
    assert result(capsys, "generate", str(path), "--seed", "12") == "tiny-pixelcnn-12.png"
    with Image.open("tiny-pixelcnn-12.png") as image:
        assert image.text["Seed"] == "12"  # type: ignore[attr-defined]


def test_a_class_is_named_or_numbered(here, capsys):
    path = str(tiny_checkpoint(here, "gated-pixelcnn-class"))
    for out, condition in (
        ("name", ["--condition", "b"]),
        ("number", ["--condition", "1"]),
        ("none", []),
    ):
        result(capsys, "generate", path, "--count", "64", *condition, "--out", f"{out}.npy")
    assert (np.load("name.npy") == np.load("number.npy")).all()
    assert (np.load("name.npy") != np.load("none.npy")).any()
    assert "there are a, b, c" in complaint(capsys, "generate", path, "--condition", "d")
    assert "there are a, b, c" in complaint(capsys, "generate", path, "--condition", "3")


def test_a_model_without_classes_takes_no_condition(here, capsys):
    assert "no condition" in complaint(
        capsys, "generate", str(tiny_checkpoint(here)), "--condition", "1"
    )


def test_a_model_of_any_order_draws_in_the_one_that_is_asked_for(here, capsys):
    any_order = str(tiny_checkpoint(here, "made-any-order"))
    for order in orders.NAMES:
        result(capsys, "generate", any_order, "--order", order, "--out", f"{order}.npy")
    assert (np.load("spiral.npy") != np.load("raster.npy")).any()
    fixed = str(tiny_checkpoint(here, "pixelcnn"))
    assert "its own order" in complaint(capsys, "generate", fixed, "--order", "spiral")


def test_a_random_order_comes_from_the_seed_and_a_part_may_be_given_in_any_order(here, capsys):
    path = str(tiny_checkpoint(here, "made-any-order"))
    result(capsys, "generate", path, "--count", "8", "--out", "whole.npy")
    half = np.load("whole.npy")[0, 0] * 255
    Image.fromarray(half.astype(np.uint8)).save("half.png")
    for order in ("spiral", "random"):
        for out in ("first", "again"):
            result(
                capsys,
                "complete",
                path,
                "--image",
                "half.png",
                "--mask",
                "bottom",
                "--order",
                order,
                "--seed",
                "3",
                "--out",
                f"{out}.npy",
            )
        assert (np.load("first.npy") == np.load("again.npy")).all()
        assert (np.load("first.npy")[0, 0, 4:] * 255 == half[4:]).all()


def test_a_model_that_predicts_all_pixels_at_once_draws_in_fewer_steps_and_the_surest_first(
    here, capsys
):
    path = str(tiny_checkpoint(here, "ardm-class"))
    asked = {
        "plain": [],
        "quick": ["--steps", "5"],
        "certain": ["--steps", "5", "--order", "certain"],
        "guided": ["--steps", "5", "--condition", "1", "--guidance", "3"],
    }
    for out, options in asked.items():
        arguments = ["generate", path, "--count", "8", *options, "--out", f"{out}.npy"]
        result(capsys, *arguments)
    found = {np.load(f"{out}.npy").tobytes() for out in asked}
    assert len(found) == 4


def test_interrupted_drawing_keeps_what_was_drawn(here, capsys, monkeypatch):
    step, calls = Generation.step, iter(range(100))

    def until_ctrl_c(self: Generation, n: int = 1) -> int:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return step(self, n)

    monkeypatch.setattr(Generation, "step", until_ctrl_c)
    assert main(["generate", str(tiny_checkpoint(here)), "--out", "half.png"]) == 130
    out, err = capsys.readouterr()
    assert out == "half.png\n"
    assert "after 32 of 64 pixels" in err
    assert Path("half.png").exists()


def test_pictures_that_fit_no_memory_are_refused(here, capsys, monkeypatch):
    def full(*_: object) -> None:
        raise RuntimeError(
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 256 GB"
        )

    monkeypatch.setattr("studio.engine.generation.draft.noise_for", full)
    assert "not enough memory" in complaint(capsys, "generate", str(tiny_checkpoint(here)))


@pytest.mark.parametrize(
    ("names", "asked", "wanted"),
    [
        (("7", "0", "1"), "1", 2),
        (("Cat", "dog", "Dog"), "cat", 0),
        (("Cat", "dog", "Dog"), "dog", 1),
        (("cat", "dog", "owl"), "2", 2),
    ],
    ids=["a number that is a name", "other letters", "the exact name", "a number that is none"],
)
def test_a_condition_is_the_name_of_a_class_before_it_is_a_number(
    here, capsys, names, asked, wanted
):
    path = str(tiny_checkpoint(here, "gated-pixelcnn-class", config={"class_names": names}))
    result(capsys, "generate", path, "--condition", asked, "--out", "asked.npy")
    result(capsys, "generate", path, "--condition", names[wanted], "--out", "wanted.npy")
    np.testing.assert_array_equal(np.load("asked.npy"), np.load("wanted.npy"))


def test_where_classes_are_called_by_numbers_another_number_is_refused(here, capsys):
    config = {"class_names": ("7", "0", "1")}
    path = str(tiny_checkpoint(here, "gated-pixelcnn-class", config=config))
    assert "there are 7, 0, 1" in complaint(capsys, "generate", path, "--condition", "2")


def test_more_pictures_than_fit_into_memory_are_refused_unless_wanted_anyway(
    here, capsys, monkeypatch
):
    path, out = tiny_checkpoint(here), "a.png"
    loaded = checkpoints.load(path)
    monkeypatch.setattr(checkpoints, "load", lambda *_: loaded)
    monkeypatch.setattr("studio.engine.generation.room._SMALL", 0)
    monkeypatch.setattr("studio.engine.runtime.memory.free", lambda device: 1)
    said = complaint(capsys, "generate", str(path), "--out", out)
    assert "Drawing a picture of" in said
    assert said.endswith("With --anyway it is tried all the same.\n")
    assert result(capsys, "generate", str(path), "--out", out, "--anyway") == out


def test_decoded_in_parallel_the_same_is_drawn_in_passes(here, capsys):
    path = str(tiny_checkpoint(here))
    found = []
    for decoder in ("sequential", "parallel"):
        options = ("--count", "2", "--seed", "5", "--decode", decoder, "--json")
        said = json.loads(result(capsys, "generate", path, *options, "--out", "drawn.npy"))
        found.append((np.load("drawn.npy"), said.get("passes")))
    (one_by_one, none), (at_once, passes) = found
    assert (at_once == one_by_one).all()
    assert none is None
    assert 1 < passes < SIZE * SIZE


@pytest.mark.parametrize(("name", "why"), [("ardm", "fewer steps"), ("autoencoder", "generate")])
def test_what_cannot_be_decoded_in_parallel_says_why(here, capsys, name, why):
    path = str(tiny_checkpoint(here, name))
    assert why in complaint(capsys, "generate", path, "--decode", "parallel", "--out", "a.png")


def test_by_itself_it_is_decoded_by_what_was_measured_to_be_the_fastest(here, capsys, monkeypatch):
    path = str(tiny_checkpoint(here))
    monkeypatch.setattr(decoder_choice, "folder", lambda: here / "decoders")
    ways = {"sequential": lambda *_: 0.2, "parallel": lambda *_: 0.1, "graph": lambda *_: 0.15}
    monkeypatch.setattr(decoder_choice, "_MEASURED_BY", ways)

    def passes(*options: str) -> int | None:
        command = ("generate", path, *options, "--json", "--out", "drawn.png")
        return json.loads(result(capsys, *command)).get("passes")

    assert passes() is None
    chosen = json.loads(result(capsys, "bench", "--choose", "--models", path, "--quick", "--json"))
    assert chosen["choices"][path][0]["decoder"] == "parallel"
    in_parallel = passes("--decode", "parallel")
    assert in_parallel is not None
    assert in_parallel > 1
    assert passes() == passes("--decode", "auto") == in_parallel
    assert passes("--decode", "sequential") is None
    with Image.open("drawn.png") as image:
        assert "Decoder" not in image.text  # type: ignore[attr-defined]


def test_captured_steps_draw_the_same(here, capsys):
    path = str(tiny_checkpoint(here))
    scene = Scene(reference_to(Path(path)), SamplingOptions(seed=5, decode="graph"))
    Path("kept.scene.json").write_text(as_text(scene))
    ways = {
        "a.npy": ("--scene", "kept.scene.json"),
        "b.npy": ("--seed", "5"),
        "c.npy": ("--seed", "5", "--decode", "graph"),
    }
    for out, options in ways.items():
        result(capsys, "generate", path, *options, "--out", out)
    assert (np.load("a.npy") == np.load("b.npy")).all()
    assert (np.load("c.npy") == np.load("b.npy")).all()
