"""One run of the accuracy bench: runs the selected suites and collects their rows."""

import os
import subprocess
import sys
import tempfile

import archives
import builds
import catalogue
import debian_static
import judging
import listed
import mingw
import negative
import npm
import programs
import reliability
import scanning
import static
import unseen
import variants

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# The options that a suite needs. A suite whose options are missing is skipped, unless --suite names it.
NEEDS = {"root": [], "without": ["set_without"], "variants": [], "negative": ["negative"], "static": ["debs"],
         "builds": ["debs", "builds"], "unseen": ["debs", "workbench"], "debian-static": ["debs", "debian_static"], "npm": ["npm"],
         "pe": ["mingw"], "languages": ["languages"]}


class Bench:
    """The options of a run, its outputs, and the rows so far."""

    def __init__(self, options, scratch, log):
        self.options, self.scratch, self.work = options, scratch, options.work
        self.log = lambda *fields: print(*fields, sep="\t", file=log)
        self.files, self.programs, self.lists, self.stated = [], [], [], reliability.Record()
        self.contained = judging.read_contained(options.contained)
        stanzas = catalogue.read(options.catalogue)
        self.sources = catalogue.SourceMap(stanzas)
        self.vendors = {stanza["Component"]: stanza.get("Vendors", "").split() for stanza in stanzas}
        self.releases = {stanza["Component"]: stanza.get("Releases", "").split() for stanza in stanzas}
        self.roots, self.reports = {}, {}
        self.scanner = self.scanner_with(options.set)
        self.held = self.pool = self.judge = None

    def scanner_with(self, sets):
        """A Scanner with other sets."""
        return scanning.Scanner(self.options.build, sets, self.scratch, self.options.options)

    def show(self, table, columns, lines):
        """Add rows to a table and print them."""
        for line in lines:
            table.append(line)
            cells = zip(columns, judging.as_cells(line, columns))
            print("  ".join(f"{name} {cell}" for name, cell in cells if cell), flush=True)

    def start(self, suite, corpus):
        """Print and log which files a suite scans."""
        print(f"{suite}: {corpus}", flush=True)
        self.log("suite", suite, corpus)

    def find_roots(self):
        """Fill {name: folder} from --root, or make a stock root."""
        for text in self.options.root:
            name, equals, folder = text.partition("=")
            if not equals or not os.path.isdir(folder):
                raise judging.JudgeError(f"--root {text}: not NAME=FOLDER")
            self.roots[name] = os.path.abspath(folder)
        if not self.roots:
            folder = os.path.join(self.scratch, "debian12")
            subprocess.run([os.path.join(ROOT, "corpus", "make-root"), folder, "--variant=important", "--container"], check=True,
                           stdout=sys.stderr)
            self.roots["debian12"] = folder

    def truth(self, folder):
        """{path: Expected} of one root."""
        listing = os.path.join(self.scratch, "truth.tsv")
        with open(listing, "wb") as out:
            subprocess.run([os.path.join(ROOT, "corpus", "coverage"), "--list", "--catalogue", self.options.catalogue, folder],
                           check=True, stdout=out)
        return judging.read_truth(listing)

    def state_files(self, suite, report, expected):
        """Record the stated confidences for whole files; `expected` gives the Expected of a path."""
        for path, found in report.findings.items():
            if path not in report.links and expected(path):
                self.stated.add_findings(suite, found, judging.unexplained(found, expected(path), self.contained))

    def run_root(self, suite="root", scanner=None):
        """Suites root and without: every ELF file of each root."""
        self.roots or self.find_roots()
        for name, folder in self.roots.items():
            truth = self.truth(folder)
            self.start(f"{suite} {name}", scanning.corpus_facts([folder + path for path in truth], folder))
            report = (scanner or self.scanner).scan(folder)
            if suite == "root":
                self.reports[name] = (report, truth)
            self.show(self.files, judging.COLUMNS, judging.summaries(suite, name, judging.judge(report, truth, self.contained, self.log)))
            self.state_files(suite, report, truth.get)

    def run_without(self):
        """Scan the roots with sets that lack their release."""
        self.run_root("without", self.scanner_with(self.options.set_without))

    def run_variants(self):
        """Compare the answers for changed copies of the last root's files with those for the originals."""
        self.roots or self.find_roots()
        name, folder = list(self.roots.items())[-1]
        report, truth = self.reports.get(name) or (self.scanner.scan(folder), self.truth(folder))
        paths = [path for path in truth if path not in report.links]
        for kind in variants.KINDS:
            with tempfile.TemporaryDirectory(dir=self.scratch) as copies:
                made = variants.make(kind, folder, paths, copies, self.log)
                self.start(f"variants {kind} {name}", f"{len(made)} files")
                row = variants.compare(kind, report, self.scanner.scan(copies), made, self.log)
            self.show(self.files, judging.COLUMNS, [{"suite": "variants", "root": name, "group": kind, **row}])

    def run_negative(self):
        """Judge packages that contain no component."""
        for text in self.options.negative:
            name, _, debs = text.rpartition("=")
            folder = os.path.join(self.work, "negative", name or "all")
            using = negative.unpack(debs, folder)
            expected = negative.expectations(using, self.sources, self.vendors)
            report = self.scanner.scan(folder)
            self.start(f"negative {name}".strip(), scanning.corpus_facts([folder + path for path in report.objects], folder))
            rows = negative.judge(report, expected, self.contained, self.log)
            self.show(self.files, judging.COLUMNS, ({"suite": "negative", "root": name, **row} for row in rows))
            self.state_files("negative", report, lambda path: expected[path[1:].partition("/")[0]])

    def prepare_programs(self):
        """Prepare what the suites of programs share: the versions in the set, the archives, and the judge."""
        if not self.judge:
            self.held = scanning.held_versions(self.options, self.scratch)
            self.pool = archives.Pool(self.options.debs, self.work, self.sources) if self.options.debs else None
            self.judge = programs.Judge(self.contained, self.vendors, self.held, self.releases, self.log)

    def scan_programs(self, scanner, folder, truths):
        """The Report of the programs to judge, without other files of the folder."""
        with tempfile.TemporaryDirectory(dir=self.work) as selection:  # hard links need the file system of the programs
            return scanner.scan(scanning.select(folder, [truth.path for truth in truths], selection))

    def run_programs(self, suite, folder, truths):
        """Judge the programs of a folder."""
        self.start(suite, scanning.corpus_facts([folder + truth.path for truth in truths], folder))
        report = self.scan_programs(self.scanner, folder, truths)
        rows, false = self.judge.judge(report, truths)
        self.show(self.programs, programs.COLUMNS, programs.summaries(suite, rows, false))
        for truth in truths:
            self.stated.add_findings(suite, report.findings.get(truth.path, []), self.judge.unexplained(report, truth))
        self.stated.add_versions(suite, [row for row in rows if row["present"] and row["kind"] != "small"])

    def run_static(self):
        """Judge programs linked from the set's own archives."""
        self.run_programs("static", *static.build(self.pool, self.work, self.options.quick, self.log))

    def run_builds(self):
        """Judge programs of other builds of the same versions."""
        self.run_programs("builds", *builds.build(self.options.builds, self.pool, self.work, self.options.quick, self.log))

    def run_debian_static(self):
        """Judge Debian's own static programs."""
        self.run_programs("debian-static", *debian_static.build(self.options.debian_static, self.pool, self.work, self.options.quick, self.log))

    def run_npm(self):
        """Judge Node.js and libvips from npm."""
        listing = os.path.join(HERE, "npm-packages.txt")
        self.run_programs("npm", *npm.build(listing, self.options.npm, self.work, self.options.quick, self.held))

    def run_pe(self):
        """Judge files for Windows, linked by MinGW."""
        if missing := mingw.missing_tool():
            print(f"pe: left out, there is no {missing}")
            return
        listing = os.path.join(HERE, "mingw-packages.txt")
        self.run_programs("pe", *mingw.build(listing, self.options.mingw, self.work, self.options.quick, self.log))

    def run_languages(self):
        """Compare the lists of Go and Rust programs with their lock files."""
        for note in listed.build(self.options.languages):
            print(f"languages: {note}")
        self.show(self.lists, listed.COLUMNS, listed.rows(os.path.join(self.options.build, "bin", "fpscan"), self.options.languages))

    def run_unseen(self):
        """Judge the programs of static and builds with sets that lack the linked versions."""
        suites = [static.build(self.pool, self.work, self.options.quick, self.log)]
        if self.options.builds:
            suites.append(builds.build(self.options.builds, self.pool, self.work, self.options.quick, self.log))
        differences, rows = unseen.Differences(self.pool), []
        sets = unseen.leave_outs([truth for _, truths in suites for truth in truths], self.held,
                                 unseen.QUICK_SETS if self.options.quick else unseen.SETS)
        for number, left_out in enumerate(sets):
            path = unseen.compile_set(os.path.join(self.options.build, "bin", "sigbuild"), self.options.workbench,
                                      self.options.catalogue, os.path.join(ROOT, "signatures", "rules"), left_out, self.work)
            self.start("unseen", f"set {number} without {len(left_out)} versions")
            held = {component: versions - {left_out.get(component)} for component, versions in self.held.items()}
            judge = programs.Judge(self.contained, self.vendors, held, self.releases, self.log)
            for folder, truths in suites:
                concerned = [truth for truth in truths if any(left_out.get(part.component) == part.version for part in truth.parts)]
                if concerned:
                    report = self.scan_programs(self.scanner_with([path]), folder, concerned)
                    rows += unseen.judge(report, concerned, judge, left_out, differences)
        self.show(self.programs, programs.COLUMNS, unseen.summaries("unseen", rows))
        self.stated.add_versions("unseen", [row for row in rows if row["present"]])

    def run(self):
        """Run the suites that --suite names, or else all whose options are given."""
        for suite, needs in NEEDS.items():
            missing = [f"--{name.replace('_', '-')}" for name in needs if not getattr(self.options, name)]
            if suite in self.options.suite and missing:
                raise judging.JudgeError(f"suite {suite} needs {' and '.join(missing)}")
            if suite in self.options.suite or not self.options.suite and not missing:
                if suite in ("static", "builds", "unseen", "debian-static", "npm", "pe"):
                    self.prepare_programs()
                getattr(self, "run_" + suite.replace("-", "_"))()
            elif missing and not self.options.suite:
                print(f"{suite}: left out, needs {' and '.join(missing)}")
