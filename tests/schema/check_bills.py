"""Validates bills with the official schemas and libraries: CycloneDX XML by its XML schemas, GitLab's CycloneDX, SPDX 2.3 as tags
and values and in JSON by spdx-tools, SPDX 3.0 by the model that is generated from the specification. Both forms of a family must
say the same. GitHub's snapshot has a schema of its own here, written from the documentation of its API.

usage: check_bills.py PROGRAM FOLDER    installs packages of PyPI in FOLDER/bills; skips the test if that is impossible
"""
import collections
import json
import logging
import os
import re
import sys
import tempfile

import npm
import pypi

PACKAGES = ["cyclonedx-python-lib[validation]==11.12.0", "spdx-tools==0.8.5", "spdx-python-model==0.0.6"]
DOCUMENTS = ["sample", "empty", "image", "layers", "vulnerable"]
VERSIONS = ["1.4", "1.5", "1.6", "1.7"]
SHA = re.compile(r"^[0-9a-fA-F]{40}$|^$")


def xml_faults(version, text):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.xml import XmlValidator
    fault = XmlValidator(SchemaVersion.from_version(version)).validate_str(text)
    return [str(fault)[:300]] if fault else []


def gitlab_faults(text):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    properties = {p["name"]: p["value"] for p in json.loads(text)["metadata"]["properties"]}
    found = [str(fault)[:300]] if fault else []
    return found + ([] if properties.get("gitlab:meta:schema_version") == "1" else ["GitLab would not read the properties"])


def parse_spdx(text, ending):
    from spdx_tools.spdx.parser.parse_anything import parse_file
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "document" + ending)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return parse_file(path)


def spdx_faults(text, ending):
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    try:
        return [str(message.validation_message)[:300] for message in validate_full_spdx_document(parse_spdx(text, ending))]
    except SPDXParsingError as error:
        return [str(error.get_messages())[:300]]


def plain(item):
    """True for an element without bytes that only JSON can hold."""
    return "\\x" not in repr(item) and "\\u" not in repr(item) and "evil" not in repr(item)


def form_faults(tags, document):
    """What the two forms of an SPDX 2.3 document say differently."""
    left, right = parse_spdx(tags, ".spdx"), parse_spdx(document, ".spdx.json")
    for part in ("packages", "files", "relationships", "annotations", "extracted_licensing_info"):
        one, other = getattr(left, part), getattr(right, part)
        if len(one) != len(other):
            yield f"{part}: {len(one)} and {len(other)}"
        if sorted(repr(item) for item in one if plain(item)) != sorted(repr(item) for item in other if plain(item)):
            yield f"{part} differ"


def spdx3_faults(text):
    from spdx_python_model import v3_0_1 as model
    objects = model.SHACLObjectSet()
    try:
        model.JSONLDDeserializer().deserialize_data(json.loads(text), objects)
    except (ValueError, TypeError, KeyError) as error:
        return [str(error)[:300]]
    missing = objects.link()
    kinds = {type(item).__name__.rsplit("_", 1)[-1] for item in objects.foreach()}
    return [f"{name} leads nowhere" for name in missing] + [f"no {kind}" for kind in ("SpdxDocument", "Sbom", "Package") if kind.lower() not in {k.lower() for k in kinds}]


def cyclonedx_states(text):
    """(vulnerability, component, state) of CycloneDX in JSON."""
    for item in json.loads(text).get("vulnerabilities", []):
        for affect in item["affects"]:
            yield item["id"], affect["ref"], item["analysis"]["state"]


def openvex_states(text):
    for statement in json.loads(text)["statements"]:
        for product in statement["products"]:
            yield statement["vulnerability"]["name"], product["@id"], statement["status"]


def spdx3_states(text):
    for item in json.loads(text)["@graph"]:
        if item["type"].startswith("security_Vex"):
            for entry in item["to"]:
                yield item["from"], entry, item["type"]


def state_faults(states):
    """What a document says of one vulnerability in one component more than once: a consumer takes one state of the two."""
    count = collections.Counter((name, entry) for name, entry, _ in states)
    return [f"{name} in {entry} has {times} states" for (name, entry), times in count.items() if times > 1]


def github_faults(text):
    """What the dependency submission API asks of a snapshot."""
    document = json.loads(text)
    for key, kind in {"version": int, "job": dict, "sha": str, "ref": str, "detector": dict, "scanned": str, "manifests": dict}.items():
        if not isinstance(document.get(key), kind):
            yield f"{key} is missing"
            return
    if not SHA.match(document["sha"]) or not {"id", "correlator"} <= set(document["job"]) or not {"name", "version", "url"} <= set(document["detector"]):
        yield "job, commit or detector are not as the API wants them"
    for key, manifest in document["manifests"].items():
        if manifest["name"] != key or manifest["file"]["source_location"].startswith("/"):
            yield f"{key}: name or place"
        for name, item in manifest["resolved"].items():
            if not item["package_url"].startswith("pkg:") or item["relationship"] not in ("direct", "indirect") or item["scope"] not in ("runtime", "development"):
                yield f"{key}: {name}"


def broken(texts, vulnerable):
    """Texts that must be refused: a proof that each check can fail."""
    for word in ("affects", "fixedIn", "doesNotAffect", "underInvestigationFor", "kev", "critical"):
        yield f"{word} of SPDX 3", spdx3_faults(vulnerable["spdx-json@3.0"].replace(f'"{word}"', '"wrong"', 1))
    yield "states that contradict", state_faults([*cyclonedx_states(vulnerable["cyclonedx@1.6"])] * 2)
    yield "XML without name", xml_faults("1.6", texts["cyclonedx-xml@1.6"].replace("<name>rsync</name>", "", 1))
    yield "XML with attribute", xml_faults("1.5", texts["cyclonedx-xml@1.5"].replace('type="library"', 'type="thing"', 1))
    yield "tags without version", spdx_faults(texts["spdx-tag-value"].replace("SPDXVersion: SPDX-2.3\n", "", 1), ".spdx")
    yield "tag without value", spdx_faults(texts["spdx-tag-value"].replace("PackageDownloadLocation: NOASSERTION", "PackageDownloadLocation:", 1), ".spdx")
    yield "forms that differ", list(form_faults(texts["spdx-tag-value"].replace("PackageVersion: 3.2.7-1", "PackageVersion: 9", 1), texts["spdx-json@2.3"]))
    yield "element of SPDX 3", spdx3_faults(texts["spdx-json@3.0"].replace('"software_Package"', '"software_Parcel"', 1))
    yield "purpose of SPDX 3", spdx3_faults(texts["spdx-json@3.0"].replace('"software_primaryPurpose": "container"', '"software_primaryPurpose": "box"', 1))
    yield "GitLab's version", gitlab_faults(texts["gitlab"].replace("gitlab:meta:schema_version", "gitlab:meta:version", 1))
    yield "snapshot without job", list(github_faults(texts["github"].replace('"job"', '"work"', 1)))


def main():
    program, folder = sys.argv[1], os.path.join(os.path.abspath(sys.argv[2]), "bills")
    pypi.enter(folder, PACKAGES)
    logging.disable(logging.CRITICAL)
    failed, checked, image, vulnerable = [], 0, {}, {}
    for what in DOCUMENTS:
        formats = [*(f"cyclonedx-xml@{v}" for v in VERSIONS), "gitlab", "spdx-tag-value", "spdx-json@2.3", "spdx-json@3.0", "github",
                   "cyclonedx@1.6", "openvex"]
        texts = {name: npm.document(program, name, what).decode("utf-8") for name in formats}
        faults = {name: xml_faults(name[-3:], texts[name]) for name in formats if name.startswith("cyclonedx-xml")}
        faults["gitlab"] = gitlab_faults(texts["gitlab"])
        faults["spdx-tag-value"] = spdx_faults(texts["spdx-tag-value"], ".spdx")
        faults["spdx-json@2.3"] = spdx_faults(texts["spdx-json@2.3"], ".spdx.json")
        faults["forms"] = list(form_faults(texts["spdx-tag-value"], texts["spdx-json@2.3"]))
        faults["spdx-json@3.0"] = spdx3_faults(texts["spdx-json@3.0"])
        faults["github"] = list(github_faults(texts["github"]))
        for name, read in {"cyclonedx@1.6": cyclonedx_states, "openvex": openvex_states, "spdx-json@3.0": spdx3_states}.items():
            faults[f"states of {name}"] = state_faults(read(texts[name]))
        failed += [f"{name} {what}: {fault}" for name, found in faults.items() for fault in found]
        checked += len(texts)
        image = texts if what == "image" else image
        vulnerable = texts if what == "vulnerable" else vulnerable
    refused = list(broken(image, vulnerable))
    failed += [f"accepted although wrong: {name}" for name, found in refused if not found]
    npm.finish(failed, f"{checked} documents are valid, {len(refused)} broken ones are refused")


main()
