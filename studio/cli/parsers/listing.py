"""`studio models`, `data` and `lessons`: what there is."""

from __future__ import annotations

from studio.cli.parsers.adding import Commands, add_json, command, new
from studio.cli.values import path


def add_models(commands: Commands) -> None:
    parser = new(
        commands, "models", "what can be built and what is trained", command("listing", "models")
    )
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="only this one: what can be set, and what it means"
    )
    add_json(parser)


def add_data(commands: Commands) -> None:
    run = command("listing", "data")
    parser = new(commands, "data", "list what models can learn from", run)
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def add_lessons(commands: Commands) -> None:
    text = "the lessons that the window can show, those of your own too"
    parser = new(commands, "lessons", text, command("lessons", "lessons"))
    parser.add_argument(
        "--check",
        metavar="FOLDER",
        type=path,
        help="say what is wrong in a lesson of your own instead: its folder, or its .md",
    )
    add_json(parser)
