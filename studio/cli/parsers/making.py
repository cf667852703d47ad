"""`studio generate`, `complete`, `grid`, `recall` and `sheets`: what models make."""

from __future__ import annotations

from pathlib import Path

from studio.cli.parsers.adding import (
    CHECKPOINT,
    Commands,
    add_anyway,
    add_checkpoint,
    add_device,
    add_json,
    command,
    new,
)
from studio.cli.parsers.drawing import add_drawing, add_evidence
from studio.cli.parsers.many import add_shard
from studio.cli.values import number, path, stretch, whole
from studio.engine.runtime.typed import expanded
from studio.engine.scenes.axis_names import MOST, NAMES


def add_generate(commands: Commands) -> None:
    parser = new(
        commands,
        "generate",
        "let a model draw pictures, or make sound",
        command("making", "generate"),
    )
    parser.add_argument(
        "checkpoint", metavar="CHECKPOINT", type=expanded, nargs="?", help=CHECKPOINT
    )
    parser.add_argument(
        "--scene",
        metavar="F",
        type=path,
        help=(
            "make it as a scene says, with its model unless another is named: a .scene.json, or"
            " what the studio made; other options change it"
        ),
    )
    parser.add_argument(
        "--takes",
        metavar="K",
        type=whole(1),
        help=(
            "of sound: try so many takes and keep the most probable to the model itself, without"
            " those that ran away into noise (default: the first)"
        ),
    )
    add_shard(parser, "make")
    parser.add_argument(
        "--first",
        metavar="K",
        type=whole(0, 2**31 - 1),
        help="begin with sample K of the seed (default: 0), such as one of very many",
    )
    add_drawing(parser)
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help=(
            ".png: the pictures in a grid; .gif, .mp4: how they are drawn; .wav, .flac: sound;"
            " .npy, .npz: levels (default: a .png or .wav called after model and seed); with"
            " --shard, a folder"
        ),
    )


def add_complete(commands: Commands) -> None:
    parser = new(
        commands,
        "complete",
        "let a model finish a picture or go on from a beginning, or clean a picture",
        command("making", "complete"),
    )
    add_checkpoint(parser)
    parser.add_argument(
        "--audio", metavar="F", type=path, help="for a model for sound: the recording to go on from"
    )
    parser.add_argument(
        "--keep", metavar="SECONDS", type=number(0), help="of the recording (default: half of it)"
    )
    parser.add_argument(
        "--gap",
        metavar="BEGIN:END",
        type=stretch,
        help="seconds of the recording between which it is to be filled, such as 1.20:1.25",
    )
    parser.add_argument(
        "--takes",
        metavar="K",
        type=whole(1),
        help="for a gap: how many are tried, weighted by what comes after it (default: 64)",
    )
    add_evidence(parser)
    parser.add_argument(
        "--bounds",
        action="store_true",
        help="also print how probable what is given is to the model, in bits: at least and at most",
    )
    parser.add_argument(
        "--corruption",
        "--noise",  # its name before version 0.2
        metavar="P",
        type=number(0, 1),
        help="for a model that reconstructs: share of the pixels to replace by chance first",
    )
    add_drawing(parser)
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        required=True,
        help=".png, .gif, .mp4, .npy, .npz, .wav or .flac",
    )


def add_grid(commands: Commands) -> None:
    parser = new(
        commands,
        "grid",
        "draw scenes that differ in one thing or two, with the same noise, on one labelled sheet",
        command("grids", "grid"),
    )
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        nargs="?",
        type=expanded,
        help=f"{CHECKPOINT}; with --scene it may be left out",
    )
    parser.add_argument(
        "--axis",
        metavar="FIELD=A,B",
        action="append",
        default=[],
        dest="axes",
        help=(
            f"what differs, once or twice, such as temperature=0.5,1,2 or model=made,pixelcnn:"
            f" {', '.join(NAMES)}; {MOST} scenes at most"
        ),
    )
    parser.add_argument(
        "--scene",
        metavar="F",
        type=path,
        help="begin with the scene in a file; the options of drawing are then those of the scene",
    )
    add_evidence(parser)
    add_drawing(parser)
    parser.add_argument(
        "--difference",
        action="store_true",
        help="also show under each where it differs from the first",
    )
    parser.add_argument(
        "--race",
        action="store_true",
        help="in a film, let each go as fast as its model is, instead of all in step",
    )
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help=(
            ".png: a sheet; .gif, .mp4: all being drawn together (default: a .png called after"
            " model and seed)"
        ),
    )


def add_recall(commands: Commands) -> None:
    parser = new(
        commands,
        "recall",
        "the scene that a file carries: what it was made with, or the same made again",
        command("recalling", "recall"),
    )
    parser.add_argument(
        "file", metavar="FILE", type=path, help="what the studio made, or a .scene.json"
    )
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help="make the same again, and write it: .png, .gif, .mp4, .npy, .npz, .wav or .flac",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="C",
        type=expanded,
        help="the model, where it is not among the shipped ones, your own and your runs",
    )
    parser.add_argument(
        "--scale", metavar="N", type=whole(1, 64), help="size of a pixel in .png, .gif and .mp4"
    )
    add_anyway(parser)
    add_device(parser)
    add_json(parser)


def add_sheets(commands: Commands) -> None:
    text = "of each model a sheet of samples: a small .png, from which it can be drawn again"
    parser = new(commands, "sheets", text, command("sheets", "sheets"))
    parser.add_argument(
        "names",
        metavar="CHECKPOINT",
        type=expanded,
        nargs="*",
        help=f"{CHECKPOINT} (default: all shipped ones that draw pictures)",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=path,
        default=Path("sheets"),
        help="where they are written, each called after its model (default: sheets)",
    )
    parser.add_argument(
        "--count",
        metavar="N",
        type=whole(1, 4096),
        default=64,
        help="samples on a sheet, a few more where every class has as many (default: 64)",
    )
    parser.add_argument(
        "--seed", metavar="S", type=whole(0, 2**64 - 1), default=0, help="noise (default: 0)"
    )
    parser.add_argument(
        "--scale",
        metavar="N",
        type=whole(1, 16),
        default=2,
        help="size of a pixel (default: 2)",
    )
    add_device(parser)
    add_json(parser)
