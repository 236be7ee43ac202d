"""Installs npm packages for tests that check documents with the ecosystem's own validators."""
import os
import shutil
import subprocess
import sys


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def install(folder, packages, optional=False):
    """Installs the packages once and marks the folder as complete; skips the test if that is impossible."""
    mark = os.path.join(folder, "complete")
    if os.path.exists(mark):
        return
    if not shutil.which("npm") or not shutil.which("node"):
        skip("node or npm is not installed")
    os.makedirs(folder, exist_ok=True)
    command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
               "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000", *([] if optional else ["--omit=optional"]), *packages]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        skip("npm did not answer in time")
    if done.returncode:
        skip("npm cannot fetch the validator: " + (done.stderr.strip().splitlines() or ["no reason given"])[0])
    with open(mark, "w", encoding="utf-8"):
        pass


def document(program, form, what):
    """The output of `test_report FORMAT WHAT`."""
    return subprocess.run([program, form, what], check=True, capture_output=True).stdout


def finish(failed, good):
    print("\n".join(failed) or good)
    sys.exit(bool(failed))
