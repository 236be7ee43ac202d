"""Checks HTML reports as documents, without a browser: their structure, the policy and its hashes, that no text of a target is
markup, and that the data in them are those of the JSON report of the same result.

usage: check_document.py BUILD
"""
import base64
import hashlib
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import make_report

DOCUMENTS = ["sample", "empty", "image", "layers"]
POLICY = ("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'; "
          "require-trusted-types-for 'script'; trusted-types 'none'")
# Elements of the document and their attributes: what is not here was made by the target.
ELEMENTS = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(), "style": set(),
    "body": set(), "header": set(), "main": {"id"}, "p": {"class"}, "b": set(), "h1": set(), "h2": set(), "dl": {"class"},
    "div": set(), "dt": set(), "dd": set(), "ul": {"class"}, "li": set(), "noscript": set(), "table": {"class"}, "thead": set(),
    "tbody": set(), "tr": set(), "th": {"scope"}, "td": set(), "a": {"class", "href", "rel"}, "script": {"type", "id"}}
SINKS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bFunction\(|setTimeout|\bfetch\b|"
                   r"XMLHttpRequest|WebSocket|\bimport\b|setAttribute\(\"on|srcdoc|javascript:")
LIMIT = 60 * 1024  # bytes of the style sheet and all scripts
SAME = {  # lists of the JSON report, and members of their items that the page has under the same name
    "packages": ["name", "version", "architecture", "license", "purl", "location", "visibility", "layer", "parent", "owned"],
    "files": ["path", "archivePath", "visibility", "layer", "owner", "size", "format", "machine"],
    "drift": ["kind", "level", "path", "component", "claimed", "found", "message", "package"],
    "diagnostics": ["level", "code", "path", "offset", "message"],
    "layers": ["diffID", "createdBy", "size", "base", "read"],
    "vulnerabilities": ["id", "title", "severity", "score", "vector", "risk", "version", "verdict", "range", "source", "advisory",
                        "suppression", "packages"],
}
FINDING = ["state", "confidence", "versionConfidence", "against", "evidenceTotal"]


class Document(html.parser.HTMLParser):
    """Collects elements, the texts of style, scripts and the fallback, and what is no part of a report."""

    def __init__(self, text):
        super().__init__()
        self.faults, self.texts, self.open, self.meta, self.rows, self.headings = [], [], None, {}, 0, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if tag not in ELEMENTS or set(names) - ELEMENTS[tag]:
            self.faults.append(f"line {self.getpos()[0]}: <{tag} {' '.join(names)}>")
        if not re.match(r"https://[!-~]+$|#results$", names.get("href", "#results")):
            self.faults.append(f"a link to {names['href']}")
        if tag == "meta":
            self.meta[names.get("http-equiv") or names.get("name") or "charset"] = names.get("content") or names.get("charset")
        if tag in ("style", "script"):
            self.open = (tag, names)
            self.texts.append((tag, names, ""))
        self.rows += tag == "tr"
        if tag == "h2":
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag in ("style", "script"):
            self.open = None

    def handle_data(self, data):
        if self.open:
            self.texts[-1] = (*self.texts[-1][:2], self.texts[-1][2] + data)
        elif self.headings and self.headings[-1] == "":
            self.headings[-1] = data

    def handle_comment(self, data):
        self.faults.append("a comment")


def hash_of(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy_faults(text):
    document = Document(text)
    kinds = [(tag, names.get("type", "")) for tag, names, _ in document.texts]
    if kinds != [("style", ""), ("script", "application/json"), ("script", "")]:
        return document.faults + [f"the styles and scripts are {kinds}"]
    style, _, script = (part for _, _, part in document.texts)
    faults = list(document.faults)
    if document.meta.get("Content-Security-Policy") != POLICY.format(style=hash_of(style), script=hash_of(script)):
        faults.append(f"the policy is {document.meta.get('Content-Security-Policy')}")
    if document.meta.get("referrer") != "no-referrer" or document.meta.get("charset") != "utf-8":
        faults.append(f"the head has {document.meta}")
    faults += [f"the script has {found}" for found in SINKS.findall(script)]
    faults += [f"the style sheet has {found}" for found in re.findall(r"url\(|@import|expression", style)]
    if len(style.encode()) + len(script.encode()) > LIMIT:
        faults.append(f"style sheet and scripts have {len(style.encode()) + len(script.encode())} bytes")
    return faults


def data_of(text):
    return next(part for _, names, part in Document(text).texts if names.get("type") == "application/json")


def text_faults(text):
    """Bytes that no reader can see, and markup in the data."""
    faults = [f"the character U+{ord(c):04X}" for c in sorted(set(text)) if c != "\n" and not c.isprintable()]
    return faults + [f"{c!r} in the data" for c in "<>&" if c in data_of(text)]


def table(data, name):
    return [dict(zip(data[name]["columns"], row)) for row in data[name]["rows"]]


def shown(value):
    """A value of either document, with everything beyond ASCII as the bytes that the page shows instead of what is invisible."""
    if not isinstance(value, str):
        return value
    return "".join(c if " " <= c <= "~" else "".join(f"\\x{byte:02x}" for byte in c.encode()) for c in value)


def same(name, page, report):
    """Faults where the lists of two documents differ."""
    if len(page) != len(report):
        return [f"{name}: {len(page)} rows, but {len(report)} in the JSON report"]
    return [f"{name}[{i}]: {[a for a, b in zip(left, right) if a != b]} is not {[b for a, b in zip(left, right) if a != b]}"
            for i, (left, right) in enumerate(zip(page, report)) if left != right]


def model_faults(text, report):
    """Differences between the data of a page and a JSON report of the same result."""
    data, faults = json.loads(data_of(text)), []
    for name, members in SAME.items():
        page = [[shown(row.get("listedAs", row[key])) if key in row else None for key in members] for row in table(data, name)]
        faults += same(name, page, [[shown(item[key]) for key in members] for item in report[name]])
    components = table(data, "components")
    found = [[shown(components[row["component"]]["id"]), row["file"], row["layer"], row["explainedBy"],
              *(shown(row[key]) for key in FINDING)] for row in table(data, "findings")]
    wanted = [[shown(item["id"]), place["file"], place["introducedLayer"] if place["introducedLayer"] is not None else place["layer"],
               place["explainedBy"], *(shown(place[key]) for key in FINDING)] for item in report["components"] for place in item["files"]]
    key = lambda row: (row[1], row[0])  # noqa: E731
    faults += same("findings", sorted(found, key=key), sorted(wanted, key=key))
    if data["target"] != {key: value for key, value in report["target"].items()} and not re.search(r"[^ -~]|\\", str(report["target"])):
        faults.append("the target differs")
    code = [[row["attributed"], row["generic"], row["unknown"]] for row in table(data, "files")]
    faults += same("code", code, [[(item["code"] or {}).get(name, 0) for name in ("attributed", "generic", "unknown")]
                                  for item in report["files"]])
    return faults


def fallback_faults(text, report):
    """Without scripts a page has a row for each component, package, vulnerability, drift item and place not looked at."""
    document = Document(text)
    partial = [item for item in report["diagnostics"] if item["level"] == "partial"]
    packages = [item for item in report["packages"] if item["visibility"] == "visible" or report["shown"]["scope"] == "all-layers"]
    lists = {"Components": report["components"], "Vulnerabilities": report["vulnerabilities"], "Drift": report["drift"],
             "Not looked at": partial, "Packages": packages}
    wanted = sum(len(items) + 1 for items in lists.values() if items)
    headings = [name for name, items in lists.items() if items]
    return ([] if document.rows == wanted else [f"{document.rows} rows without scripts, not {wanted}"]) + \
        ([] if document.headings == headings else [f"the tables without scripts are {document.headings}, not {headings}"])


def faults_of(text, report):
    return policy_faults(text) + text_faults(text) + model_faults(text, report) + fallback_faults(text, report)


def broken(text, report):
    yield "a changed script", text.replace("\"use strict\";", "\"use strict\"; ", 1)
    yield "a changed style", text.replace("box-sizing", "box-Sizing", 1)
    yield "an attribute", text.replace("<h1>", "<h1 onclick=\"x\">", 1)
    yield "an element", text.replace("<h1>", "<h1><img src=x>", 1)
    yield "a script", text.replace("<h1>", "<h1><script>x</script>", 1)
    yield "a link", text.replace("href=\"#results\"", "href=\"javascript:x\"", 1)
    yield "markup in the data", text.replace("\\u003c", "<", 1)
    yield "an invisible character", text.replace("<h1>", "<h1>\u202e", 1)
    yield "a package", text.replace("\"deb\", \"", "\"deb\", \"x", 1)
    yield "a row", re.sub(r"<tr><td>.*\n", "", text, count=1)
    yield "a layer", re.sub(r'("diffID".*\n.*\n.*?)\[.*\]', r"\1[]", text, count=1)
    assert report["packages"]


def run(*command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False).stdout.decode("utf-8")


def main():
    programs, failed = pathlib.Path(sys.argv[1]) / "bin", []
    for what in DOCUMENTS:
        text, report = run(programs / "test_report", "html", what), json.loads(run(programs / "test_report", "json", what))
        failed += [f"{what}: {fault}" for fault in faults_of(text, report)]
        if text != run(programs / "test_report", "html", what):
            failed.append(f"{what}: another page each time")
    with tempfile.TemporaryDirectory() as folder:
        page = make_report.write_page(programs, pathlib.Path(folder), 200)
        text, report = page.read_text(encoding="utf-8"), json.loads((page.parent / "matched.json").read_text(encoding="utf-8"))
        failed += [f"hostile names: {fault}" for fault in faults_of(text, report)]
        missing = [name for name in make_report.HOSTILE if shown(name) not in shown(json.dumps(json.loads(data_of(text)), ensure_ascii=False)
                                                                              .replace('\\"', '"').replace("\\\\", "\\"))]
        failed += [f"the page lacks {name!r}" for name in missing]
        refused = list(broken(text, report))
        failed += [f"accepted although wrong: {name}" for name, changed in refused
                   if changed == text or not attempt(changed, report)]
    for fault in failed:
        print(fault)
    print(f"{len(DOCUMENTS) + 1} pages, {len(refused)} broken ones are refused")
    sys.exit(1 if failed else 0)


def attempt(text, report):
    """Faults of a broken page; data that cannot be read are one."""
    try:
        return faults_of(text, report)
    except (ValueError, KeyError, StopIteration) as error:
        return [str(error)]


main()
