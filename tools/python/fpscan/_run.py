"""Runs the program fpscan and reads its JSON report."""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
from typing import Any, List, Mapping, Sequence, Union

from fpscan._report import Report, make

Option = Union[None, bool, int, float, str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]]

_OURS = {"output", "format", "exit_code", "help", "version", "man", "completion"}  # the module decides these
_GATE_CLOSED, _PARTIAL, _EMPTY = 2, 3, 4
_SCHEMA_MAJOR = "2"


class ScanError(Exception):
    """The program failed: exit_code is its exit code (negative: the signal that ended it), message what it said."""

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(f"fpscan ends with {exit_code}: {message}")
        self.exit_code = exit_code
        self.message = message


class EmptyTargetError(ScanError):
    """The target holds no regular file."""


def program_path(name: str = "fpscan") -> pathlib.Path:
    """The program that is run: $FPSCAN_PROGRAM for fpscan, else that of the wheel, else that of $PATH."""
    chosen = os.environ.get("FPSCAN_PROGRAM") if name == "fpscan" else None
    bundled = pathlib.Path(__file__).resolve().parent / "bundle" / "bin" / name
    found = chosen or (str(bundled) if bundled.exists() else shutil.which(name))
    if not found:
        raise ScanError(1, f"there is no program {name}: neither in this package nor in PATH")
    return pathlib.Path(found)


def _arguments(options: Mapping[str, Option]) -> List[str]:
    """The command line for options by their long names, '_' for '-'. True is a flag; None and False leave an option out."""
    arguments: List[str] = []
    for name, value in options.items():
        if name in _OURS:
            raise TypeError(f"scan() has no option {name}: it reads the JSON report")
        long = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(long)
        elif isinstance(value, (str, os.PathLike, int, float)) and value is not False:
            arguments.append(f"{long}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
        elif value is not None and value is not False:
            arguments += [f"{long}={os.fspath(item)}" for item in value]
    return arguments


def scan(path: Union[str, "os.PathLike[str]"], **options: Option) -> Report:
    """Scans an image, a directory or a file.

    Options are those of the command line: `fpscan.scan("app.tar", fail_on=["critical"], no_cache=True, timeout="10m")`.

    A closed gate and a partial scan are results: see Report.gate_closed and Report.partial. Raises EmptyTargetError if the
    target holds no regular file, ScanError for every other failure, and TypeError for an option that would change the output.
    """
    # what the user has set for the command line must not turn the document into another one
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("FPSCAN_OUTPUT", "FPSCAN_FORMAT", "FPSCAN_EXIT_CODE")}
    gate = [f"--exit-code={_GATE_CLOSED}"] if options.get("fail_on") else []  # without a gate, the option is an error
    command = [str(program_path()), "scan", *_arguments(options), "--format=json", "--progress=none", *gate, "--", os.fspath(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                              check=False)
    except OSError as error:
        raise ScanError(1, str(error)) from error
    messages = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == _EMPTY:
        raise EmptyTargetError(done.returncode, messages)
    if done.returncode not in (0, _GATE_CLOSED, _PARTIAL):
        raise ScanError(done.returncode, messages or "no message")
    return _read(done.stdout, done.returncode, messages)


def _read(document: bytes, exit_code: int, messages: str) -> Report:
    try:
        raw: Mapping[str, Any] = json.loads(document)
        if raw["schemaVersion"].split(".")[0] != _SCHEMA_MAJOR:
            raise ScanError(1, f"the report has schema {raw['schemaVersion']}, and this module reads {_SCHEMA_MAJOR}.x")
        return make(Report, raw, exit_code=exit_code, messages=messages, raw=raw)
    except (ValueError, KeyError, TypeError) as error:
        raise ScanError(1, f"the report cannot be read: {error!r}") from error
