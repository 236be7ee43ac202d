"""Checks the include graph: each room of the engine includes only the rooms in its row; tools include only the public headers.

ROOMS is the map of engine/README.md. A row lists the rooms that a file of the room may include besides util/ and the public
headers; all others are forbidden. The table must have no cycles and no permissions that nobody uses.
"""
import collections
import re
import sys

import tree

ROOMS = {
    "util": [],
    # fpscan, from the bytes of a target to a report
    "source": [],
    "volume": [],
    "archive": ["volume"],
    "image": ["archive", "source"],
    "object": [],
    "packed": [],
    "code": [],
    "feature": ["code"],
    "database": ["feature"],
    "match": ["code", "database", "feature"],
    "program": ["code"],
    "inventory": ["archive", "source"],
    "result": [],
    "drift": ["image", "inventory"],
    "cache": ["image"],
    "advisory": ["result"],
    "scan": ["archive", "cache", "database", "drift", "image", "inventory", "match", "packed", "program", "result",
             "source"],
    "report": [],
    "compare": ["code", "report"],
    "suppress": ["advisory", "compare", "report", "result", "source"],
    # vulnbuild, from advisories to a database
    "feed": ["advisory", "archive", "inventory"],
    # sigbuild, from packages to a set
    "compiler": ["database", "feature"],
    "history": ["archive"],
    "workbench": ["archive", "code", "compiler", "database", "feature", "history", "packed"],
}
GENERATED = {"build_id.h"}  # made by the build, see engine/build_id.cmake
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
GUARD = re.compile(r"^#ifndef (\w+)\n#define \1$", re.M)


def cycle_faults():
    """Faults for rooms that include themselves indirectly."""
    faults = []
    for room in ROOMS:
        seen, open_rooms = set(), list(ROOMS[room])
        while open_rooms:
            other = open_rooms.pop()
            if other not in seen:
                seen.add(other)
                open_rooms += ROOMS[other]
        if room in seen:
            faults.append(f"{room} includes itself through other rooms")
    return faults


def included_room(own, mark, name):
    """The room that an include names, None for a system header or a public one."""
    if mark == "<" and name.split("/")[0] not in ROOMS:
        return None
    if name.startswith("fpscan/"):
        return None
    return name.split("/")[0] if "/" in name else own


def engine_faults(path, includes, used):
    own = path.parts[1]
    if own == "examples":
        return [f'{path}: an example includes only <fpscan/...>, not "{name}"' for mark, name in includes if mark == '"']
    if own not in ROOMS and own != "include":
        return [f"{path}: engine/{own} is not in the table of rooms"]
    faults = []
    for mark, name in includes:
        room = included_room(own, mark, name)
        if room is None or room == own or name in GENERATED:
            continue
        if own == "include":
            faults.append(f'{path}: a public header includes only public headers, not "{name}"')
        elif room != "util" and room not in ROOMS[own]:
            faults.append(f'{path}: {own} must not include "{name}"')
        used[own].add(room)
    return faults


def guard_fault(path, text):
    """A fault if the include guard of an internal header does not match its path."""
    if path.suffix != ".h" or path.parts[1] == "include":
        return []
    want = "FPS_" + "_".join(path.with_suffix("").parts[1:]).upper() + "_H"
    found = GUARD.search(text)
    return [] if found and found.group(1) == want else [f"{path}: the include guard must be {want}"]


def tool_faults(path, includes):
    own = path.parts[1]
    faults = []
    for mark, name in includes:
        if mark == '"' and "/" in name and name.split("/")[0] not in ("common", own):
            faults.append(f'{path}: a program includes only <fpscan/...> and "common/...", not "{name}"')
        elif mark == "<" and name.split("/")[0] in ROOMS:
            faults.append(f"{path}: a program must not include <{name}>")
    return faults


def main():
    faults, used = cycle_faults(), collections.defaultdict(set)
    for path, text in tree.files(sys.argv[1], ".c", ".h", folders=("engine", "tools")):
        includes = INCLUDE.findall(text)
        if path.parts[0] == "engine":
            faults += engine_faults(path, includes, used) + guard_fault(path, text)
        else:
            faults += tool_faults(path, includes)
    faults += [f"{own} may include {room}/, but never does: strike it from the table of rooms"
               for own in ROOMS for room in ROOMS[own] if room not in used[own]]
    tree.finish(faults)


main()
