"""What a bench ran on: processor and build; shared by bench/accuracy and bench/speed."""

import collections
import os

Build = collections.namedtuple("Build", "type sanitizers compiler")


def processor():
    """The processor's name."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "CPU part"))),
                    os.uname().machine)


def build_facts(build):
    """Build type, sanitizers ("" without) and compiler of a build folder."""
    facts = {}
    try:
        with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as lines:
            for line in lines:
                name, _, value = line.strip().partition("=")
                facts[name.partition(":")[0]] = value
    except OSError:
        pass
    return Build(facts.get("CMAKE_BUILD_TYPE", "unknown"), facts.get("FPS_SANITIZE", ""),
                 os.path.basename(facts.get("CMAKE_C_COMPILER", "unknown compiler")))
