"""A Debian root of one suite in which packages of that suite are built by its own compiler."""

import os
import re
import shutil
import subprocess
import sys

import aptroot
import compilelog
import recipe

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
LOGGERS = "/usr/local/lib/compile-log"
CROSS = {"arm64": "aarch64-linux-gnu"}
INSIDE = "SUITEROOT_NAMESPACE"


class RootError(Exception):
    """The root cannot be made, or a step in it failed; the message says which."""


def enter_namespace():
    """Start this program again in a mount namespace of its own, unless it is in one. What a SuiteRoot mounts is seen by no other
    program, and is gone when this one ends, however it ends."""
    if not os.environ.get(INSIDE):
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


class SuiteRoot:
    """The root of a suite at `path`, made when it is not there. Needs the rights of root. For one thread at a time."""

    def __init__(self, path, suite, log):
        """`log` is the path of the file for all output."""
        self.path = os.path.abspath(path)
        self.suite = suite
        self.log = log

    def prepare(self, machines):
        """Make the root, with cross compilers for the machines other than amd64."""
        if not os.path.exists(self.path + "/usr/bin/dpkg-buildpackage"):
            self._call([os.path.join(HERE, "make-root"), "--suite", self.suite, "--variant", "buildd", self.path], 1800)
        mirrors = aptroot.machine_mirrors()
        security = f"deb {mirrors['security'][0]} {self.suite}-security main\n" if "security" in mirrors else ""
        self.write("/etc/apt/sources.list.d/security.list", security)
        self.write("/etc/apt/apt.conf.d/90build", 'Acquire::Check-Valid-Until "false";\nAPT::Install-Recommends "false";\n')
        self.write("/etc/dpkg/dpkg.cfg.d/90build", "force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n")
        self.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        shutil.copyfile("/etc/resolv.conf", self.path + "/etc/resolv.conf")
        for folder in ("proc", "dev"):
            if not os.path.ismount(f"{self.path}/{folder}"):
                self._call(["mount", "--bind", "/" + folder, f"{self.path}/{folder}"], 10)
        self.run(["sh", "-c", "echo man-db man-db/auto-update boolean false | debconf-set-selections"])
        wanted = ["build-essential"] + [f"{kind}-{CROSS[m]}" for m in machines if m in CROSS for kind in ("gcc", "g++")]
        self.run(["dpkg", "--configure", "-a"], timeout=600)  # an earlier run may have been stopped
        self.run(["apt-get", "-qq", "update"], timeout=600)
        self.run(["apt-get", "-qq", "-y", "install", *wanted], timeout=1800)
        os.makedirs(self.path + LOGGERS, exist_ok=True)
        for name in os.listdir(self.path + "/usr/bin"):
            if compilelog.COMPILERS.fullmatch(name):
                self.write(f"{LOGGERS}/{name}", compilelog.LOGGER, 0o755)

    def write(self, path, text, mode=0o644):
        """Write a file of the root."""
        os.makedirs(os.path.dirname(self.path + path), exist_ok=True)
        with open(self.path + path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(self.path + path, mode)

    def run(self, command, folder="/", environment=None, timeout=300):
        """Run a command in a folder of the root; RootError if it fails or takes more than `timeout` seconds."""
        words = {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **(environment or {})}
        self._call(["chroot", self.path, "env", "-i", "-C", folder, *(f"{k}={v}" for k, v in words.items()), *command], timeout)

    def _call(self, command, timeout):
        try:
            recipe.run_logged(command, self.log, timeout)
        except recipe.BuildError as error:
            raise RootError(f"{_program(command)}: {error}") from None

    def compiler(self):
        """The suite's own compiler as origins name it: gcc-12."""
        target = os.readlink(self.path + "/usr/bin/gcc")
        return re.sub(r"^.*?(gcc-\d+)$", r"\1", target)

    def build(self, folder, timeout):
        """Build the unpacked source at `folder` of the root; returns the calls of compilers, and why it failed or None.
        A build that fails still has calls."""
        logs = folder + ".calls"
        os.makedirs(self.path + logs, exist_ok=True)
        variables = {"PATH": LOGGERS + ":" + PATH, "COMPILE_LOG": logs, "DEB_BUILD_PROFILES": "nocheck nodoc",
                     "DEB_BUILD_OPTIONS": "nocheck nodoc noautodbgsym parallel=2", "MAKEFLAGS": "-k"}
        failure = None
        for target in (["-T", "build-arch"], []):  # some packages compile only when they are installed
            try:
                self.run(["nice", "dpkg-buildpackage", "-d", "-nc", "-us", "-uc", "-B", *target], folder, variables, timeout)
            except RootError as error:
                failure = str(error)
            if failure or os.listdir(self.path + logs):
                break
        calls = []
        for name in sorted(os.listdir(self.path + logs), key=int):
            with open(f"{self.path}{logs}/{name}", "rb") as data:
                calls += compilelog.read_log(data.read())
        return calls, failure


def _program(command):
    """The program that a command of a root runs, for messages."""
    return " ".join(command[command.index("-C") + 2:][-8:])[:120] if "-C" in command else command[0]
