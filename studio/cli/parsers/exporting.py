"""`studio export`: a model as files that run without the studio."""

from __future__ import annotations

from studio.cli.parsers.adding import Commands, add_checkpoint, add_json, command, new
from studio.cli.values import path, whole


def add_export(commands: Commands) -> None:
    text = "write a model as ONNX files, which run without the studio"
    parser = new(commands, "export", text, command("exporting", "export"))
    add_checkpoint(parser)
    parser.add_argument(
        "--onnx",
        metavar="F",
        type=path,
        required=True,
        help=(
            "where the pass over whole pictures goes, F.onnx; the step from pixel to pixel, where"
            " the model has one, goes to F-step.onnx beside it"
        ),
    )
    parser.add_argument(
        "--batch",
        metavar="N",
        type=whole(1, 4096),
        help="pictures that the step draws at once (default: 1)",
    )
    add_json(parser)
