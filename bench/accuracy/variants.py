"""Makes copies of ELF files under other names, without symbols and without section headers."""

import os
import shutil
import struct
import subprocess

KINDS = ("renamed", "stripped", "headerless", "all-three")

# Offsets in the ELF header by class: e_shoff and its width, then e_shentsize, e_shnum, e_shstrndx.
SECTION_FIELDS = {1: (0x20, "I", 0x2E), 2: (0x28, "Q", 0x3A)}


def drop_section_headers(content):
    """The bytes of an ELF file without the section table in its header, and without the table itself if it was at the end."""
    content = bytearray(content)
    shoff_at, width, counts_at = SECTION_FIELDS[content[4]]
    order = "<" if content[5] == 1 else ">"
    table, = struct.unpack_from(order + width, content, shoff_at)
    size, count, _ = struct.unpack_from(order + "3H", content, counts_at)
    struct.pack_into(order + width, content, shoff_at, 0)
    struct.pack_into(order + "2H", content, counts_at + 2, 0, 0)
    if table and table + size * count >= len(content):
        del content[table:]
    return bytes(content)


def rewrite(path, change):
    """Replace a file's bytes."""
    with open(path, "rb") as data:
        content = change(data.read())
    with open(path, "wb") as out:
        out.write(content)


def make(kind, root, paths, folder, log):
    """Copy files of a root below `folder` and change them by `kind`; returns {path of the copy: path of the original}."""
    made = {}
    for number, path in enumerate(sorted(paths)):
        name = f"/{number % 100:02d}/{number:06d}" if kind in ("renamed", "all-three") else path
        copy = folder + name
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(root + path, copy)
        if kind in ("stripped", "all-three"):
            done = subprocess.run(["strip", "-s", copy], stderr=subprocess.DEVNULL, check=False)
            if done.returncode:
                log("not-stripped", kind, path)
        if kind in ("headerless", "all-three"):
            rewrite(copy, drop_section_headers)
        made[name] = path
    return made


def compare(kind, before, after, copies, log):
    """A row of the table: the number of files whose components, and whose components with versions, stayed the same."""
    components = answers = 0
    for copy, path in sorted(copies.items(), key=lambda pair: pair[1]):
        gone, new = before.present(path) - after.present(copy), after.present(copy) - before.present(path)
        same = not gone and not new
        was, now = all_versions(before, path), all_versions(after, copy)
        components += same
        answers += was == now
        if not same:
            log("differs", kind, path, "lost " + " ".join(sorted(gone)) if gone else "", "new " + " ".join(sorted(new)) if new else "")
        elif was != now:
            log("answer", kind, path, f"was {was}", f"is {now}")
    return {"files": len(copies), "same_components": components / len(copies), "same_answers": answers / len(copies)}


def all_versions(report, path):
    """A report's answer for one file: components with versions."""
    return sorted((one.facts["id"], one.facts["versionKind"], tuple(one.facts["versions"]))
                  for one in report.findings.get(path, ()) if one.place["state"] == "present")
