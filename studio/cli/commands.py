"""`build_parser`: the commands, in the order in which `studio --help` lists them. Imports no
command's module: that help is there at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from studio import __version__
from studio.cli.parser import Parser
from studio.cli.parsers.adding import command
from studio.cli.parsers.exporting import add_export
from studio.cli.parsers.insights import add_insight
from studio.cli.parsers.listing import add_data, add_lessons, add_models
from studio.cli.parsers.making import add_complete, add_generate, add_grid, add_recall, add_sheets
from studio.cli.parsers.many import add_join
from studio.cli.parsers.measuring import add_bench, add_evaluate, add_scoreboard
from studio.cli.parsers.training import add_sweep, add_teach, add_train
from studio.cli.parsers.watching import add_queue, add_runs
from studio.cli.values import python_file
from studio.engine.runtime.typed import expanded


def build_parser() -> Parser:
    """The parser; the namespace it returns has `run`, which
    takes the namespace and returns the exit status."""
    parser = Parser(
        prog="studio",
        description=(
            "Watch autoregressive models draw, finish pictures with them, and train them. "
            "Without a command the window opens."
        ),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"Autoregressive Studio {__version__}"
    )
    parser.add_argument(
        "--log",
        action="store_const",
        dest="run",
        const=command("window", "print_log"),
        help="print where the window's log is kept, and exit",
    )
    parser.add_argument(
        "--models",
        metavar="FILE.py",
        nargs="+",
        type=python_file,
        default=[],
        help="also use the models of your own files, whose code is run",
    )
    _add_commands(parser)
    return parser


def split_models(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files after a leading `--models`, and the words of the command that follows; argparse
    would take these for files too."""
    if not words or words[0] != "--models":
        return [], list(words)
    files = list(takewhile(lambda word: word.endswith(".py"), words[1:]))
    return ([*map(expanded, files)], list(words[1 + len(files) :])) if files else ([], list(words))


def _add_commands(parser: Parser) -> None:
    """All commands. Each sets `run` in the namespace that the parser returns."""
    parser.set_defaults(run=command("window", "open_window"))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for add in (
        add_models,
        add_data,
        add_train,
        add_sweep,
        add_queue,
        add_runs,
        add_teach,
        add_evaluate,
        add_generate,
        add_complete,
        add_grid,
        add_recall,
        add_sheets,
        add_join,
        add_insight,
        add_export,
        add_scoreboard,
        add_bench,
        add_lessons,
    ):
        add(commands)
