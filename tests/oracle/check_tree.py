"""Merges random layers with a second implementation, written only from the OCI image-spec and tree.h, and compares the dumps.

usage: check_tree.py MERGE_LAYERS [CASES [FIRST_SEED]]
If umoci is installed, some well-formed images are also compared with what it unpacks.
"""
import copy
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile

NAMES = ["a", "b", "c", "d", "caf\u00e9", "\udcff\udcfe"]
TYPES = {"f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "o": tarfile.FIFOTYPE}
MOST_LINKS = 40


class Node:
    """A node of the tree; a directory has children."""

    def __init__(self, kind, layer, mode=0o755, size=0, content=None, target=None):
        self.kind, self.layer, self.mode, self.size, self.content, self.target = kind, layer, mode, size, content, target
        self.children = {}
        self.end = None  # of a hard link: what it is another name of


class Content:
    def __init__(self, layer, index, previous):
        self.layer, self.index, self.previous = layer, index, previous

    def text(self):
        return f"{self.layer}.{self.index}" + ("<" + self.previous.text() if self.previous else "")


class Lost(Exception):
    """The path leads nowhere."""


def parts_of(path):
    return [part for part in path.split("/") if part and part != "."]


def walk(root, path, last, make=None, blocked=()):
    """The trail of (node, name) to `path`, following links; `make` creates missing directories."""
    trail, todo, links = [(root, "")], parts_of(path), 0
    while todo:
        part = todo.pop(0)
        if part == "..":
            trail = trail[:-1] or trail
            continue
        here = trail[-1][0]
        child = here.children.get(part)
        if child and child.kind == "l" and (todo or last):
            links += 1
            if links > MOST_LINKS or not child.target or child in blocked:
                raise Lost
            if child.target.startswith("/"):
                trail = trail[:1]
            todo = parts_of(child.target) + todo
            continue
        if make and (child is None or child.kind != "d"):
            child = here.children[part] = make()
        if child is None or (todo and child.kind != "d"):
            raise Lost
        trail.append((child, part))
    return trail


def target_of(root, path):
    """What the target of a hard link names now: a node of type f, l or o; None where that is nothing or not known yet."""
    try:
        node = walk(root, path, False)[-1][0]
    except Lost:
        return None
    node = node.end if node.kind == "h" else node
    return node if node is not None and node.kind in "flo" else None


def remove_lower(root, entries):
    """Applies the whiteouts; returns what hard links named before, by the number of the entry."""
    targets = {i: target_of(root, detail) for i, (kind, _, detail) in enumerate(entries) if kind == "h"}
    own = set()
    for kind, path, _ in entries:
        if kind in "fdhow":
            try:
                node = walk(root, path, False)[-1][0]
                own |= {node} if node.kind == "l" else set()
            except Lost:
                pass
    gone = []
    for kind, path, _ in entries:
        if kind not in "wq":
            continue
        try:
            gone.append((kind, walk(root, path, kind == "q", blocked=own)))
        except Lost:
            pass
    for kind, trail in gone:
        if kind == "q":
            trail[-1][0].children.clear()
        elif len(trail) > 1 and trail[-2][0].children.get(trail[-1][1]) is trail[-1][0]:
            del trail[-2][0].children[trail[-1][1]]
    return targets


def place_all(root, layer, entries, lower):
    """Applies the entries in order; returns hard links as (parent, name, node, target)."""
    links, index = [], 0
    for at, (kind, path, detail) in enumerate(entries):
        if kind in "wq":
            continue
        number = index
        index += kind == "f"
        end = target_of(root, detail) or lower[at] if kind == "h" else None
        head, _, name = path.rpartition("/")
        try:
            parent = walk(root, head, True, make=lambda: Node("d", layer))[-1][0]
        except Lost:
            continue
        if not name:
            if kind == "d":
                root.mode, root.layer = 0o700, layer
            continue
        old = parent.children.get(name)
        previous = old.content if old and old.kind in "fh" else None
        if previous and old.kind == "f" and previous.layer == layer:
            previous = previous.previous
        if kind == "d" and old and old.kind == "d":
            old.mode, old.layer = 0o700, layer
            continue
        new = Node(kind, layer, 0o700)
        if kind == "f":
            new.size, new.content = detail, Content(layer, number, previous)
        elif kind == "l":
            new.target = detail
        elif kind == "h":
            new.content, new.end = previous, copy.copy(end)
            links.append((parent, name, new, detail))
        parent.children[name] = new
    return links


def is_there(root, node):
    return node is root or any(is_there(child, node) or child is node for child in root.children.values())


def finish_links(root, layer, links):
    links = [link for link in links if is_there(root, link[2])]
    ends = {}
    for _, _, node, target in links:
        if node.end:
            continue
        seen, at = set(), node
        wanted = {link[2]: link[3] for link in links}
        while at is not None and at.kind == "h" and not at.end and at not in seen:
            seen.add(at)
            try:
                at = walk(root, wanted[at], False)[-1][0]
            except Lost:
                at = None
        at = at.end if at is not None and at.kind == "h" and at not in seen else at
        ends[node] = at if at is not None and at.kind in "flo" else None
    for parent, name, node, _ in links:
        end, previous = node.end or ends[node], node.content
        if end is None:
            del parent.children[name]
            continue
        node.kind, node.mode, node.size, node.target, node.content = end.kind, end.mode, end.size, end.target, end.content
        if end.kind == "f" and end.content.layer == layer and end.content.previous is None:
            end.content.previous = previous


def escape(text):
    data = os.fsencode(text)
    return "".join(chr(b) if 32 < b < 127 and b != 92 else f"\\x{b:02x}" for b in data)


def dump(node, path, lines):
    content = node.content.text() if node.kind == "f" else "-"
    layer = "-" if node.layer is None else node.layer
    target = f" -> {escape(node.target)}" if node.kind == "l" else ""
    lines.append(f"{node.kind} {node.mode:04o} {layer} {node.size} {content} {escape(path or '/')}{target}\n")
    for name in sorted(node.children, key=os.fsencode):
        dump(node.children[name], f"{path}/{name}", lines)


def merge(layers):
    root = Node("d", None)
    for layer, entries in enumerate(layers):
        lower = remove_lower(root, entries)
        finish_links(root, layer, place_all(root, layer, entries, lower))
    lines = []
    dump(root, "", lines)
    return "".join(lines), root


# ---- making layers ----

def random_path(chance):
    return "/" + "/".join(chance.choice(NAMES) for _ in range(chance.choice((1, 1, 2, 2, 3, 4))))


def random_target(chance):
    return chance.choice(("", "/", "../", "../../", "./")) + random_path(chance)[1:]


def random_layer(chance):
    entries = []
    for _ in range(chance.randrange(1, 14)):
        kind = chance.choice("ffffdddlhhowwq")
        path = "/" if kind in "dq" and chance.random() < .05 else random_path(chance)
        detail = {"f": chance.randrange(2000), "l": random_target(chance), "h": random_path(chance)}.get(kind)
        entries.append((kind, path, detail))
    return entries


def write_layer(path, entries, chance):
    form = chance.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    with tarfile.open(path, "w", format=form, errors="surrogateescape") as tar:
        for kind, name, detail in entries:
            prefix = chance.choice(("", "./", "/", "x/../", ".//"))
            head, _, base = name.rpartition("/")
            if kind == "w":
                name = f"{head}/.wh.{base}"
            elif kind == "q":
                name = f"{name}/.wh..wh..opq"
            info = tarfile.TarInfo(prefix + name[1:] if name != "/" else "./")
            info.mode, info.type = 0o700, TYPES.get(kind, tarfile.REGTYPE)
            info.size = detail if kind == "f" else 0
            if kind in "lh":
                info.linkname = detail if kind == "l" else chance.choice(("", "./", "/")) + detail[1:]
            tar.addfile(info, io.BytesIO(bytes(info.size)) if info.size else None)


def run(program, paths):
    done = subprocess.run([program, *paths], capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{program} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def check_random(program, folder, cases, first):
    for seed in range(first, first + cases):
        chance = random.Random(seed)
        layers = [random_layer(chance) for _ in range(chance.randrange(1, 5))]
        paths = []
        for number, entries in enumerate(layers):
            paths.append(os.path.join(folder, f"{number}.tar"))
            write_layer(paths[-1], entries, chance)
        expected, _ = merge(layers)
        got = run(program, paths)
        if got != expected:
            for number, entries in enumerate(layers):
                print(f"layer {number}: {entries}")
            sys.exit(f"seed {seed}:\n{got}--- expected:\n{expected}")
    print(f"{cases} random images merge alike")


# ---- umoci ----

def tidy_layer(chance, root):
    """A layer as tools write it, on top of the tree so far: parents first, and targets of hard links before the links."""
    there = []

    def collect(node, path):
        for name, child in node.children.items():
            there.append((child.kind, f"{path}/{name}"))
            collect(child, f"{path}/{name}")
    collect(root, "")
    entries, used = [], set()
    files = [path for kind, path in there if kind == "f"]
    moved = chance.choice(files) if files and chance.random() < .3 else None  # linked to a new name, then removed
    for kind, path in there:
        if path == moved or (moved and moved.startswith(path + "/")):
            continue
        if chance.random() < .15 and not any(path.startswith(other + "/") for other in used):
            entries.append(("w", path, None))
            used.add(path)
    files = [path for path in files if not any(path == other or path.startswith(other + "/") for other in used)]
    if moved:
        used.add(moved)
        entries.append(("h", "/moved", moved))
        used.add("/moved")
        files = []
    for _ in range(chance.randrange(1, 10)):
        path = random_path(chance)
        parents = path.split("/")[1:-1]
        trail = ["/" + "/".join(parents[:i + 1]) for i in range(len(parents))]
        if path in used or any(other in used and ("d", other, None) not in entries for other in trail):
            continue
        for parent in trail:
            if parent not in used:
                entries.append(("d", parent, None))
                used.add(parent)
        kind = chance.choice("fffdlh" if files else "fffdl")
        detail = {"f": chance.randrange(2000), "l": random_target(chance), "h": files and chance.choice(files)}.get(kind)
        entries.append((kind, path, detail))
        used.add(path)
        files += [path] if kind == "f" else []
    if moved:
        entries.append(("w", moved, None))
    elif chance.random() < .3:
        folders = [path for kind, path, _ in entries if kind == "d"]
        entries += [("q", chance.choice(folders), None)] if folders else []
    return entries


def put_blob(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(layout, "blobs", "sha256", digest), "wb") as blob:
        blob.write(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


def write_image(layout, tars):
    os.makedirs(os.path.join(layout, "blobs", "sha256"))
    kind = "application/vnd.oci.image."
    layers = []
    for path in tars:
        with open(path, "rb") as tar:
            layers.append({"mediaType": kind + "layer.v1.tar", **put_blob(layout, tar.read())})
    config = {"architecture": "amd64", "os": "linux", "config": {},
              "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}
    manifest = {"schemaVersion": 2, "config": {"mediaType": kind + "config.v1+json",
                                               **put_blob(layout, json.dumps(config).encode())}, "layers": layers}
    entry = {"mediaType": kind + "manifest.v1+json", **put_blob(layout, json.dumps(manifest).encode()),
             "annotations": {"org.opencontainers.image.ref.name": "test"}}
    for name, text in (("index.json", {"schemaVersion": 2, "manifests": [entry]}),
                       ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
        with open(os.path.join(layout, name), "w", encoding="ascii") as file:
            json.dump(text, file)


def unpacked(folder, path=""):
    """The contents of a folder, as lines "TYPE SIZE PATH[ -> TARGET]"."""
    lines = []
    for name in sorted(os.listdir(folder + path), key=os.fsencode):
        full = f"{path}/{name}"
        if os.path.islink(folder + full):
            lines.append(f"l 0 {escape(full)} -> {escape(os.readlink(folder + full))}\n")
        elif os.path.isdir(folder + full):
            lines += [f"d 0 {escape(full)}\n"] + unpacked(folder, full)
        else:
            lines.append(f"f {os.path.getsize(folder + full)} {escape(full)}\n")
    return lines


def check_umoci(program, folder, cases):
    if not shutil.which("umoci"):
        print("umoci is not installed: comparison skipped")
        return
    refused = 0
    for seed in range(cases):
        chance = random.Random(-1 - seed)
        layers, paths, root = [], [], Node("d", None)
        for number in range(3):
            layers.append(tidy_layer(chance, root))
            _, root = merge(layers)
            paths.append(os.path.join(folder, f"{number}.tar"))
            write_layer(paths[-1], layers[-1], chance)
        layout, bundle = os.path.join(folder, "layout"), os.path.join(folder, "bundle")
        write_image(layout, paths)
        done = subprocess.run(["umoci", "unpack", "--rootless", "--image", f"{layout}:test", bundle], capture_output=True,
                              check=False)
        if done.returncode:
            refused += 1
        else:
            got = []
            for line in run(program, paths).splitlines(True)[1:]:
                kind, _, _, size, _, rest = line.split(" ", 5)
                got.append(f"{kind} {size} {rest}")
            expected = unpacked(os.path.join(bundle, "rootfs"))
            if got != expected:
                for number, entries in enumerate(layers):
                    print(f"layer {number}: {entries}")
                sys.exit(f"umoci, seed {seed}:\n{''.join(got)}--- expected:\n{''.join(expected)}")
        shutil.rmtree(layout)
        shutil.rmtree(bundle, ignore_errors=True)
    print(f"{cases - refused} images merge as umoci unpacks them, {refused} it refused")


def main():
    program, cases, first = sys.argv[1], int((sys.argv[2:3] or [300])[0]), int((sys.argv[3:4] or [0])[0])
    with tempfile.TemporaryDirectory() as folder:
        check_random(program, folder, cases, first)
        check_umoci(program, folder, 20)


main()
