"""The report of a scan as dataclasses. Fields are those of the JSON report, in Python's spelling; its schema describes them.

Members of a later 2.x report that this module does not know are left out here, and are all in Report.raw.
"""
from __future__ import annotations

import dataclasses
import functools
import re
import typing
from typing import Any, Mapping, Optional, Tuple, Type, TypeVar

Made = TypeVar("Made")


@dataclasses.dataclass(frozen=True)
class Target:
    """What was scanned. `partial`: some bytes that could hold a program were not looked at."""

    path: str
    type: str
    entries: int
    regular_files: int
    objects: int
    bytes: int
    partial: bool
    packages_known: bool
    digests_compared: bool


@dataclasses.dataclass(frozen=True)
class File:
    """An ELF, PE or Mach-O file, or one with findings. `owner` is an index into Report.packages, `layer` one of layers."""

    path: str
    archive_path: Optional[str]
    layer: Optional[int]
    visibility: str
    owner: Optional[int]
    owner_name: Optional[str]
    links: Tuple[str, ...]
    size: int
    sha1: Optional[str]
    format: str
    type: str
    machine: str


@dataclasses.dataclass(frozen=True)
class Package:
    """What a package manager, a manifest or a program lists."""

    index: int
    kind: str
    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    license: str
    purl: str
    cpe: str
    location: str
    layer: Optional[int]
    parent: Optional[int]
    depends: Tuple[int, ...]
    state: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class PatchFunction:
    """A function of a patch that is in the file as a known build has it, with the fix or before it."""

    name: str
    fixed: bool
    address: str
    instructions: int
    toolchain: str
    origin: str


@dataclasses.dataclass(frozen=True)
class Patch:
    """What the code of a file says of a patch: "patched", "unpatched" or "unknown"."""

    cve: str
    state: str
    functions: Tuple[PatchFunction, ...]


@dataclasses.dataclass(frozen=True)
class Finding:
    """A component in one file. `file` is an index into Report.files; `drift` and `explained_by` into theirs."""

    file: int
    path: str
    archive_path: Optional[str]
    state: str
    linkage: str
    renamed: bool
    confidence: float
    coverage: float
    evidence_total: int
    against: Optional[str]
    owner_name: Optional[str]
    layer: Optional[int]
    introduced_layer: Optional[int]
    explained_by: Optional[int]
    drift: Optional[int]
    patches: Tuple[Patch, ...] = ()


@dataclasses.dataclass(frozen=True)
class Evidence:
    """A piece of evidence. `file` is an index into Report.files, `address` a hexadecimal number."""

    file: int
    kind: str
    offset: Optional[int]
    address: str
    weight: float
    text: str
    unit: str
    instructions: int
    size: int


@dataclasses.dataclass(frozen=True)
class Component:
    """An open-source component. `version` is set where one release is left; else `versions` are those that it can be."""

    id: str
    name: str
    purl: str
    cpe: str
    license: str
    state: str
    role: str
    linkage: str
    confidence: float
    version_kind: str
    version: Optional[str]
    versions: Tuple[str, ...]
    version_confidence: float
    version_note: Optional[str]
    files: Tuple[Finding, ...]
    evidence: Tuple[Evidence, ...]
    explained_by: Optional[int]
    version_from: Optional[str] = None
    version_to: Optional[str] = None
    version_open_above: bool = False
    version_open_below: bool = False


@dataclasses.dataclass(frozen=True)
class Place:
    """A file that a vulnerability is in."""

    path: str


@dataclasses.dataclass(frozen=True)
class Vulnerability:
    """A known vulnerability of a component (by id) or a package (by index). `patch`: what the code of its files shows, `code`: that in words."""

    id: str
    aliases: Tuple[str, ...]
    title: str
    link: str
    severity: str
    score: float
    risk: float
    component: Optional[str]
    package: Optional[int]
    packages: Tuple[int, ...]
    version: str
    verdict: str
    affected_versions: Tuple[str, ...]
    range: str
    fixed_version: Optional[str]
    will_not_fix: bool
    source: str
    suppression: str
    suppressed_by: str
    files: Tuple[Place, ...]
    patch: str = "unknown"
    code: str = ""


@dataclasses.dataclass(frozen=True)
class Drift:
    """Where a file differs from what its package says."""

    kind: str
    level: str
    path: str
    file: Optional[int]
    package: Optional[int]
    component: Optional[str]
    claimed: Optional[str]
    found: Optional[str]
    message: str


@dataclasses.dataclass(frozen=True)
class Diagnostic:
    """A remark on the target. Level "partial": bytes that could hold a program were not looked at."""

    level: str
    code: str
    path: Optional[str]
    offset: Optional[int]
    message: str


@dataclasses.dataclass(frozen=True)
class Report:
    """What one scan found.

    exit_code and messages are those of the program: 0, 2 (a gate closed) or 3 (partial). raw is the whole JSON document.
    """

    schema_version: str
    created: Optional[str]
    target: Target
    files: Tuple[File, ...]
    packages: Tuple[Package, ...]
    components: Tuple[Component, ...]
    drift: Tuple[Drift, ...]
    vulnerabilities_checked: bool
    vulnerabilities: Tuple[Vulnerability, ...]
    diagnostics: Tuple[Diagnostic, ...]
    exit_code: int
    messages: str
    raw: Mapping[str, Any] = dataclasses.field(repr=False, compare=False)

    @property
    def partial(self) -> bool:
        """Whether some bytes that could hold a program were not looked at; diagnostics of level "partial" say which."""
        return self.target.partial

    @property
    def gate_closed(self) -> bool:
        """Whether a term of fail_on applies."""
        return self.exit_code == 2


@functools.lru_cache(maxsize=None)
def _hints(kind: Type[Any]) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


@functools.lru_cache(maxsize=None)
def _member(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)


def _value(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        return make(typing.cast(Type[Any], kind), value)
    if typing.get_origin(kind) is tuple:
        return tuple(_value(typing.get_args(kind)[0], item) for item in value)
    return value


def make(kind: Type[Made], members: Mapping[str, Any], **given: Any) -> Made:
    """An object of a dataclass from a JSON object; `given` are fields that are not of the document. KeyError: one is missing."""
    hints = _hints(typing.cast(Any, kind))
    values = dict(given)
    for field in dataclasses.fields(kind):
        name = _member(field.name)
        if field.name not in given and (name in members or field.default is dataclasses.MISSING):
            values[field.name] = _value(hints[field.name], members[name])
    return kind(**values)
