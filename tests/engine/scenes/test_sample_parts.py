"""Very many samples in parts: the same whoever draws them, and none is drawn twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.interface import AutoregressiveModel, Spectrogram
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.exporting import save_samples
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions
from studio.engine.media.parts import Parts
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.shards import Shard
from studio.engine.scenes import sample_parts
from studio.engine.scenes.carried import carried_in
from studio.engine.scenes.document import as_text
from studio.engine.scenes.drawing import drawn, end_of_sound, rendering_of
from studio.engine.scenes.scene import ModelReference, Scene, Sound
from tests.models.test_wavenet_audio import KINDS
from tests.models.test_wavenet_audio import small as small_voice
from tests.models.zoo import small, small_of_any_kind

COUNT = 11


@pytest.fixture(autouse=True)
def few_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six of them."""
    monkeypatch.setattr(sample_parts, "_LEAST_PARTS", 4)


@pytest.fixture(scope="module")
def model() -> AutoregressiveModel:
    return small("made", levels=4, hidden=8)


def scene(**options: Any) -> Scene:
    return Scene(ModelReference("made"), SamplingOptions(count=COUNT, seed=5, **options))


def sounding(**options: Any) -> Scene:
    asked = scene(**options)
    return replace(asked, model=ModelReference("wavenet"), sound=Sound(seconds=0.02))


def by_shards(folder: Path, model: AutoregressiveModel, of: int, asked: Scene) -> Parts:
    """All of them, the last one first."""
    for number in range(of, 0, -1):
        shard = Shard(number, of)
        parts = sample_parts.begin(folder, asked, model, shard)
        sample_parts.draw(parts, shard, asked, model)
    return parts


def test_an_order_that_depends_on_all_samples_together_is_refused(
    tmp_path: Path,
) -> None:
    asked = scene(order=CERTAIN)
    with pytest.raises(StudioError, match="a picture depends on those that are drawn with it"):
        sample_parts.begin(tmp_path / "parts", asked, small("ardm"), Shard(1, 2))


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_joined_they_are_the_file_that_one_drawing_would_have_made(
    tmp_path: Path, model: AutoregressiveModel, suffix: str
) -> None:
    asked = scene(temperature=0.7)
    parts = by_shards(tmp_path / "parts", model, 3, asked)
    sample_parts.join(parts, tmp_path / f"joined{suffix}")
    save_samples(drawn(asked, model).values, 4, tmp_path / f"once{suffix}", scene=as_text(asked))
    joined, once = (np.load(tmp_path / f"{name}{suffix}") for name in ("joined", "once"))
    if suffix == ".npz":
        joined, once = joined["arr_0"], once["arr_0"]
    np.testing.assert_array_equal(joined, once)
    assert carried_in(tmp_path / f"joined{suffix}") == asked


def test_how_many_shards_there_are_changes_no_part(
    tmp_path: Path, model: AutoregressiveModel
) -> None:
    one, three = (by_shards(tmp_path / f"{of}", model, of, scene()) for of in (1, 3))
    assert one.count == three.count > 3
    for number in range(one.count):
        part = one.part(number)
        for name, values in one.read(part).items():
            np.testing.assert_array_equal(three.read(part)[name], values)


def test_a_part_can_be_drawn_again_from_the_scene_that_it_carries(
    tmp_path: Path, model: AutoregressiveModel
) -> None:
    parts = by_shards(tmp_path / "parts", model, 1, scene())
    part = parts.part(parts.count - 1)
    carried = carried_in(parts.folder / part.file)
    assert carried is not None
    film = drawn(carried, model)
    assert isinstance(film, Generation)
    np.testing.assert_array_equal(film.values, parts.read(part)[sample_parts.SAMPLES])
    np.testing.assert_allclose(film.nats.sum(1), parts.read(part)[sample_parts.NATS], rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_takes_of_sound_are_those_that_are_made_at_once(tmp_path: Path, kind: str) -> None:
    model, asked = small_voice(**KINDS[kind]), sounding()
    if isinstance(model.conditioning, Spectrogram):
        mels = np.random.default_rng(0).random((3, model.conditioning.mels), np.float32)
        asked = replace(asked, sound=Sound(spectrogram=mels))
    one, three = (by_shards(tmp_path / f"{of}", model, of, asked) for of in (1, 3))
    assert one.count == three.count == 6
    rendering = rendering_of(asked, model, scored=True)
    rendering.run(end_of_sound(asked, rendering))
    for parts in (one, three):
        found = [parts.read(parts.part(number)) for number in range(parts.count)]
        codes = np.concatenate([each[sample_parts.SAMPLES] for each in found])
        np.testing.assert_array_equal(codes, rendering.codes)
        nats = np.concatenate([each[sample_parts.NATS] for each in found])
        np.testing.assert_allclose(nats, rendering.nats, rtol=1e-4)
    sample_parts.join(three, tmp_path / "all.npz")
    np.testing.assert_array_equal(np.load(tmp_path / "all.npz")["arr_0"], rendering.codes)
    assert carried_in(tmp_path / "all.npz") == asked
    carried = carried_in(three.folder / three.part(2).file)
    assert carried is not None
    again = rendering_of(carried, model)
    again.run(end_of_sound(carried, again))
    np.testing.assert_array_equal(again.codes, rendering.codes[4:6])


def test_a_shard_that_was_interrupted_goes_on_with_what_is_missing(
    tmp_path: Path, model: AutoregressiveModel
) -> None:
    whole = Shard(1, 1)
    parts = sample_parts.begin(tmp_path / "parts", scene(), model, whole)

    def until_ctrl_c(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_parts.draw(parts, whole, scene(), model, until_ctrl_c)
    there = {path: path.stat().st_mtime_ns for path in parts.folder.glob("part-*")}
    assert 0 < len(there) < parts.count
    assert sample_parts.draw(parts, whole, scene(), model) == parts.count - len(there)
    assert {path: path.stat().st_mtime_ns for path in there} == there, "not drawn again"
    assert not parts.missing()
    assert sample_parts.draw(parts, whole, scene(), model) == 0


def test_a_part_is_as_large_as_memory_allows_on_any_machine(
    tmp_path: Path, model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    for number, count in enumerate((10**5, 1000, 10, 1)):
        asked = scene().with_options(count=count)
        parts = sample_parts.begin(tmp_path / f"{number}", asked, model, Shard(1, 1))
        sizes.append(parts.size)
    monkeypatch.setattr(sample_parts, "is_small", lambda *_: False)
    monkeypatch.setattr(sample_parts, "room", lambda model, count: count * 2.0**28)
    parts = sample_parts.begin(
        tmp_path / "large", scene().with_options(count=10**5), model, Shard(1, 1)
    )
    assert [*sizes, parts.size] == [1024, 128, 2, 1, 8]


def test_what_is_not_drawn_from_nothing_is_refused(
    tmp_path: Path, model: AutoregressiveModel
) -> None:
    evidence = Evidence(np.zeros((1, 7, 6), np.uint8), np.zeros((7, 6), bool))
    given = replace(scene(), evidence=evidence)
    for of, asked, sentence in (
        (model, given, "in this scene something is given"),
        (small_voice(), replace(sounding(), sound=Sound(np.zeros(9, np.uint8))), "is given"),
        (small_voice(), sounding(chosen_takes=(2,)), "some of them are chosen"),
        (small_of_any_kind("autoencoder"), scene(), "cannot generate"),
        (model, scene(first=2**31 - 1), "A seed has"),
    ):
        with pytest.raises(StudioError, match=sentence):
            sample_parts.begin(tmp_path / "parts", asked, of, Shard(1, 1))
    assert not (tmp_path / "parts").exists()


def test_what_cannot_be_joined_says_why(tmp_path: Path, model: AutoregressiveModel) -> None:
    shard = Shard(1, 2)
    parts = sample_parts.begin(tmp_path / "parts", scene(), model, shard)
    sample_parts.draw(parts, shard, scene(), model)
    with pytest.raises(StudioError, match="run --shard 2/2 again"):
        sample_parts.join(parts, tmp_path / "all.npz")
    with pytest.raises(StudioError, match=r"choose \.npy or \.npz"):
        sample_parts.join(parts, tmp_path / "all.png")
    for part in parts.missing():
        parts.write(part, {sample_parts.SAMPLES: np.zeros((1, 1), np.uint8)})
    with pytest.raises(StudioError, match="does not hold what the index says"):
        sample_parts.join(parts, tmp_path / "all.npz")
    assert not (tmp_path / "all.npz").exists()
    with pytest.raises(StudioError, match="no samples, but scores"):
        sample_parts.scene_of(replace(parts, kind="scores"))
