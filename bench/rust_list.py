"""Reads the list of cargo-auditable in a program by objcopy and zlib. Shared by bench/accuracy/languages and bench/targets."""

import json
import pathlib
import subprocess
import tempfile
import zlib


def read_list(program):
    """Name and version of each crate, without build dependencies."""
    with tempfile.TemporaryDirectory() as folder:
        part = pathlib.Path(folder, "list")
        subprocess.run(["objcopy", "--dump-section", f".dep-v0={part}", str(program), "/dev/null"], check=True, capture_output=True)
        packages = json.loads(zlib.decompress(part.read_bytes()))["packages"]
    return {(package["name"], package["version"]) for package in packages if package.get("kind") != "build"}
