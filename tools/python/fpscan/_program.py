"""The programs of the package as commands of the environment that it is installed in."""
from __future__ import annotations

import os
import sys
from typing import NoReturn

from fpscan._run import ScanError, program_path


def _become(name: str) -> NoReturn:
    try:
        path = program_path(name)
        os.execv(path, [name, *sys.argv[1:]])
    except (OSError, ScanError) as error:
        raise SystemExit(f"{name}: {error}") from error


def fpscan() -> NoReturn:
    """Becomes the program fpscan."""
    _become("fpscan")


def sigbuild() -> NoReturn:
    """Becomes the program sigbuild."""
    _become("sigbuild")


def vulnbuild() -> NoReturn:
    """Becomes the program vulnbuild."""
    _become("vulnbuild")
