"""Builds the static archives of one source tree; each kind of build system has a function."""

import glob
import os
import shlex
import shutil
import signal
import subprocess

BUILD_FILES = (".o", ".lo", ".a", ".la", ".obj")
BUILD_PLATFORM = "x86_64-linux-gnu"


class BuildError(Exception):
    """A step failed or took too long; the message says which."""


def run_logged(command, log, timeout, folder=None, environment=None):
    """Run a command, with its output at the end of the file `log`; BuildError if it fails or takes more than `timeout` seconds."""
    with open(log, "ab") as out:
        out.write(("$ " + shlex.join(command) + "\n").encode("utf-8", "surrogateescape"))
        out.flush()
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, process_group=0)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise BuildError(f"{command[0]} took more than {timeout} s") from None
    if code != 0:
        raise BuildError(f"{command[0]} exited with {code}")


class Tree:
    """A source tree in which one toolchain builds one variant after another."""

    def __init__(self, path, recipe, toolchain, log, timeout):
        """`log` is the path of the file for all output; `timeout` is the limit of one step in seconds."""
        self.path = path
        self.recipe = recipe
        self.toolchain = toolchain
        self.log = log
        self.timeout = timeout
        self.ar, self.ranlib, self.nm = toolchain.binutils.split()

    def run(self, command, folder=".", environment=None):
        """Run one step in a folder of the tree and log its output; BuildError if it fails or takes too long."""
        run_logged(command, self.log, self.timeout, os.path.join(self.path, folder), {**os.environ, **(environment or {})})

    def compilers(self, flags):
        """CC and CXX with the flags inside, so that no build system can drop the flags or put its own behind them."""
        words = shlex.join(flags)
        return {"CC": f"{self.toolchain.cc} {words}", "CXX": f"{self.toolchain.cxx or 'false'} {words}"}

    def build(self, flags):
        """Build with these compile flags; returns the paths of the archives."""
        self.clear()
        BUILDERS[self.recipe.kind](self, flags)
        found = []
        for pattern in self.recipe.archives:
            paths = sorted(glob.glob(os.path.join(self.path, pattern)))
            if not paths:
                raise BuildError(f"no {pattern} was made")
            found += paths
        if "-flto" in flags:
            for path in found:
                self.link_whole(path, flags)
        return found

    def clear(self):
        """Remove the output of an earlier variant."""
        for folder, _, names in os.walk(self.path):
            for name in names:
                if name.endswith(BUILD_FILES):
                    os.remove(os.path.join(folder, name))

    def link_whole(self, archive, flags):
        """Turn an archive of LTO objects into one of machine code by linking all members into one object."""
        members = archive + ".members"
        shutil.rmtree(members, ignore_errors=True)
        os.makedirs(members)
        self.run([self.ar, "x", archive], members)
        objects = sorted(os.listdir(members))
        listed = subprocess.run([self.ar, "t", archive], capture_output=True, text=True, check=True).stdout.split()
        if len(objects) != len(listed):
            raise BuildError(f"{os.path.basename(archive)} has two members with the same name")
        whole = os.path.basename(archive).removesuffix(".a") + ".o"
        driver = self.toolchain.cxx if self.recipe.language == "c++" else self.toolchain.cc
        self.run([*driver.split(), *flags, "-r", "-nostdlib", "-flinker-output=nolto-rel", "-o", "../" + whole, *objects],
                 members)
        os.remove(archive)
        self.run([self.ar, "rcs", archive, whole], os.path.dirname(archive))


def _make(tree, flags):
    """A makefile that takes CC, CXX, AR and RANLIB from the command line."""
    words = {**tree.compilers(flags), "AR": tree.ar, "RANLIB": tree.ranlib}
    tree.run(["make", *(f"{name}={value}" for name, value in words.items()), *tree.recipe.options, *tree.recipe.targets],
             tree.recipe.folder)


def _configure(tree, flags):
    """Autoconf: configured once per toolchain, with CFLAGS empty, because CC contains the flags."""
    if not os.path.exists(os.path.join(tree.path, tree.recipe.folder, "config.status")):
        words = {**tree.compilers(flags), "CFLAGS": "", "CXXFLAGS": "", "AR": tree.ar, "RANLIB": tree.ranlib, "NM": tree.nm}
        platform = [f"--build={BUILD_PLATFORM}", f"--host={tree.toolchain.host}"] if tree.toolchain.host else []
        tree.run(["./configure", "--disable-shared", "--enable-static", "--disable-dependency-tracking", *platform,
                  *tree.recipe.options], tree.recipe.folder, words)
    words = tree.compilers(flags)
    tools = [f"{name}=:" for name in ("ACLOCAL", "AUTOCONF", "AUTOHEADER", "AUTOMAKE", "MAKEINFO")]
    tree.run(["make", "CC=" + words["CC"], "CXX=" + words["CXX"], "CCAS=" + words["CC"], *tools, *tree.recipe.targets],
             tree.recipe.folder)


def _cmake(tree, flags):
    """CMake without a build type, as Debian calls it, so that it adds no flags of its own."""
    cc, cxx = tree.toolchain.cc.split(), tree.toolchain.cxx.split()
    settings = {"CMAKE_BUILD_TYPE": "None", "BUILD_SHARED_LIBS": "OFF", "CMAKE_C_COMPILER": cc[0],
                "CMAKE_C_FLAGS": shlex.join(cc[1:] + flags), "CMAKE_AR": shutil.which(tree.ar),
                "CMAKE_RANLIB": shutil.which(tree.ranlib), "CMAKE_POLICY_VERSION_MINIMUM": "3.5"}
    if cxx:
        settings |= {"CMAKE_CXX_COMPILER": cxx[0], "CMAKE_CXX_FLAGS": shlex.join(cxx[1:] + flags)}
    if tree.toolchain.host:
        system = "Windows" if tree.toolchain.host.endswith("mingw32") else "Linux"
        settings |= {"CMAKE_SYSTEM_NAME": system, "CMAKE_SYSTEM_PROCESSOR": tree.toolchain.host.split("-")[0]}
    tree.run(["cmake", "-S", tree.recipe.folder, "-B", "variant-build", *(f"-D{key}={value}" for key, value in settings.items()),
              *tree.recipe.options])
    tree.run(["cmake", "--build", "variant-build", *(["--target", *tree.recipe.targets] if tree.recipe.targets else [])])


def _sources(tree, flags):
    """No build system: compiles each file by its language and puts it into one archive."""
    objects, archive = [], tree.recipe.archives[0]
    include = os.path.join(tree.path, "variant-include")
    os.makedirs(include, exist_ok=True)
    for header in (path for pattern in tree.recipe.headers for path in glob.glob(pattern, root_dir="/usr/include")):
        place = os.path.join(include, header)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(os.path.join("/usr/include", header), place)
    for pattern in tree.recipe.files:
        paths = sorted(glob.glob(pattern, root_dir=tree.path))
        if not paths:
            raise BuildError(f"no file {pattern}")
        for path in paths:
            driver = tree.toolchain.cc if path.endswith((".c", ".S", ".s")) else tree.toolchain.cxx
            name = os.path.splitext(os.path.basename(path))[0] + ".o"
            name = name if name not in objects else path.replace("/", "-") + ".o"
            tree.run([*driver.split(), *flags, "-I", include, "-c", path, "-o", name])
            objects.append(name)
    tree.run([tree.ar, "rcs", archive, *objects])


BUILDERS = {"make": _make, "configure": _configure, "cmake": _cmake, "sources": _sources}
