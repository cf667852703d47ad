"""`studio join`, and the options of what many processes do a share of each."""

from __future__ import annotations

from studio.cli.parser import Parser
from studio.cli.parsers.adding import Commands, add_device, add_json, command, new
from studio.cli.values import path, shard
from studio.engine.runtime.typed import expanded


def add_join(commands: Commands) -> None:
    text = "one file of the samples, or one score, of what was made with --shard"
    parser = new(commands, "join", text, command("many", "join"))
    parser.add_argument("folder", metavar="FOLDER", type=path, help="where the parts are")
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help="of samples: .npy or .npz (default: a .npz called after the folder)",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="C",
        type=expanded,
        help="of a score: the model, where it is not among the shipped ones and your own",
    )
    add_device(parser)
    add_json(parser)


def add_shard(parser: Parser, what: str) -> None:
    """what: is done by each of the processes, in words."""
    parser.add_argument(
        "--shard",
        metavar="I/N",
        type=shard,
        help=(
            f"{what} the I-th of N shares only, in parts that --out names a folder for; run again,"
            " it goes on with those that are missing. `studio join` makes one of all shards"
        ),
    )
