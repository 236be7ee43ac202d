"""Writes container images from lists of entries, exactly as given: OCI layouts and archives, docker archives.

A layer is a list of entries: file(path, bytes, mode), folder(path), link(path, target), hard(path, target),
gone(path) for a whiteout, opaque(path) for an opaque directory. The builder neither sorts nor corrects entries, so it can also
make broken layers.
"""
import gzip
import hashlib
import io
import json
import os
import tarfile

OCI = "application/vnd.oci.image."


def _entry(path, kind, data=b"", mode=0o644, target=""):
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.size, info.linkname, info.mtime = kind, mode, len(data), target, 0
    return info, data


def file(path, data, mode=0o644):
    return _entry(path, tarfile.REGTYPE, data, mode)


def folder(path, mode=0o755):
    return _entry(path, tarfile.DIRTYPE, mode=mode)


def link(path, target):
    return _entry(path, tarfile.SYMTYPE, target=target)


def hard(path, target):
    return _entry(path, tarfile.LNKTYPE, target=target)


def gone(path):
    head, _, tail = path.rpartition("/")
    return file((head + "/" if head else "") + ".wh." + tail, b"")


def opaque(path):
    return file(path + "/.wh..wh..opq", b"")


def tar(entries):
    """The bytes of a tar with these entries."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(data, how):
    return gzip.compress(data, mtime=0) if how == "gzip" else data


class Image:
    """An image with uncompressed layers, which can be written in any form."""

    def __init__(self, layers, how="gzip", platform=("linux", "amd64"), config=None, annotations=None):
        self.tars = [layer if isinstance(layer, bytes) else tar(layer) for layer in layers]
        self.how = how
        self.annotations = annotations or {}
        history = [{"created_by": f"step {index}"} for index in range(len(self.tars))]
        self.config = {"os": platform[0], "architecture": platform[1], "rootfs": {"type": "layers", "diff_ids": [
            sha256(data) for data in self.tars]}, "history": history, "config": {}, **(config or {})}

    def blobs(self):
        """The manifest's descriptor, and all blobs by digest."""
        blobs, layers = {}, []
        for data in self.tars:
            blob = packed(data, self.how)
            blobs[sha256(blob)] = blob
            suffix = "layer.v1.tar+gzip" if self.how == "gzip" else "layer.v1.tar"
            layers.append({"mediaType": OCI + suffix, "digest": sha256(blob), "size": len(blob)})
        config = json.dumps(self.config, sort_keys=True).encode()
        blobs[sha256(config)] = config
        manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": {
            "mediaType": OCI + "config.v1+json", "digest": sha256(config), "size": len(config)}, "layers": layers,
            "annotations": self.annotations}, sort_keys=True).encode()
        blobs[sha256(manifest)] = manifest
        return {"mediaType": OCI + "manifest.v1+json", "digest": sha256(manifest), "size": len(manifest),
                "platform": {"os": self.config["os"], "architecture": self.config["architecture"]}}, blobs

    def layout(self, names=("test",)):
        """{path: bytes} of the files of an OCI layout."""
        descriptor, blobs = self.blobs()
        return layout_files([{**descriptor, "annotations": {"org.opencontainers.image.ref.name": name}} for name in names],
                            blobs)

    def docker(self, name="test:1"):
        """{path: bytes} of the files of a classic docker archive."""
        config = json.dumps(self.config, sort_keys=True).encode()
        config_name = sha256(config)[7:] + ".json"
        files, layers = {config_name: config}, []
        for data in self.tars:
            path = sha256(data)[7:] + "/layer.tar"
            files[path] = data
            layers.append(path)
        files["manifest.json"] = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": layers}]).encode()
        return files


def layout_files(descriptors, blobs):
    index = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": descriptors}
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode()}
    files.update({"blobs/" + digest.replace(":", "/"): blob for digest, blob in blobs.items()})
    return files


def write_folder(path, files):
    for name, data in files.items():
        place = os.path.join(path, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as out:
            out.write(data)
    return path


def write_archive(path, files, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path
