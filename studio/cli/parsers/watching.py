"""`studio queue` and `runs`: trainings that wait, and how those stand that run."""

from __future__ import annotations

from studio.cli.parsers.adding import Commands, add_json, command, new
from studio.engine.runtime.typed import expanded


def add_queue(commands: Commands) -> None:
    text = "the trainings that wait for each other; `studio train NAME --later` puts one there"
    parser = new(commands, "queue", text, command("queueing", "queue"))
    parser.add_argument("--stop", metavar="ID", help="stop what runs and keep it, or do not begin")
    parser.add_argument("--again", metavar="ID", help="let what was stopped or failed wait again")
    parser.add_argument("--remove", metavar="ID", help="take it out; a run stays")
    parser.add_argument(
        "--move", metavar=("ID", "POSITION"), nargs=2, help="let it be the next (0), or a later one"
    )
    parser.add_argument("--clear", action="store_true", help="take out all that is over")
    add_json(parser)


def add_runs(commands: Commands) -> None:
    text = "how trainings stand, also those of other machines in a shared folder"
    parser = new(commands, "runs", text, command("watching", "runs"))
    parser.add_argument(
        "place",
        metavar="FOLDER",
        type=expanded,
        nargs="?",
        help="a folder of runs, or the folder or the name of one (default: your own)",
    )
    parser.add_argument(
        "--follow", action="store_true", help="of one run: print its figures as they come"
    )
    add_json(parser)
