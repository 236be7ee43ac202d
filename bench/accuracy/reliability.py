"""Compares stated confidence with the share that is right, in ten bins, and computes the expected calibration error."""

import collections
import json
import os

import judging

BINS = 10
COLUMNS = ("of", "suite", "bin", "findings", "stated", "right", "error")


class Record:
    """Collects stated confidences and whether the statements were right."""

    def __init__(self):
        self.rows = []

    def add(self, of, suite, confidence, right):
        """Add one statement; ignored without a confidence, or if its correctness is unknown."""
        if confidence is not None and right is not None:
            self.rows.append((of, suite, float(confidence), bool(right)))

    def add_findings(self, suite, found, wrong):
        """Add the components of one file, present and likely; `wrong` are the ids of components that are not in it."""
        for one in found:
            if one.place["state"] in ("present", "likely"):
                self.add("component", suite, one.place["confidence"], one.facts["id"] not in wrong)

    def add_versions(self, suite, rows):
        """Add the versions of right findings, by the columns of judging.judge_version; a nearest release is right if it is a neighbour."""
        for row in rows:
            if row.get("unknown") is False:
                self.add("version", suite, row.get("version_confidence"), row.get("neighbour") if row["nearest"] else row["version_in"])

    def keep(self, folder):
        """Save the statements of each suite to a file of its own, and load those of suites that did not run this time."""
        os.makedirs(folder, exist_ok=True)
        suites = {row[1] for row in self.rows}
        for suite in suites:
            with open(os.path.join(folder, suite + ".json"), "w", encoding="utf-8") as out:
                json.dump([row for row in self.rows if row[1] == suite], out)
        for name in sorted(os.listdir(folder)):
            if name.removesuffix(".json") not in suites:
                with open(os.path.join(folder, name), encoding="utf-8") as text:
                    self.rows += map(tuple, json.load(text))

    def lines(self):
        """The rows of the table, for components and for versions, in total and by suite: ten bins and the error."""
        groups = collections.defaultdict(list)
        for of, suite, confidence, right in self.rows:
            for name in ("all", suite):
                groups[of, name].append((confidence, right))
        return [line for (of, suite), pairs in sorted(groups.items()) for line in bins(of, suite, pairs)]


def bins(of, suite, pairs):
    """The rows of one group."""
    filled = collections.defaultdict(list)
    for confidence, right in pairs:
        filled[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    lines, error = [], 0.0
    for number, members in sorted(filled.items()):
        stated, right = (judging.mean(member[at] for member in members) for at in (0, 1))
        error += abs(stated - right) * len(members) / len(pairs)
        lines.append({"of": of, "suite": suite, "bin": f"{number / BINS:.1f}-{(number + 1) / BINS:.1f}", "findings": len(members),
                      "stated": stated, "right": right})
    return lines + [{"of": of, "suite": suite, "bin": "all", "findings": len(pairs), "stated": judging.mean(c for c, _ in pairs),
                     "right": judging.mean(r for _, r in pairs), "error": error}]
