"""Cache folders that hold the compiled rules alone: a scan with one reads its whole target and is spared the compiling."""
import functools
import pathlib
import shutil
import subprocess
import tempfile

FOLDER = tempfile.TemporaryDirectory(prefix="fpscan-rules-")


def new_folder():
    return tempfile.mkdtemp(dir=FOLDER.name)


@functools.cache
def compiled(program):
    """Paths of the rules of the base set, as `program` compiles and keeps them."""
    folder = pathlib.Path(new_folder())
    subprocess.run([program, "scan", "-q", "--cache-dir", folder, __file__], stdout=subprocess.DEVNULL, check=True)
    rules = sorted(folder.glob("rules-*"))
    if not rules:
        raise AssertionError(f"{program} kept no compiled rules")
    return rules


def cache_options(program):
    """Options for one scan: a cache folder of its own."""
    folder = new_folder()
    for path in compiled(program):
        shutil.copy(path, folder)
    return ["--cache-dir", folder]
