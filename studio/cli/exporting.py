"""`studio export`: a model as ONNX files, which run without the studio."""

from __future__ import annotations

import argparse

from studio.cli.terminal import print_json, say


def export(arguments: argparse.Namespace) -> int:
    """Write the files; prints the path of each, and how far its numbers are from torch's."""
    from studio.engine import checkpoints
    from studio.engine.exports import onnx_files

    onnx_files.check_packages()  # before a large model is read
    model = checkpoints.load(arguments.checkpoint)
    written = onnx_files.export(model, arguments.onnx, arguments.batch or 1, show=say)
    if arguments.json:
        files = [
            {"file": str(each.path), "what": each.what, "largest_difference": each.difference}
            for each in written
        ]
        print_json({"checkpoint": arguments.checkpoint, "files": files})
        return 0
    for each in written:
        print(f"{each.path}: the {each.what}, at most {each.difference:.1g} from torch")
    return 0
