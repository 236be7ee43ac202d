"""Runs fpscan for the accuracy bench, always without exact features, and describes sets and corpora."""

import hashlib
import os
import subprocess

import judging

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REFUSED = ("--exact", "--cache-dir", "--states", "--format")


class Scanner:
    """fpscan with a choice of sets; reports go to files in a scratch folder."""

    def __init__(self, build, sets, scratch, options=()):
        self.program = os.path.join(build, "bin", "fpscan")
        self.sets, self.scratch, self.options, self.count = list(sets), scratch, list(options), 0
        if not os.access(self.program, os.X_OK):
            raise judging.JudgeError(f"{os.path.relpath(self.program)} does not exist: build it first")
        for option in self.options:
            if option.startswith(REFUSED):
                raise judging.JudgeError(f"{option} is not allowed: the bench sets it")

    def scan(self, target):
        """The Report of one directory or file."""
        self.count += 1
        output = os.path.join(self.scratch, f"report{self.count}.json")
        command = [self.program, "scan", "--no-exact", "--no-cache", "--no-progress", "-q", "--states", "present,likely"]
        if self.sets:
            command += ["--no-base-set", *(part for name in self.sets for part in ("--set", name))]
        command += [*self.options, "-o", "json=" + output, "file:" + target if os.path.isfile(target) else "dir:" + target]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 3):
            words = done.stderr.decode(errors="replace").strip().splitlines()
            raise judging.JudgeError(f"fpscan ended with {done.returncode} at {target}: {words[-1] if words else ''}")
        report = judging.Report(output)
        os.unlink(output)
        return report


def select(folder, paths, selection):
    """A folder with exactly these files: `folder` itself if it has no others, else the empty `selection` with hard links."""
    if {os.path.join(base, name) for base, _, names in os.walk(folder) for name in names} == {folder + path for path in paths}:
        return folder
    for path in paths:
        os.makedirs(os.path.dirname(selection + path), exist_ok=True)
        os.link(folder + path, selection + path)
    return selection


def held_versions(options, scratch):
    """{component: versions} of the sets of a run, as sigbuild lists them."""
    program, workbench = os.path.join(options.build, "bin", "sigbuild"), os.path.join(scratch, "held.db")
    sets = options.set or [os.path.join(ROOT, "signatures", "base.fpdb")]
    for path in sets:
        subprocess.run([program, "import", "-q", "-w", workbench, "-c", options.catalogue, path], check=True, stdout=subprocess.DEVNULL)
    listing = subprocess.run([program, "list", "--versions", "-w", workbench], check=True, capture_output=True, text=True).stdout
    held = {}
    for component, version in (line.split("\t")[:2] for line in listing.splitlines()):
        held.setdefault(component, set()).add(version)
    return held


def corpus_facts(paths, base):
    """The count and bytes of files, and a hash over their relative paths and contents, as one string."""
    digest, total = hashlib.sha256(), 0
    for path in sorted(paths):
        with open(path, "rb") as data:
            content = data.read()
        total += len(content)
        digest.update(os.fsencode(os.path.relpath(path, base)) + b"\0" + hashlib.sha256(content).digest())
    return f"{len(paths)} files, {total} bytes, {digest.hexdigest()[:16]}"
