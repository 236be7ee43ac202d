"""The recipes, compilers and builds of corpus/build-variants; reads variants.txt and variants-flags.txt."""

import shlex
from collections import namedtuple

import catalogue

SETS = ("signatures", "tests")
MACHINES = ("amd64", "arm64")
KINDS = ("configure", "cmake", "make", "sources")
FIELDS = {"Component", "Source", "Signatures", "Tests", "Without", "Kind", "Prepare", "Folder", "Options", "Targets", "Files",
          "Flags", "Headers", "Archives", "Language", *("Flags-" + machine for machine in MACHINES)}

# cc and cxx may contain options; cxx is "" if the toolchain has no C++ library; host is autoconf's --host, "" if native.
Toolchain = namedtuple("Toolchain", "name machine cc cxx binutils host packages")

GNU = "gcc-ar-12 gcc-ranlib-12 gcc-nm-12"
CROSS = "aarch64-linux-gnu-gcc-ar-12 aarch64-linux-gnu-gcc-ranlib-12 aarch64-linux-gnu-gcc-nm-12"
ARM = "aarch64-linux-gnu"
WINDOWS = "x86_64-w64-mingw32"
WINDOWS_TOOLS = " ".join(f"{WINDOWS}-{tool}" for tool in ("ar", "ranlib", "nm"))

TOOLCHAINS = {toolchain.name: toolchain for toolchain in (
    Toolchain("gcc-11", "amd64", "gcc-11", "g++-11", GNU, "", "gcc-11 g++-11"),
    Toolchain("gcc-12", "amd64", "gcc-12", "g++-12", GNU, "", "gcc-12 g++-12"),
    Toolchain("clang-14", "amd64", "clang-14", "clang++-14", GNU, "", "clang-14"),
    Toolchain("clang-15", "amd64", "clang-15", "clang++-15", GNU, "", "clang-15"),
    Toolchain("clang-16", "amd64", "clang-16", "clang++-16", GNU, "", "clang-16"),
    Toolchain("clang-19", "amd64", "clang-19", "clang++-19", GNU, "", "clang-19"),
    Toolchain("musl-gcc", "amd64", "musl-gcc", "", GNU, "", "musl-tools"),
    Toolchain("gcc-12-arm64", "arm64", ARM + "-gcc-12", ARM + "-g++-12", CROSS, ARM,
              "gcc-12-aarch64-linux-gnu g++-12-aarch64-linux-gnu"),
    Toolchain("clang-14-arm64", "arm64", "clang-14 --target=" + ARM, "clang++-14 --target=" + ARM, CROSS, ARM,
              "clang-14 gcc-12-aarch64-linux-gnu g++-12-aarch64-linux-gnu"),
    Toolchain("clang-16-arm64", "arm64", "clang-16 --target=" + ARM, "clang++-16 --target=" + ARM, CROSS, ARM,
              "clang-16 gcc-12-aarch64-linux-gnu g++-12-aarch64-linux-gnu"),
    Toolchain("mingw", "amd64", WINDOWS + "-gcc", WINDOWS + "-g++", WINDOWS_TOOLS, WINDOWS,
              "gcc-mingw-w64-x86-64-win32 g++-mingw-w64-x86-64-win32"),
    Toolchain("clang-19-mingw", "amd64", "clang-19 --target=" + WINDOWS, "clang++-19 --target=" + WINDOWS, WINDOWS_TOOLS, WINDOWS,
              "clang-19 gcc-mingw-w64-x86-64-win32 g++-mingw-w64-x86-64-win32"),
)}

OTHER_PACKAGES = ("apt dpkg-dev make cmake autoconf automake libtool pkg-config python3 gettext autopoint tcl publicsuffix "
                  "zlib1g-dev libltdl-dev libidn2-dev libunistring-dev")

# flags: words that follow the recipe's own; with_base: whether Debian's flags come first.
Variant = namedtuple("Variant", "set name toolchain flags with_base")

# suites: {set: list of suites}; machine_flags: {machine: words that follow flags}; without: toolchains and variants to skip;
# README.md describes the rest. Lists are split like shell words.
Recipe = namedtuple("Recipe", "component source suites without kind language prepare folder options targets files flags"
                              " machine_flags headers archives")


class RecipeError(Exception):
    """A line or stanza cannot be used; the message says where and why."""


def read_flags(path):
    """(base flags, list of Variant) of a flags file."""
    base, variants, seen = None, [], set()
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            if words[0] == "base":
                base = words[1:]
            elif words[0] in SETS and len(words) >= 3 and words[2] in TOOLCHAINS and tuple(words[:2]) not in seen:
                seen.add(tuple(words[:2]))
                only = words[3:4] == ["only"]
                variants.append(Variant(words[0], words[1], TOOLCHAINS[words[2]], words[4 if only else 3:], not only))
            else:
                raise RecipeError(f"{path}:{number}: not `SET VARIANT TOOLCHAIN FLAGS` with a known toolchain and a new name")
    if base is None:
        raise RecipeError(f"{path}: no line `base`")
    return base, variants


def _recipe(stanza):
    """One stanza of variants.txt as a Recipe."""
    place = "{}:{}".format(*stanza[""])
    unknown = set(stanza) - FIELDS - {""}
    if unknown:
        raise RecipeError(f"{place}: unknown field {', '.join(sorted(unknown))}")
    for field in ("Component", "Source", "Kind", "Archives"):
        if not stanza.get(field):
            raise RecipeError(f"{place}: no {field}")
    if stanza["Kind"] not in KINDS:
        raise RecipeError(f"{place}: kind {stanza['Kind']} is not one of {', '.join(KINDS)}")
    if stanza.get("Language", "c") not in ("c", "c++"):
        raise RecipeError(f"{place}: language is neither c nor c++")
    if (stanza["Kind"] == "sources") != bool(stanza.get("Files")):
        raise RecipeError(f"{place}: kind sources needs Files, and no other kind has them")
    words = {field: shlex.split(stanza.get(field, "")) for field in FIELDS}
    suites = {name: words[name.capitalize()] for name in SETS}
    return Recipe(stanza["Component"], stanza["Source"], suites, words["Without"], stanza["Kind"],
                  stanza.get("Language", "c"), stanza.get("Prepare", ""),
                  stanza.get("Folder", "."), words["Options"], words["Targets"], words["Files"], words["Flags"],
                  {machine: words["Flags-" + machine] for machine in MACHINES}, words["Headers"], words["Archives"])


def read_recipes(path):
    """All recipes of a file, in its order."""
    return [_recipe(stanza) for stanza in catalogue.read_file(path)[1]]


def compile_flags(recipe, variant, base):
    """The flags of one build in order: Debian's, the recipe's, the variant's."""
    return (base if variant.with_base else []) + recipe.flags + recipe.machine_flags[variant.toolchain.machine] + variant.flags


def wanted(recipe, variant):
    """Whether a recipe is built as this variant."""
    return (bool(recipe.suites[variant.set]) and not {variant.name, variant.toolchain.name} & set(recipe.without)
            and (recipe.language == "c" or variant.toolchain.cxx != ""))


def packages():
    """The Debian packages that all recipes and toolchains need."""
    of_toolchains = {name for toolchain in TOOLCHAINS.values() for name in toolchain.packages.split()}
    return sorted(of_toolchains | set(OTHER_PACKAGES.split()))
