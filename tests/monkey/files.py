"""What the monkey opens: good files of every kind, and bad ones, all made here and all small."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from studio.engine.checkpoints.cards import shipped
from studio.engine.scenes.carried import carry, save_scene
from studio.engine.scenes.document import as_document
from studio.engine.scenes.packed import packed
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene
from tests.tiny import tiny_checkpoint, tiny_data, tiny_sounds, tiny_voice

_TINY = ("made", "made-any-order", "gated-pixelcnn-class", "gated-pixelcnn-map", "autoencoder")


@dataclass(frozen=True)
class Files:
    """folder: where what is saved goes.
    checkpoints: good ones. others: pictures, sounds and arrays that can be read. bad: what cannot.
    scenes: files that carry one, good ones and such as fit no model.
    pictures, sounds: what can be learnt from."""

    folder: Path
    checkpoints: list[Path]
    others: list[Path]
    bad: list[Path]
    scenes: list[Path]
    pictures: Path
    sounds: Path

    @property
    def all(self) -> list[Path]:
        return [*self.checkpoints, *self.others, *self.bad, *self.scenes]


def make_files(folder: Path) -> Files:
    """Writes them all."""
    saved = folder / "saved"
    saved.mkdir()
    tiny = [tiny_checkpoint(folder, name) for name in _TINY]
    tiny.append(tiny_checkpoint(folder, "pixelcnn", levels=16, channels=3))
    tiny += [tiny_voice(folder, name) for name in ("wavenet", "wavenet-mel")]
    sounds = tiny_sounds(folder)
    return Files(
        folder=saved,
        checkpoints=[*shipped().values(), *tiny],
        others=[*_pictures(folder), *_recordings(folder)],
        bad=_bad(folder, tiny[0]),
        scenes=_scenes(folder, [*shipped().values(), *tiny]),
        pictures=tiny_data(folder),
        sounds=sounds,
    )


def _pictures(folder: Path) -> list[Path]:
    random = np.random.default_rng(1)
    found = []
    for name, shape in {"digit": (28, 28), "small": (8, 8), "wide": (200, 333)}.items():
        for suffix in (".png", ".jpg"):
            found.append(folder / f"{name}{suffix}")
            Image.fromarray(random.integers(0, 256, shape, np.uint8)).save(found[-1])
    colour = folder / "colour.png"
    Image.fromarray(random.integers(0, 256, (32, 32, 4), np.uint8)).save(colour)
    array = folder / "spectrogram.npy"
    np.save(array, random.random((120, 40), np.float32))
    return [*found, colour, array]


def _recordings(folder: Path) -> list[Path]:
    random = np.random.default_rng(2)
    found = []
    for name, rate, seconds in (("short.wav", 8000, 0.05), ("long.flac", 44_100, 4.0)):
        found.append(folder / name)
        soundfile.write(found[-1], random.uniform(-0.3, 0.3, round(rate * seconds)), rate)
    return found


def _scenes(folder: Path, checkpoints: list[Path]) -> list[Path]:
    """Of every model, alone and in a picture; one whose parts fit nothing, and a damaged one."""
    found = []
    for number, path in enumerate(checkpoints):
        position = None if number % 2 else 5
        scene = Scene(reference_to(path), position=position).with_options(count=2, seed=number)
        found.append(folder / f"{path.stem}-{number}.scene.json")
        save_scene(scene, found[-1])
        if number < 3:
            found.append(folder / f"scene-{number}.png")
            Image.new("L", (28, 28)).save(found[-1])
            carry(found[-1], scene)
    strange = as_document(Scene(reference_to(checkpoints[0])))
    strange |= {"chosen": 99, "position": 10**9, "changes": [[7, 10**6, [255]], [0, 3, [9, 9]]]}
    strange["options"] |= {"method": "none", "order": [3, 1], "condition": 77, "top_k": 10**6}
    strange["evidence"] = {
        "known": packed(np.ones((3, 5), np.bool_)),
        "values": packed(np.full((4, 3, 5), 255, np.uint8)),
    }
    parts = ("page", "overlay", "speed", "enlarged", "sound", "branches", "grid", "stage", "lesson")
    strange["view"] = {name: [None, {"a": -1}] for name in parts}
    text = json.dumps(strange)
    for name, content in (("strange", text), ("cut", text[: len(text) // 2])):
        found.append(folder / f"{name}.scene.json")
        found[-1].write_text(content)
    return found


def _bad(folder: Path, checkpoint: Path) -> list[Path]:
    whole = checkpoint.read_bytes()
    header = json.dumps({"__metadata__": {"card": "{]"}}).encode()
    contents = {
        "nothing.safetensors": b"",
        "cut.safetensors": whole[: len(whole) // 2],
        "damaged.safetensors": struct.pack("<Q", len(header)) + header,
        "pickle.safetensors": b"\x80\x04K\x01.",
        "nothing.png": b"",
        "cut.png": (folder / "digit.png").read_bytes()[:100],
        "text.png": b"no picture",
        "cut.npy": (folder / "spectrogram.npy").read_bytes()[:60],
        "nothing.wav": b"",
        "cut.wav": (folder / "short.wav").read_bytes()[:30],
        "text.flac": b"no sound",
        "song.mp3": b"no sound either",
        "notes.txt": b"nothing for the studio",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [*(folder / name for name in contents), folder / "not there.png", folder]
