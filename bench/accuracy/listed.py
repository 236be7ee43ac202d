"""Suite languages: Go and Rust programs of known lock files; what they list against what was locked, by format of the program."""

import argparse
import collections
import importlib.machinery
import importlib.util
import os
import pathlib
import shutil

COLUMNS = ("suite", "group", "programs", "packages", "exact_lists", "named", "versions_right", "of_no_package")
TOOLS = {"go": ("go",), "rust": ("cargo", "cargo-auditable")}
# "The same" of the tables of bench/README.md, where a row follows the one that it is like.
LABELS = {"Go, the same without sections": "Go, build information without sections",
          "Go, the same without sections ": "Go, names and paths without sections",
          "Rust, the same without sections": "Rust, list of crates without sections",
          "Rust, the same without sections ": "Rust, paths without sections"}
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "languages", "run")


def measuring():
    """bench/accuracy/languages/run as a module."""
    loader = importlib.machinery.SourceFileLoader("languages_run", PROGRAM)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def build(folder):
    """Build the missing programs of the languages whose tools are there; returns what was left out, in words."""
    module, left_out = measuring(), []
    for language, tools in TOOLS.items():
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing:
            left_out.append(f"{language}: nothing is built, there is no {' and no '.join(missing)}")
        elif module.build(pathlib.Path(folder), language):
            left_out.append(f"{language}: not all programs could be built")
    return left_out


def rows(fpscan, folder):
    """The rows of all programs in a folder."""
    module, found = measuring(), collections.defaultdict(dict)
    options = argparse.Namespace(fpscan=fpscan, folder=pathlib.Path(folder), list=False)
    for one in module.measurements(options):
        language, _, how = LABELS.get(one.what, one.what).partition(", ")
        row = found[language.lower()].setdefault(f"{one.format} {how}", module.Row())
        row.add(one.wanted, one.found, one.names)
    return [{"suite": suite, "group": group, "programs": row.programs, "packages": row.wanted, "exact_lists": row.exact,
             "named": row.named / row.wanted if row.wanted else None, "versions_right": row.right / row.versions if row.versions else None,
             "of_no_package": row.wrong} for suite, groups in found.items() for group, row in groups.items()]
