"""`studio insight`: what is asked of a model."""

from __future__ import annotations

from studio.cli.parsers.adding import CHECKPOINT, Commands, command, new
from studio.cli.parsers.drawing import add_drawing, add_evidence
from studio.cli.values import path, whole
from studio.engine.runtime.typed import expanded


def add_insight(commands: Commands) -> None:
    text = (
        "what a model sees, expects and does, at a pixel of a picture; without NAME, all insights"
    )
    parser = new(commands, "insight", text, command("insights", "insight"))
    parser.add_argument("name", metavar="NAME", nargs="?", help="an insight")
    parser.add_argument(
        "checkpoint", metavar="CHECKPOINT", type=expanded, nargs="?", help=CHECKPOINT
    )
    add_evidence(parser)
    parser.add_argument(
        "--position",
        metavar="N",
        type=whole(0),
        help="pixels that are drawn (default: all, or none of a picture from a file)",
    )
    parser.add_argument(
        "--site",
        metavar="R,C",
        help="row and column of the pixel that is asked about (default: the next one)",
    )
    parser.add_argument(
        "--choose",
        metavar="NAME=WORD",
        action="append",
        default=[],
        help="what can be chosen in the insight, such as Layer=2; --json lists it",
    )
    add_drawing(parser)
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help=".png: the picture and the maps; .npz: all arrays (default: NAME.png)",
    )
