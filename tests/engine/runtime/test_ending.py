"""The process ends in order, also while a thread still works."""

from __future__ import annotations

import subprocess
import sys

WORKING = """
import atexit, threading, time
from studio.engine.runtime.ending import end
atexit.register(print, "tidied up")
if {works}:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
end(5)
print("returned")
"""


def ended(works: bool) -> tuple[int, str]:
    code = WORKING.format(works=works)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_while_a_thread_works_the_process_ends_at_once_and_is_tidy() -> None:
    assert ended(works=True) == (5, "tidied up\n")


def test_else_it_goes_on_as_usual() -> None:
    assert ended(works=False) == (0, "returned\ntidied up\n")
