"""The catalogue's text files: stanzas of "Field: value" lines, with continuation lines that begin with a space."""

import fnmatch
import glob
import os

FIELDS = ["Component", "Name", "Purl", "Cpe", "License", "Family", "Since", "Role", "Sources", "Vendors", "Releases", "Note"]
WIDTH = 118


class CatalogueError(Exception):
    """A stanza cannot be read; the message says where and why."""


def read_file(path):
    """(leading comment lines, stanzas) of one file. A stanza maps each field to its value, and "" to (path, line)."""
    header, stanzas, stanza, last = [], [], {}, None
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if line.startswith("#"):
                if not stanzas and not stanza:
                    header.append(line)
            elif not line.strip():
                if stanza:
                    stanzas.append(stanza)
                stanza, last = {}, None
            elif line[0] == " ":
                if last is None:
                    raise CatalogueError(f"{path}:{number}: continuation line without a field")
                stanza[last] += " " + line.strip()
            else:
                last, colon, value = line.partition(":")
                if not colon or last in stanza:
                    raise CatalogueError(f"{path}:{number}: no field, or {last} twice in a stanza")
                stanza.setdefault("", (path, number))
                stanza[last] = value.strip()
    if stanza:
        stanzas.append(stanza)
    return header, stanzas


def files(folder):
    """The catalogue's files in a folder, sorted."""
    return sorted(glob.glob(os.path.join(folder, "*.txt")))


def read(folder):
    """All stanzas of all files."""
    return [stanza for path in files(folder) for stanza in read_file(path)[1]]


def folded(field, value):
    """One field as text, long lists folded at spaces."""
    lines, line = [], field + ":"
    for word in value.split():
        if len(line) + 1 + len(word) > WIDTH and line.strip():
            lines.append(line)
            line = ""
        line += " " + word
    return "\n".join(lines + [line]) + "\n"


def write_file(path, header, stanzas):
    """Write one file, stanzas sorted by component, fields in the order of FIELDS, under a temporary name first."""
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in header)
        for stanza in sorted(stanzas, key=lambda s: s["Component"]):
            out.write("\n")
            out.writelines(folded(field, stanza[field]) for field in FIELDS if stanza.get(field))
    os.replace(path + ".new", path)


def source_patterns(stanza, distribution="debian"):
    """Source package patterns of a stanza for one distribution."""
    prefix = distribution + ":"
    return [word[len(prefix):] for word in stanza.get("Sources", "").split() if word.startswith(prefix)]


class SourceMap:
    """Finds the component of a distribution's source package."""

    def __init__(self, stanzas, distribution="debian"):
        pairs = [(pattern, s["Component"]) for s in stanzas for pattern in source_patterns(s, distribution)]
        self.exact = {pattern: component for pattern, component in pairs if "*" not in pattern}
        self.globs = [(pattern, component) for pattern, component in pairs if "*" in pattern]

    def component(self, source):
        """Component id of a source package, or None; an exact name wins over patterns."""
        if source in self.exact:
            return self.exact[source]
        return next((component for pattern, component in self.globs if fnmatch.fnmatchcase(source, pattern)), None)
