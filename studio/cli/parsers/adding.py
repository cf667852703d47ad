"""How a command is added to the parser, and the options that many commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from studio.cli.parser import Parser
from studio.engine.runtime.typed import expanded

CHECKPOINT = "name of a shipped checkpoint or of a run, or the path of a file"
DEVICES = "auto, cpu, cuda, cuda:1 ... or mps (default: auto, the best there is)"

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
Run = Callable[[argparse.Namespace], int]


def command(module: str, function: str) -> Run:
    """A command that imports its module when it runs."""

    def run(arguments: argparse.Namespace) -> int:
        return int(getattr(import_module(f"studio.cli.{module}"), function)(arguments))

    return run


def new(commands: Commands, name: str, text: str, run: Run) -> Parser:
    parser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
    )
    parser.set_defaults(run=run)
    return parser


def add_checkpoint(parser: Parser) -> None:
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=expanded, help=CHECKPOINT)


def add_skip_damaged(parser: Parser) -> None:
    parser.add_argument(
        "--skip-damaged",
        action="store_true",
        help="leave out the files of the data that cannot be read",
    )


def add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_anyway(parser: Parser) -> None:
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="even where it is estimated to take more memory or time than there is",
    )


def add_device(parser: Parser) -> None:
    parser.add_argument("--device", metavar="DEVICE", default="auto", help=DEVICES)
