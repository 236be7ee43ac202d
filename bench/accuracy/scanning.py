"""Runs fpscan for the accuracy bench, always without exact features, and tells what a run was made with."""

import hashlib
import os
import subprocess

import judging

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REFUSED = ("--exact", "--cache-dir", "--states", "--format")


class Scanner:
    """One program with one choice of sets; reports go to files in a scratch folder."""

    def __init__(self, build, sets, scratch, options=()):
        self.program = os.path.join(build, "bin", "fpscan")
        self.sets, self.scratch, self.options, self.count = list(sets), scratch, list(options), 0
        if not os.access(self.program, os.X_OK):
            raise judging.JudgeError(f"no program {os.path.relpath(self.program)}: build it first")
        for option in self.options:
            if option.startswith(REFUSED):
                raise judging.JudgeError(f"{option} cannot be given: the bench chooses it")

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


def processor():
    """The processor's name."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "CPU part"))),
                    os.uname().machine)


def build_facts(build):
    """Build type, compiler and sanitizers of a build folder, as one text."""
    facts = {}
    try:
        with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as lines:
            for line in lines:
                name, _, value = line.strip().partition("=")
                facts[name.partition(":")[0]] = value
    except OSError:
        pass
    words = [facts.get("CMAKE_BUILD_TYPE", "unknown"), os.path.basename(facts.get("CMAKE_C_COMPILER", "unknown compiler")),
             facts.get("FPS_SANITIZE", "")]
    return ", ".join(word for word in words if word)


def corpus_facts(paths, base):
    """Count, bytes and a hash over relative paths and bytes of files, as one text."""
    digest, total = hashlib.sha256(), 0
    for path in sorted(paths):
        with open(path, "rb") as data:
            content = data.read()
        total += len(content)
        digest.update(os.fsencode(os.path.relpath(path, base)) + b"\0" + hashlib.sha256(content).digest())
    return f"{len(paths)} files, {total} bytes, {digest.hexdigest()[:16]}"
