"""What a window keeps is found when it is gone, by one process at a time; not while it lives."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from studio.engine.editing.painting import Painting
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.autosave import Autosave, find, tidy
from studio.engine.scenes.kept_session import KeptSession

REPOSITORY = Path(__file__).parents[3]
KILLED = """
import os, sys, time
from pathlib import Path
from studio.engine.editing.painting import Painting
from studio.engine.scenes.autosave import Autosave
from studio.engine.scenes.kept_session import KeptSession
own = Autosave(Path(sys.argv[1]))
own.write(KeptSession(painting=Painting(1, 4, 4, 2).history, page="stage"))
print("written", flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), 9)
sys.stdin.read()
"""
SESSION = KeptSession(painting=Painting(1, 4, 4, 2).history, page="stage")


def another_process(folder: Path, then: str) -> subprocess.Popen[str]:
    """Keeps a session, and dies or waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), then],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


def names(folder: Path) -> list[str]:
    return sorted(path.name.partition(".")[2] for path in folder.iterdir())


def test_what_a_killed_process_kept_is_found_once_and_read(tmp_path: Path) -> None:
    process = another_process(tmp_path, "die")
    process.communicate()
    left = find(tmp_path, closed=False)
    assert left is not None
    assert left.ended_by_itself
    assert left.read().page == "stage"
    assert find(tmp_path) is None, "it belongs to who has found it"
    left.let_go()
    again = find(tmp_path)
    assert again is not None
    again.remove()
    assert names(tmp_path) == []


def test_what_a_living_process_keeps_is_not_found(tmp_path: Path) -> None:
    with another_process(tmp_path, "live") as process:
        tidy(tmp_path, none=True)
        assert find(tmp_path) is None
        assert names(tmp_path) == ["lock", "open.json"]
        process.communicate("")
    left = find(tmp_path)
    assert left is not None
    left.let_go()


def test_what_was_closed_is_not_offered_but_can_be_asked_for(tmp_path: Path) -> None:
    own = Autosave(tmp_path)
    own.write(SESSION)
    own.close()
    assert find(tmp_path, closed=False) is None
    left = find(tmp_path)
    assert left is not None
    assert not left.ended_by_itself
    assert left.read().painting is not None
    left.let_go()


@pytest.mark.parametrize("closed", [False, True])
def test_what_is_open_again_is_kept_under_its_own_name(tmp_path: Path, closed: bool) -> None:
    another_process(tmp_path, "die").communicate()
    left = find(tmp_path)
    assert left is not None
    if closed:
        left.put_by()
        left = find(tmp_path)
        assert left is not None
    own = Autosave(left=left)
    assert len(names(tmp_path)) == 2, "nothing is lost before it is written anew"
    own.write(KeptSession(page="start"))
    assert names(tmp_path) == ["lock", "open.json"]
    assert find(tmp_path) is None
    own.close()
    again = find(tmp_path)
    assert again is not None
    assert again.read().page == "start"
    again.let_go()


def test_what_was_put_by_is_not_offered_again(tmp_path: Path) -> None:
    another_process(tmp_path, "die").communicate()
    left = find(tmp_path, closed=False)
    assert left is not None
    left.put_by()
    assert find(tmp_path, closed=False) is None
    again = find(tmp_path)
    assert again is not None
    again.let_go()


def test_the_one_that_was_written_last_is_found_first(tmp_path: Path) -> None:
    for page, age in (("start", 50), ("stage", 10), ("start", 90)):
        own = Autosave(tmp_path)
        own.write(KeptSession(page=page))
        own.close()
        path = max(tmp_path.glob("*.json"), key=lambda path: path.stat().st_mtime)
        os.utime(path, times=(time.time() - age,) * 2)
    left = find(tmp_path)
    assert left is not None
    assert left.read().page == "stage"
    left.let_go()


def test_a_window_that_kept_nothing_leaves_nothing(tmp_path: Path) -> None:
    Autosave(tmp_path).close()
    assert names(tmp_path) == []
    own = Autosave(tmp_path)
    own.write(SESSION)
    assert len(names(tmp_path)) == 2
    own.discard()
    assert names(tmp_path) == []


def test_old_sessions_locks_and_half_written_files_are_cleared(tmp_path: Path) -> None:
    for _ in range(6):
        own = Autosave(tmp_path)
        own.write(SESSION)
        own.close()
    kept = next(tmp_path.glob("*.json"))
    (tmp_path / f".{kept.stem}.part-abc.json").write_text("half")
    for name, age in (("20200101-1-a.lock", 3600), ("20200101-2-b.lock", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, times=(time.time() - age,) * 2)
    (tmp_path / ".20200101-1-a.open.part-x.json").write_text("half")
    tidy(tmp_path)
    assert len(list(tmp_path.glob("*.closed.json"))) == 3
    assert [path.name for path in tmp_path.glob(".*")] in ([], [f".{kept.stem}.part-abc.json"])
    assert not (tmp_path / "20200101-1-a.lock").exists()
    assert (tmp_path / "20200101-2-b.lock").exists(), "a window may be opening"
    tidy(tmp_path, none=True)
    assert list(tmp_path.glob("*.json")) == []


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "20200101-1-a.open.json").write_bytes(b"\xff\xfe")
    left = find(tmp_path)
    assert left is not None
    with pytest.raises(StudioError, match="damaged"):
        left.read()
    left.remove()


def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Autosave(tmp_path)
    own.write(SESSION)
    (kept,) = tmp_path.glob("*.open.json")
    before = kept.read_bytes()
    monkeypatch.setattr("studio.engine.scenes.autosave.MOST_CHARACTERS", len(before) - 1)
    with pytest.raises(StudioError, match="can be read again"):
        own.write(replace(SESSION, page="stage of another"))
    assert kept.read_bytes() == before
    own.close()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StudioError, match="cannot be written"):
        Autosave(tmp_path / "file" / "sessions")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert find(tmp_path / "missing") is None
    tidy(tmp_path / "missing")
