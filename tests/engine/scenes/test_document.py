"""A scene as a document: nothing is lost on the way, and nothing is misread."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.gap import Gap
from studio.engine.generation.changes import Change
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretch
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.document import (
    MIGRATIONS,
    as_document,
    as_text,
    from_document,
    from_text,
    is_scene,
)
from studio.engine.scenes.scene import ModelReference, Scene, Sound


def a_scene() -> Scene:
    """One in which every field says something."""
    picture = np.random.default_rng(3)
    known = picture.random((5, 7)) < 0.4
    return Scene(
        model=ModelReference("gated-pixelcnn", "sha256:" + "0f" * 32),
        options=SamplingOptions(
            count=4,
            seed=2**63,
            temperature=0.7,
            condition=3,
            order=(2, 0, 1),
            particles=64,
            decode="parallel",
        ),
        evidence=Evidence(picture.integers(0, 2, (1, 5, 7)).astype(np.uint8) * known, known),
        changes=(Change(0, 3, (1,)), Change(2, 34, (0,))),
        position=20,
        earlier=(Stretch(5, (2.0, 3, 0.5)), Stretch(9, (0.0, 0, 1.0))),
        chosen=2,
        sound=Sound(
            beginning=picture.integers(0, 256, (2, 50)).astype(np.uint8),
            rate=8000,
            filled=(Gap(3, 9),),
            spectrogram=picture.random((4, 3)).astype(np.float32),
            seconds=2.5,
            take=1,
        ),
        view={"overlay": "uncertainty", "speed": None},
        title="Half a four",
        unknown={"weather": ["rain", {"wind": 3}]},
    )


def test_a_scene_comes_back_as_it_was():
    scene = a_scene()

    back = from_text(as_text(scene))

    assert back == scene
    assert back.options == scene.options
    assert back.changes == scene.changes
    assert back.evidence is not None
    assert scene.evidence is not None
    assert back.sound is not None
    assert scene.sound is not None
    np.testing.assert_array_equal(back.evidence.values, scene.evidence.values)
    np.testing.assert_array_equal(back.sound.spectrogram, scene.sound.spectrogram)


def test_a_field_of_a_later_studio_is_kept():
    document = as_document(a_scene()) | {"lens": {"zoom": 2}}

    assert as_document(from_document(document))["lens"] == {"zoom": 2}


@pytest.mark.parametrize(
    "field", ["options", "evidence", "changes", "earlier", "sound", "view", "model"]
)
def test_what_is_not_said_is_as_usual(field: str):
    document = as_document(replace(a_scene(), model=ModelReference("made")))
    del document[field]

    if field == "model":
        with pytest.raises(StudioError, match="its model's name is not what it should be"):
            from_document(document)
    else:
        assert getattr(from_document(document), field) == getattr(
            Scene(ModelReference("made")), field
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 0},
        {"version": "1"},
        {"position": -1},
        {"position": 1.5},
        {"chosen": True},
        {"options": {"seed": 2**64}},
        {"options": {"temperature": "hot"}},
        {"options": {"temperature": -0.1}},
        {"options": {"count": 0}},
        {"options": {"top_p": 0}},
        {"options": {"particles": 10**6}},
        {"options": []},
        {"options": {"chosen_takes": 3}},
        {"options": {"chosen_takes": [1024]}},
        {"changes": [[0, 1]]},
        {"changes": [[0, 1, [300]]]},
        {"evidence": {"known": 3}},
        {"sound": {"filled": [1]}},
        {"earlier": [[1, 2.0, 0]]},
        {"earlier": [[1, -2.0, 0, 1.0]]},
        {"title": "t" * 2000},
        {"view": 3},
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_refused(changed: dict):
    with pytest.raises(StudioError, match=r"^The scene.*\.$") as refused:
        from_document(as_document(a_scene()) | changed)
    assert str(refused.value).count(". ") == 0


def test_a_later_version_is_told_from_a_damaged_one():
    with pytest.raises(StudioError, match=r"version 9, made by studio 9\.1"):
        from_document(as_document(a_scene()) | {"version": 9, "studio": "9.1"})


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"format": "other"}', "[" * 100_000])
def test_other_text_is_no_scene(text: str):
    with pytest.raises(StudioError, match="The scene cannot be read"):
        from_text(text)


def test_an_array_larger_than_it_may_be_is_told_before_it_is_unpacked():
    document = json.loads(as_text(a_scene()))
    document["sound"]["beginning"]["shape"] = [2**40]

    with pytest.raises(StudioError, match="larger than 64 MiB"):
        from_document(document)


def test_a_document_of_an_earlier_version_is_migrated(monkeypatch: pytest.MonkeyPatch):
    """As if version 0 had called the options "sampling", and the temperature "heat"."""

    def from_0(document: dict) -> None:
        document["options"] = document.pop("sampling")
        document["options"]["temperature"] = document["options"].pop("heat")

    monkeypatch.setitem(MIGRATIONS, 0, from_0)
    document = as_document(a_scene()) | {"version": 0, "lens": 2}
    document["sampling"] = document.pop("options")
    document["sampling"]["heat"] = document["sampling"].pop("temperature")

    back = from_document(document)

    assert back.options == a_scene().options
    assert as_document(back) == as_document(a_scene()) | {"lens": 2}


def test_what_is_meant_to_be_a_scene_is_told_from_other_texts():
    assert is_scene(as_text(a_scene()))
    assert is_scene("\n" + as_text(a_scene(), indent=2)[:-1])
    assert not is_scene('{"nodes": []}')
    assert not is_scene("An autoregressive-studio scene is a document.")


def test_a_number_longer_than_any_is_refused_in_one_sentence():
    document = as_document(a_scene())
    document["options"]["temperature"] = 10**400

    with pytest.raises(StudioError, match=r"its temperature is not what it should be\.$"):
        from_document(document)


def test_half_a_character_from_elsewhere_does_not_keep_a_scene_from_being_written():
    scene = from_text(json.dumps(as_document(a_scene()) | {"lens": "\ud800"}))

    assert json.loads(as_text(scene).encode())["lens"] == "?"


@pytest.mark.parametrize("seconds", [-1, 1e300])
def test_a_sound_of_a_length_that_none_has_is_refused(seconds: float):
    document = as_document(a_scene()) | {"sound": {"seconds": seconds}}

    with pytest.raises(StudioError, match="its seconds is not"):
        from_document(document)
