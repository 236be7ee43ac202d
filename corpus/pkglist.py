"""Reads lists of source packages and chooses the binary packages that they select."""

import fnmatch
import re
import sys
from collections import namedtuple

Rule = namedtuple("Rule", "pattern only skip max_bytes suites archs")

LEFT_OUT = re.compile(r"(-dbg|-dbgsym|-doc|-udeb|-tests?|-examples?|-testsuite)$"
                      r"|^(lib32|libx32|lib64|libn32)|-(i386|x32|i686)(-|$)")


def parse_size(text):
    """Bytes from "40M", "900k" or a plain number."""
    unit = {"k": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:], 0)
    return int(float(text[:-1]) * unit) if unit else int(text)


def read_rules(path, max_bytes):
    """The rules of a list file. A line is a source pattern, then only=, skip= (package patterns), max=, suites=, arch=."""
    rules = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            options = dict(word.partition("=")[::2] for word in words[1:])
            unknown = set(options) - {"only", "skip", "max", "suites", "arch"}
            if unknown:
                sys.exit(f"fetch: {path}:{number}: unknown option {sorted(unknown)[0]}")
            rules.append(Rule(words[0], options["only"].split(",") if "only" in options else ["*"],
                              options["skip"].split(",") if "skip" in options else [],
                              parse_size(options["max"]) if "max" in options else max_bytes,
                              options["suites"].split(",") if "suites" in options else None,
                              options["arch"].split(",") if "arch" in options else None))
    return rules


class Chooser:
    """Decides by the rules of a list file which packages are wanted."""

    def __init__(self, rules):
        self.exact = {rule.pattern: rule for rule in rules if not set("*[?") & set(rule.pattern)}
        self.globs = [rule for rule in rules if set("*[?") & set(rule.pattern)]
        self.matched = set()
        self.by_source = {}

    def rule_of(self, source):
        """The rule for a source package, or None if it is not listed; an exact name wins over patterns."""
        if source not in self.by_source:
            rule = self.exact.get(source)
            if rule is None:
                rule = next((r for r in self.globs if fnmatch.fnmatchcase(source, r.pattern)), None)
            self.by_source[source] = rule
        return self.by_source[source]

    def reject(self, package):
        """None if the package is wanted, "" if the list does not select it, else the reason for leaving it out."""
        rule = self.rule_of(package.source)
        if rule is None or package.arch == "all":
            return ""
        self.matched.add(rule.pattern)
        if rule.suites and package.suite not in rule.suites or rule.archs and package.arch not in rule.archs:
            return ""
        listed = rule.only != ["*"]
        if any(fnmatch.fnmatchcase(package.name, p) for p in rule.skip):
            return ""
        if not any(fnmatch.fnmatchcase(package.name, p) for p in rule.only):
            return ""
        if not listed and LEFT_OUT.search(package.name):
            return ""
        if package.size > rule.max_bytes:
            return f"{package.size / 1e6:.0f} MB is more than the limit of {rule.max_bytes / 1e6:.0f} MB"
        return None


def choose(root, rules):
    """(wanted packages in suite order, unmatched patterns); a file that several suites share occurs once."""
    chooser = Chooser(rules)
    wanted = {}
    for package in root.packages():
        reason = chooser.reject(package)
        if reason:
            print(f"left out {package.name} {package.version} {package.arch} {package.suite}: {reason}", file=sys.stderr)
        elif reason is None:
            wanted.setdefault(package.sha256, package)
    unmatched = [rule.pattern for rule in rules if rule.pattern not in chooser.matched]
    return list(wanted.values()), unmatched
