"""Suite npm: official Node.js programs and sharp's libvips bundles; the version tables inside them are the truth."""

import glob
import json
import os
import re
import subprocess

import judging
import linking
import programs

ARCHES = {"x64": "amd64", "arm64": "arm64"}
MACHINES = {"x86_64": "x64", "aarch64": "arm64"}
# Names in process.versions and versions.json that differ from the catalogue's.
NAMES = {"node": "nodejs", "ares": "c-ares", "uv": "libuv", "archive": "libarchive", "exif": "libexif", "ffi": "libffi", "heif": "libheif",
         "imagequant": "libimagequant", "lcms": "lcms2", "png": "libpng", "rsvg": "librsvg", "tiff": "libtiff", "webp": "libwebp",
         "spng": "libspng", "svg": "librsvg", "xml": "libxml2", "xml2": "libxml2"}


def fetch(listing, folder):
    """Get the missing packages of a list (NAME VERSION per line) through npm; returns [(name, version, archive)]."""
    with open(listing, encoding="utf-8") as lines:
        wanted = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    for name, version in wanted:
        archive = os.path.join(folder, f"{name.lstrip('@').replace('/', '-')}-{version}.tgz")
        if not os.path.exists(archive):
            os.makedirs(folder, exist_ok=True)
            done = subprocess.run(["npm", "pack", "-s", "--pack-destination", folder, f"{name}@{version}"], stdout=subprocess.DEVNULL, check=False)
            if done.returncode:
                raise judging.JudgeError(f"npm pack {name}@{version} failed")
        yield name, version, archive


def binaries(folder):
    """The program or library of an unpacked package."""
    return glob.glob(os.path.join(glob.escape(folder), "package", "bin", "node")) + glob.glob(os.path.join(glob.escape(folder), "package", "lib", "*.so*"))


def unpack(archive, folder, arch):
    """Unpack a package once and strip its program or library; returns the path, or None."""
    dest = os.path.join(folder, os.path.basename(archive).removesuffix(".tgz"))
    if not os.path.isdir(dest):
        os.makedirs(dest + ".new", exist_ok=True)
        subprocess.run(["tar", "-xzf", archive, "-C", dest + ".new", "--wildcards", "*/bin/node", "*.so*", "*/versions.json"],
                       check=False, stderr=subprocess.DEVNULL)
        for binary in binaries(dest + ".new"):
            linking.run([linking.tool(arch, "strip"), "-s", binary])
        os.rename(dest + ".new", dest)
    return next(iter(binaries(dest)), None)


def node_table(program):
    """The version table of a Node.js program that this machine can run."""
    text = subprocess.run([program, "-p", "JSON.stringify(process.versions)"], capture_output=True, text=True, check=True).stdout
    return json.loads(text)


def parts(table):
    """The parts of a bundle by its table; versions lose the suffixes of forks and builds."""
    found = []
    for name, version in sorted(table.items()):
        number = re.match(r"[0-9][0-9.]*[0-9]|[0-9]", version)
        if number:
            found.append(programs.Part(name, NAMES.get(name, name), number.group(), [], 0, 0, True))
    return found


def build(listing, cache, work, quick, held):
    """(folder, truths) with only those components of which the set holds a version; held is {component: versions}."""
    folder, tables, truths = os.path.join(work, "npm"), {}, []
    for name, version, archive in fetch(listing, cache):
        arch = name.rpartition("-")[2]
        binary = unpack(archive, folder, ARCHES[arch])
        if binary is None:
            raise judging.JudgeError(f"{archive}: neither a program nor a library")
        product = "node" if name.startswith("node") else "libvips"
        record = os.path.join(os.path.dirname(os.path.dirname(binary)), "versions.json")
        if product == "node" and arch == MACHINES.get(os.uname().machine):
            tables[version] = node_table(binary)
        elif product == "libvips":
            with open(record, encoding="utf-8") as text:
                tables[version] = json.load(text)
        truths.append((binary, product, version, arch))
    made = []
    for binary, product, version, arch in truths[::2] if quick else truths:
        if version not in tables:
            raise judging.JudgeError(f"{product} {version}: no program of that release runs on this machine, so its version table cannot be read")
        inside = parts(tables[version])
        made.append(programs.Truth(binary.removeprefix(folder), [product, f"{product} {version}"], ARCHES[arch], "",
                                   [part for part in inside if held.get(part.component)], [*programs.TOOLCHAIN] + [part.component for part in inside]))
    return folder, made
