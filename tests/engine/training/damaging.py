"""Resumes a run whose config.json or resume.safetensors was damaged by chance, for every seed that
is named: `python -m tests.engine.training.damaging RUN FOLDER BEGIN END`.

A program of its own, as what it may allocate is bounded. Prints what did not end in one sentence,
as JSON by the seed.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

MORE = 2**30  # bytes that may be allocated besides what is there when all is imported
_LARGEST = 2**20  # characters of a text
_WRONG: tuple[Any, ...] = (
    *(None, True, "", "x", [], {}, -1, 0, 1.5, 2**31, 2**63, 10**30, 1e308, -1e308),
    *(float("nan"), float("inf"), [[]], {"": None}, [1, 2, 3, 4, 5], [-1, -1, -1], [10**9] * 3),
    *("thresholded", "/dev/zero", "grey-999999999", "\x00", "<b>", "no-such-model"),
    "DEEP",
    "LONG",
)


def main() -> None:
    from studio.engine.runtime.errors import StudioError
    from studio.engine.runtime.jobs import State
    from studio.engine.training.trainer import Trainer
    from studio.engine.training.training_job import TrainingJob

    def resumed(run: Path) -> str:
        """What became of it: a sentence, or what it is that should not be."""
        try:
            job = TrainingJob(resume=run, device="cpu")
            job.start()
            if not job.join(20):
                job.cancel()
                return "not over after 20 s"
        except StudioError as error:
            return _odd(str(error))
        except BaseException:
            return traceback.format_exc()
        if job.state is State.FAILED:
            return _odd(job.message) if job.refused else str(job.error)
        return ""  # what was damaged does not matter

    Trainer._learn = lambda *_: True  # type: ignore[method-assign]  # nothing is learnt here
    run, folder = Path(sys.argv[1]), Path(sys.argv[2])
    begun = resumed(_copy(run, folder))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MORE, used + MORE))
    found = {"whole": begun} if begun else {}
    for seed in range(int(sys.argv[3]), int(sys.argv[4])):
        copy = _copy(run, folder)
        what = _damage(copy, random.Random(seed))
        if said := resumed(copy):
            found[f"{seed}: {what[:200]}"] = said
    print(json.dumps(found))


def _odd(sentence: str) -> str:
    """ "" for one short sentence; else what there is in its place."""
    there = sentence.endswith(".") and "\n" not in sentence and len(sentence) < 1000
    return "" if there and "memory for this" not in sentence else f"said: {sentence[:1000]}"


def _copy(run: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(run, folder)
    return folder


def _damage(run: Path, chance: random.Random) -> str:
    """Damages a file, and says how."""
    return chance.choice([_damage_config, _damage_numbers, _damage_bytes, _damage_bytes])(
        run, chance
    )


def _damage_config(run: Path, chance: random.Random) -> str:
    path = run / "config.json"
    document = json.loads(path.read_text())
    what = _damage_value(document, chance)
    path.write_text(json.dumps(document).replace('"DEEP"', "[" * 9000 + "]" * 9000))
    return f"config.json: {what}"


def _damage_numbers(run: Path, chance: random.Random) -> str:
    """In the header of resume.safetensors."""
    path = run / "resume.safetensors"
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    if chance.random() < 0.7:
        numbers = json.loads(header["__metadata__"]["numbers"])
        what = _damage_value(numbers, chance)
        text = json.dumps(numbers).replace('"DEEP"', "[" * 9000 + "]" * 9000)
        header["__metadata__"]["numbers"] = text
    else:
        what = _damage_value(header, chance)
    written = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(written)) + written + data[8 + size :])
    return f"resume.safetensors: {what}"


def _damage_value(document: Any, chance: random.Random) -> str:
    """One value, somewhere in it, becomes another, or is gone."""
    there, path = document, []
    while True:
        key = chance.choice([*there] if isinstance(there, dict) else range(len(there)))
        path.append(str(key))
        inner = there[key]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.85:
            there = inner
            continue
        if chance.random() < 0.1:
            del there[key]
            return f"{'.'.join(path)} is gone"
        new = chance.choice(_WRONG)
        there[key] = "x" * _LARGEST if new == "LONG" else new
        return f"{'.'.join(path)} is {str(new)[:60]!r}"


def _damage_bytes(run: Path, chance: random.Random) -> str:
    path = run / chance.choice(["config.json", "resume.safetensors"])
    data = bytearray(path.read_bytes())
    if chance.random() < 0.3:
        cut = chance.randrange(len(data))
        path.write_bytes(data[:cut])
        return f"{path.name} is cut after {cut} bytes"
    places = [chance.randrange(min(len(data), 4000)) for _ in range(chance.randint(1, 20))]
    for place in places:
        data[place] = chance.randrange(256)
    path.write_bytes(data)
    return f"{path.name} has other bytes at {places}"


if __name__ == "__main__":
    main()
