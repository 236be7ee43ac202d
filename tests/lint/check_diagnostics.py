"""Checks the diagnostic codes: the engine uses exactly the codes in engine/util/diagnostic_codes.h, and `fpscan help
diagnostics` and the man page list that table.

The rooms in ROOMS give diagnostics. Every string there that looks like a code (words joined by dashes, or a literal directly
after a level) must be a row of the table or one of OTHER_WORDS, so no code can come into use without a row.
"""
import pathlib
import re
import subprocess
import sys

import tree

TABLE = pathlib.Path("engine/util/diagnostic_codes.h")
ROOMS = {"archive", "code", "database", "history", "image", "inventory", "match", "object", "scan", "source", "suppress", "workbench"}
# tables of licences, rules, folders, artifacts and components, whose names are words with dashes too
NOT_READ = {"dpkg_license.c", "phantom.c", "match_admission.c", "self_name.c", "history_rules.c", "language_java_groups_table.c"}
OTHER_WORDS = set("""
    aarch64-ilp32 bom-ref build-id compression-level code-cache config-files data-offset data-position data-size debug-link device-driver docker-archive docker-dir file-table fpscan-base-images gpg-pubkey install-path not-installed oci-archive oci-dir
    oci-layout operating-system package-note path-exclude path-include read-only sl-micro string-table symbol-table version-defined version-needed x86-64
""".split())
ROW = re.compile(r'^\s*X\("([a-z-]+)", (NOTE|PARTIAL),\s*(?:\\\n\s*)?"([^"]+)"\)', re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
DASHED = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"')
BEHIND_LEVEL = re.compile(r'FPS_(?:LEVEL|DIAGNOSTIC)_(?:NOTE|PARTIAL),\s*"([a-z-]+)"')
LITERAL = re.compile(r'"([a-z][a-z-]*)"')


def engine_words(root):
    """Yields (path, words that look like codes, all words) of each file that may give diagnostics."""
    for path, text in tree.files(root, ".c", folders=("engine",)):
        if path.parts[1] in ROOMS and path.name not in NOT_READ:
            code = COMMENT.sub("", text)
            yield path, set(DASHED.findall(code)) | set(BEHIND_LEVEL.findall(code)), set(LITERAL.findall(code))


def table_faults(rows):
    codes = [code for code, _, _ in rows]
    faults = [f"{TABLE}: {code}: two rows" for code in sorted(set(codes)) if codes.count(code) > 1]
    return faults + ([] if codes == sorted(codes) else [f"{TABLE}: the rows are not sorted by code"])


def use_faults(root, rows):
    codes, used, faults = {code for code, _, _ in rows}, set(), []
    for path, candidates, words in engine_words(root):
        used |= words
        faults += [f'{path}: "{word}" is neither in {TABLE} nor in OTHER_WORDS of this check'
                   for word in sorted(candidates - codes - OTHER_WORDS)]
    return faults + [f"{TABLE}: {code}: nothing uses it" for code in sorted(codes - used)]


def shown_faults(program, rows):
    """Faults unless the program prints the table that is in the sources."""
    shown = subprocess.run([program, "help", "diagnostics"], capture_output=True, text=True, check=True).stdout
    listed = dict(re.findall(r"^([a-z-]+) +(note|partial) ", shown, re.M))
    page = subprocess.run([program, "--man"], capture_output=True, text=True, check=True).stdout.replace("\\-", "-")
    faults = []
    for code, level, meaning in rows:
        if listed.get(code) != level.lower():
            faults.append(f"fpscan help diagnostics: {code} is missing or has another level; build the program again")
        if f"\\fB{code}\\fR" not in page or meaning not in page:
            faults.append(f"fpscan --man: {code} is missing or has another meaning; build the program again")
    return faults


def main():
    root, programs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rows = ROW.findall((root / TABLE).read_text(encoding="utf-8"))
    faults = table_faults(rows) + use_faults(root, rows)
    if (programs / "fpscan").exists():
        faults += shown_faults(programs / "fpscan", rows)
    tree.finish(faults)


main()
