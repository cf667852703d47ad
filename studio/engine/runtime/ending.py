"""How the process ends while a thread is still in a long kernel: at once."""

from __future__ import annotations

import atexit
import os
import sys
import threading


def end(status: int) -> int:
    """Returns the exit status, unless a daemon thread still works: then the process ends here.

    Python would unwind such a thread where it wants the lock next. Below a C++ function that throws
    nothing, as torch's are, that aborts the process: a crash, for those who see how it ended.
    """
    if any(each.daemon for each in threading.enumerate()):
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # as it is without a console
                stream.flush()
        os._exit(status)
    return status
