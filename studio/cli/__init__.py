"""The command line: whatever a button does, a command does.
`main` runs a command and reports how it ended.

Results go to standard output, progress and messages to standard error. Exit status: 0 done, 2 wrong
usage or bad input (one sentence), 130 interrupted. torch is imported by the commands that need it,
once they run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from studio.cli.commands import build_parser, split_models
from studio.cli.own_models import load_models
from studio.cli.terminal import (
    BAD_INPUT,
    DONE,
    INTERRUPTED,
    notes_said,
    results_alone,
    say,
    take_any_encoding,
)
from studio.engine.runtime.errors import StudioError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, or open the window where there is none; returns the exit status."""
    take_any_encoding()
    try:
        files, words = split_models(sys.argv[1:] if argv is None else argv)
        arguments = build_parser().parse_args(words)
        with results_alone() if getattr(arguments, "json", False) else nullcontext():
            if files := [*files, *arguments.models]:
                load_models(files)
            with notes_said():
                status = int(arguments.run(arguments))
        sys.stdout.flush()  # here, where a reader that has gone can be dealt with
        return status
    except SystemExit as leaving:  # argparse has printed help, the version or what was wrong
        return leaving.code if isinstance(leaving.code, int) else BAD_INPUT
    except StudioError as error:
        say(str(error))
        return BAD_INPUT
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except (MemoryError, RuntimeError) as error:
        if (
            isinstance(error, RuntimeError)
            and "allocate" not in str(error).rstrip().rpartition("\n")[2]
        ):
            raise
        say("There is not enough memory for this: ask for less at once.")
        return BAD_INPUT
    except BrokenPipeError:
        # `studio models | head -1`: the reader has what it wanted,
        # and Python would complain when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
