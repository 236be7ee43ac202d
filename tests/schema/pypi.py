"""Installs packages of PyPI for tests that check documents with the ecosystem's own validators."""
import os
import subprocess
import sys

import npm


def enter(folder, packages):
    """Runs the calling script again by a Python that has the packages; skips the test if they cannot be had."""
    python = os.path.join(folder, "bin", "python")
    mark = os.path.join(folder, "complete")
    if sys.prefix == os.path.realpath(folder):
        return
    if not os.path.exists(mark):
        steps = [[sys.executable, "-m", "venv", folder],
                 [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--timeout", "10", *packages]]
        for step in steps:
            try:
                done = subprocess.run(step, capture_output=True, text=True, timeout=240, check=False)
            except subprocess.TimeoutExpired:
                npm.skip("pip did not answer in time")
            if done.returncode:
                npm.skip("pip cannot fetch the validators: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
        with open(mark, "w", encoding="utf-8"):
            pass
    sys.exit(subprocess.run([python, *sys.argv], check=False).returncode)
