"""Makes the image of bench/images from folders: a tar and a gzip blob for each, an OCI layout and the tree, all by streaming."""
import collections
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [BENCH, os.path.join(BENCH, "..", "tests", "images")]

import image_builder  # noqa: E402
import machine  # noqa: E402

Layer = collections.namedtuple("Layer", "tar blob diff_id digest")
WANTED = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
BLOCK = 1 << 20
NEW_FILES, NEW_LEAST, NEW_MOST = 20, 16 << 10, 512 << 10


class HashedFile:
    """A file for writing that computes the digest of the written bytes."""

    def __init__(self, path):
        self.data, self.digest = open(path, "wb"), hashlib.sha256()

    def write(self, block):
        self.digest.update(block)
        return self.data.write(block)

    def close(self):
        self.data.close()


def entries(folder):
    """Yields the paths of readable files, folders and links below a folder, parents first; skips devices."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(folders + names):
            path = os.path.join(place, name)
            mode = os.lstat(path).st_mode
            if any(wanted(mode) for wanted in WANTED) and (stat.S_ISLNK(mode) or os.access(path, os.R_OK)):
                yield path


def write_tar(path, folder, prefix):
    """Writes the contents of a folder to a tar, below the prefix ("" or a path), and returns the SHA-256 of the tar."""
    out = HashedFile(path)
    with tarfile.open(fileobj=out, mode="w|", bufsize=BLOCK, format=tarfile.PAX_FORMAT) as archive:
        parts = prefix.split("/") if prefix else []
        for count in range(len(parts)):
            archive.add(folder, "/".join(parts[:count + 1]), recursive=False)
        for entry in entries(folder):
            archive.add(entry, os.path.join(prefix, os.path.relpath(entry, folder)), recursive=False)
    out.close()
    return out.digest.hexdigest()


def packer():
    return ["igzip", "-1", "-c"] if shutil.which("igzip") else ["gzip", "-1", "-c"]


def make_layer(work, name, folder, prefix):
    """Makes the layer of one folder: WORK/NAME.tar, and its gzip form among the blobs of WORK/image."""
    tar, blobs = os.path.join(work, name + ".tar"), os.path.join(work, "image", "blobs", "sha256")
    os.makedirs(blobs, exist_ok=True)
    diff_id = write_tar(tar, folder, prefix)
    packed = os.path.join(work, name + ".gz")
    with open(packed, "wb") as out:
        subprocess.run([*packer(), tar], stdout=out, check=True)
    digest = machine.file_digest(packed)
    blob = os.path.join(blobs, digest)
    os.replace(packed, blob)
    return Layer(tar, blob, diff_id, digest)


def write_image(path, layers):
    """Writes the index, manifest and config of an OCI layout, and links the blobs of layers that lie elsewhere."""
    kinds = image_builder.OCI
    config = json.dumps({"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + layer.diff_id for layer in layers]}, "history": [
            {"created_by": f"step {number}"} for number in range(len(layers))]}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kinds + "manifest.v1+json", "config": {
        "mediaType": kinds + "config.v1+json", "digest": image_builder.sha256(config), "size": len(config)}, "layers": [
            {"mediaType": kinds + "layer.v1.tar+gzip", "digest": "sha256:" + layer.digest,
             "size": os.path.getsize(layer.blob)} for layer in layers]}).encode()
    descriptor = {"mediaType": kinds + "manifest.v1+json", "digest": image_builder.sha256(manifest), "size": len(manifest),
                  "platform": {"os": "linux", "architecture": "amd64"},
                  "annotations": {"org.opencontainers.image.ref.name": "bench"}}
    image_builder.write_folder(path, image_builder.layout_files([descriptor], {
        image_builder.sha256(data): data for data in (config, manifest)}))
    for layer in layers:
        place = os.path.join(path, "blobs", "sha256", layer.digest)
        if not os.path.exists(place):
            os.link(layer.blob, place)
    return path


def extract(layers, tree):
    """Extracts all layers in turn into a tree."""
    for layer in layers:
        with tarfile.open(layer.tar) as archive:
            archive.extraction_filter = lambda member, path: member
            archive.extractall(tree)
    return tree


def make_layers(work, roots, extras):
    """Makes the layers, image and tree of these folders in the work folder, or reuses those that an earlier run left."""
    recipe = os.path.join(work, "recipe.json")
    folders = [[os.path.realpath(folder), place] for folder, place in [
        *zip(roots, ["", *(f"srv/{number}-{os.path.basename(os.path.normpath(root))}"
                           for number, root in enumerate(roots[1:], 1))]),
        *((extra, "opt/extra" if number == 0 else f"opt/extra/{number}") for number, extra in enumerate(extras))]]
    if os.path.exists(recipe):
        with open(recipe, encoding="utf-8") as data:
            kept = json.load(data)
        if kept["folders"] == folders:
            return [Layer(*layer) for layer in kept["layers"]]
        os.unlink(recipe)
    for name in ("image", "tree"):
        shutil.rmtree(os.path.join(work, name), ignore_errors=True)
    layers = [make_layer(work, f"layer-{number}", *folder) for number, folder in enumerate(folders)]
    write_image(os.path.join(work, "image"), layers)
    extract(layers, os.path.join(work, "tree"))
    with open(recipe, "w", encoding="utf-8") as out:
        json.dump({"folders": folders, "layers": layers}, out)
    return layers


def make_new_files(root, folder):
    """Copies a few ELF files of the root and appends bytes to each, so that no cache knows them."""
    os.makedirs(folder)
    count = 0
    for path in entries(root):
        facts = os.lstat(path)
        if not stat.S_ISREG(facts.st_mode) or not NEW_LEAST <= facts.st_size <= NEW_MOST:
            continue
        with open(path, "rb") as data:
            if data.read(4) != b"\x7fELF":
                continue
        copy = os.path.join(folder, f"{count}-{os.path.basename(path)}")
        shutil.copyfile(path, copy)
        with open(copy, "ab") as out:
            out.write(b"new " + str(count).encode())
        count += 1
        if count == NEW_FILES:
            break
    return folder
