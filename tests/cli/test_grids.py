"""`studio grid`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.interface import AutoregressiveModel
from studio.cli import main
from studio.cli.recalling import scene_in
from studio.engine import checkpoints
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.media.levels import level
from studio.engine.media.recordings import read_recording
from studio.engine.scenes.axes import axis
from studio.engine.scenes.document import as_text
from studio.engine.scenes.plan import plan_in, plan_of
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene
from tests.cli.commands import complaint, result
from tests.engine.drawings import finished
from tests.tiny import SIZE, tiny_checkpoint, tiny_voice


def test_a_sheet_has_what_each_scene_cost_and_took(here, capsys):
    place = tiny_checkpoint(here)

    said = result(capsys, "grid", str(place), "--axis", "temperature=0.5,1,2", "--out", "a.png")

    header, *rows, file = said.splitlines()
    assert header.split() == ["SCENE", "BITS", "SECONDS", "PIXELS/S"]
    assert [row.rsplit(maxsplit=3)[0] for row in rows] == [
        "temperature 0.5",
        "temperature 1",
        "temperature 2",
    ]
    assert file == "a.png"
    with Image.open("a.png") as sheet:
        assert sheet.width > 2 * sheet.height


def test_two_axes_of_families_and_classes_as_one_document(here, capsys):
    place, other = (
        tiny_checkpoint(here, "gated-pixelcnn-class"),
        tiny_checkpoint(here, "ardm-class"),
    )
    axes = ("--axis", f"model={place},{other}", "--axis", "class=b,a")

    found = json.loads(result(capsys, "grid", str(place), *axes, "--seed", "4", "--json"))

    assert found["file"] == "tiny-gated-pixelcnn-class-4-grid.png"
    assert found["columns"] == 2
    titles = [cell["title"] for cell in found["cells"]]
    assert titles[0] == "tiny-gated-pixelcnn-class, class b"
    assert titles[3] == "tiny-ardm-class, class a"
    model = checkpoints.load(place)
    assert isinstance(model, AutoregressiveModel)
    alone = finished(model, SamplingOptions(seed=4, condition=1))
    other_class = finished(model, SamplingOptions(seed=4, condition=0))
    assert found["cells"][2]["differs"] == pytest.approx((alone != other_class).mean())
    for cell in found["cells"]:
        assert cell["position"] == SIZE * SIZE
        assert cell["bits"] > 0
        assert cell["seconds"] > 0
        assert cell["sites_per_second"] > 0


def test_what_is_given_is_given_to_all(here, capsys):
    place = tiny_checkpoint(here)
    Image.fromarray(np.eye(SIZE, dtype=np.uint8) * 255).save("given.png")
    options = ("--image", "given.png", "--mask", "top", "--axis", "method=clamp,smc")

    found = json.loads(result(capsys, "grid", str(place), *options, "--out", "a.png", "--json"))

    plan = plan_in(scene_in(Path("a.png")))
    assert plan is not None
    scenes = plan.scenes
    assert len(found["cells"]) == len(scenes) == 2
    assert all(scene.evidence is not None for scene in scenes)


@pytest.mark.parametrize("more", [[], ["--race"]])
@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_a_film_of_all_being_drawn(here, capsys, suffix, more):
    place, out = tiny_checkpoint(here), f"film{suffix}"

    command = ["grid", str(place), "--axis", "seed=1,2", "--speed", "400", "--out", out, *more]

    assert result(capsys, *command).endswith(out)
    assert Path(out).stat().st_size > 1000


def test_with_differences_it_is_another_sheet(here, capsys):
    place = tiny_checkpoint(here)
    sizes = []
    for more in ([], ["--difference"]):
        result(capsys, "grid", str(place), "--axis", "seed=1,2", "--out", "a.png", *more)
        with Image.open("a.png") as sheet:
            sizes.append(sheet.height)
    assert sizes[1] > 1.5 * sizes[0]


def test_what_does_not_fit_is_said_and_the_rest_is_drawn(here, capsys):
    place, voice = tiny_checkpoint(here), tiny_voice(here)

    status = main(["grid", str(place), "--axis", f"model={place},{voice}", "--out", "a.png"])

    out, err = capsys.readouterr()
    assert status == 0
    assert "tiny-wavenet: wavenet makes sound, and this is about pictures." in err
    assert out.endswith("a.png\n")


def test_it_begins_with_a_scene(here, capsys):
    place = tiny_checkpoint(here)
    scene = Scene(reference_to(place), SamplingOptions(count=3, seed=7))
    Path("kept.scene.json").write_text(as_text(scene), encoding="utf-8")

    given = ("--axis", "temperature=0.5,1")
    result(capsys, "grid", str(place), "--scene", "kept.scene.json", *given, "--out", "a.png")

    plan = plan_in(scene_in(Path("a.png")))
    assert plan is not None
    scenes = plan.scenes
    assert [one.options.seed for one in scenes] == [7, 7]
    assert [one.options.count for one in scenes] == [3, 3]


def test_takes_of_sound_are_written_in_turn_and_equally_loud(here, capsys):
    voice = str(tiny_voice(here))
    given = ("--axis", "temperature=0.3,1", "--seconds", "0.3")

    found = json.loads(result(capsys, "grid", voice, *given, "--json", "--out", "turns.wav"))

    recording = read_recording(Path("turns.wav"))
    assert recording.rate == 1000
    assert len(recording.samples) == 300 + 400 + 300
    first, second = recording.samples[:300], recording.samples[-300:]
    assert abs(level(first) - level(second)) < 0.5
    assert [take["dbfs"] for take in found["takes"]] == pytest.approx(
        [level(first), level(second)], abs=0.1
    )


def test_a_grid_is_drawn_again_from_its_scene(here, capsys):
    place = tiny_checkpoint(here)
    plan = plan_of(Scene(reference_to(place), SamplingOptions(seed=7)), axis("temperature=0.5,1,2"))
    Path("kept.scene.json").write_text(as_text(plan.as_scene), encoding="utf-8")

    again = result(capsys, "grid", str(place), "--scene", "kept.scene.json", "--json")

    assert [cell["title"] for cell in json.loads(again)["cells"]] == list(plan.titles)


def test_sound_is_no_sheet(here, capsys):
    given = ("--axis", "seed=1,2")
    said = complaint(capsys, "grid", str(tiny_voice(here)), *given, "--out", "a.png")
    assert "choose .wav or .flac" in said


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ([], "Say with --axis in what the scenes differ"),
        (["--axis", "seed=1"], "A grid has 2 to 16 scenes, and these would be 1"),
        (["--axis", "weather=1,2"], "There is no axis"),
        (["--axis", "seed=1,2", "--axis", "seed=3,4"], "Both axes are"),
        (["--axis", "class=1,2"], "None of these scenes can be drawn"),
        (["--axis", "seed=1,2", "--out", "a.npy"], "choose .png, .gif or .mp4"),
        (["--axis", "seed=1,2", "--scene", "gone.scene.json"], "gone.scene.json"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(here, capsys, options, wrong):
    place = str(tiny_checkpoint(here))
    if wrong.startswith("None"):
        assert main(["grid", place, *options]) == 2
        assert wrong in capsys.readouterr().err
    else:
        assert wrong in complaint(capsys, "grid", place, *options)
    assert not list(Path().glob("*-grid.png"))
