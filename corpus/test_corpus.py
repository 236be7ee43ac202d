"""Tests the parts of the corpus programs that need no network: run `python3 -m unittest` in this folder."""

import datetime
import os
import tempfile
import unittest
from types import SimpleNamespace

import catalogue
import changelogs
import compilelog
import newsfile
import osv
import patchseries
import pkglist
import upstream
import variants


def written(text):
    """Path of a new temporary file with this text."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False, encoding="utf-8") as out:
        out.write(text)
    return out.name


class UpstreamTest(unittest.TestCase):
    """Upstream versions from Debian versions, and their order."""

    def test_distribution_parts_are_cut(self):
        for version, expected in {
                "1:1.3.dfsg+really1.3.1-1+b1": "1.3.1", "2.12.7+dfsg+really2.9.14-0.4": "2.9.14", "3.0.11-1~deb12u2": "3.0.11",
                "3.0~rc1-1": "3.0rc1", "0.8.2+nmu1": "0.8.2", "590-2": "590", "2:0.164.3095+gitbaee400-3": "0.164.3095+gitbaee400",
                "3.0.6~beta+dfsg-3": "3.0.6beta", "6.4+20221231-4": "6.4+20221231"}.items():
            self.assertEqual(upstream.upstream_version(version), expected, version)

    def test_releases_sort_by_age(self):
        ordered = ["1.1.1~git", "1.1.1alpha", "1.1.1rc1", "1.1.1", "1.1.1a", "1.1.1+1", "1.1.1.1", "1.2", "1.10"]
        self.assertEqual(sorted(reversed(ordered), key=upstream.order_key), ordered)

    def test_snapshots_and_prereleases_are_told_from_releases(self):
        self.assertTrue(upstream.is_snapshot("0.23.2-50-geb391c0"))
        self.assertTrue(upstream.is_prerelease("3.0rc1"))
        for release in ("1.1.1a", "20220623.1", "1.3.4.20230808", "3.1-20221030"):
            self.assertFalse(upstream.is_snapshot(release) or upstream.is_prerelease(release), release)


class HarvestTest(unittest.TestCase):
    """Releases from changelogs and OSV records."""

    def test_debian_changelog_gives_released_versions_of_its_source(self):
        text = ("zlib (1:1.2.13.dfsg-1) unstable; urgency=low\n\n  * x\n\n -- A <a@b>  Sat, 05 Nov 2022 12:00:00 +0000\n\n"
                "zlib (1:1.2.12-2) UNRELEASED; urgency=low\n\n -- A <a@b>  Sat, 05 Nov 2021 12:00:00 +0000\n")
        self.assertTrue(changelogs.is_debian(text))
        self.assertEqual(list(changelogs.entries(text, "zlib")), [("1:1.2.13.dfsg-1", datetime.date(2022, 11, 5))])

    def test_upstream_changelog_counts_only_if_it_names_the_current_version(self):
        text = "Changes in 1.2.13 (13 Oct 2022)\n- x 9.9.9 is mentioned\nChanges in 1.2.12 (27 Mar 2022)\nChanges in 1.2.11 (2017)\n"
        self.assertEqual(newsfile.releases(text, "zlib", "1.2.13"), ["1.2.13", "1.2.12", "1.2.11"])
        self.assertEqual(newsfile.releases(text, "zlib", "7.7"), [])

    def test_tags_become_versions(self):
        for tag, version in {"curl-7_84_0": "7.84.0", "VER-2-10-4": "2.10.4", "OpenSSL_1_1_1k": "1.1.1k", "v2.0.0-rc1": None,
                             "20201109": None}.items():
            self.assertEqual(osv.tag_version(tag), version, tag)


class ListTest(unittest.TestCase):
    """Lists of source packages and the catalogue's files."""

    def test_rules_choose_and_leave_out(self):
        path = written("# comment\nopenssl skip=*-dev max=2M\npostgresql-1[0-9] only=libpq* arch=amd64\n")
        chooser = pkglist.Chooser(pkglist.read_rules(path, 1000))
        os.unlink(path)

        def reject(source, name, size=10, arch="amd64"):
            return chooser.reject(SimpleNamespace(source=source, name=name, size=size, arch=arch, suite="s"))
        self.assertIsNone(reject("openssl", "libssl3"))
        self.assertIsNone(reject("postgresql-15", "libpq5"))
        for refused in (("openssl", "libssl-dev"), ("openssl", "libssl3-dbgsym"), ("openssl", "openssl", 3_000_000),
                        ("postgresql-15", "libpq5", 10, "arm64"), ("postgresql-common", "libpq5"), ("openssl", "x", 1, "all")):
            self.assertIsNotNone(reject(*refused), refused)

    def test_stanzas_survive_writing_and_reading(self):
        stanza = {"Component": "zlib", "Name": "zlib", "Sources": "debian:zlib", "Releases": " ".join(f"1.{i}" for i in range(99))}
        path = written("")
        catalogue.write_file(path, ["# head"], [stanza])
        header, stanzas = catalogue.read_file(path)
        os.unlink(path)
        self.assertEqual(header, ["# head"])
        self.assertEqual({k: v for k, v in stanzas[0].items() if k}, stanza)
        self.assertEqual(catalogue.SourceMap(stanzas).component("zlib"), "zlib")


class VariantsTest(unittest.TestCase):
    """Recipes and builds of build-variants."""

    HERE = os.path.dirname(os.path.abspath(__file__))

    def test_recipes_name_components_and_their_sources(self):
        known = {s["Component"]: s for s in catalogue.read(os.path.join(self.HERE, "..", "signatures", "catalogue"))}
        for recipe in variants.read_recipes(os.path.join(self.HERE, "variants.txt")):
            self.assertIn(recipe.component, known)
            self.assertIn(recipe.source, catalogue.source_patterns(known[recipe.component]), recipe.component)

    def test_no_test_build_is_a_signature_build(self):
        base, builds = variants.read_flags(os.path.join(self.HERE, "variants-flags.txt"))
        for recipe in variants.read_recipes(os.path.join(self.HERE, "variants.txt")):
            made = {name: [] for name in variants.SETS}
            for build in builds:
                flags = variants.compile_flags(recipe, build, base)
                levels = [flag for flag in flags if flag.startswith("-O")]
                if variants.wanted(recipe, build):
                    made[build.set].append((build.toolchain.name, levels[-1], *(flag for flag in flags if flag not in levels)))
            self.assertEqual(set(made["signatures"]) & set(made["tests"]), set(), recipe.component)
            self.assertEqual(len(set(made["signatures"])), len(made["signatures"]), recipe.component)

    def test_flags_of_a_build_come_last(self):
        base, builds = variants.read_flags(written("base -O2 -Db\nsignatures O3 gcc-12 -O3\nsignatures plain gcc-12 only -O2\n"))
        recipe, = variants.read_recipes(written(
            "Component: x\nSource: x\nKind: sources\nFiles: x.c\nFlags: '-DV=\"1 2\"'\nFlags-arm64: -Da\nArchives: libx.a\n"))
        self.assertEqual([variants.compile_flags(recipe, build, base) for build in builds],
                         [["-O2", "-Db", '-DV="1 2"', "-O3"], ['-DV="1 2"', "-O2"]])

    def test_wrong_lines_are_refused(self):
        for text in ("signatures a gcc-12\n", "base\nsignatures a gcc-1\n", "base\ntests a gcc-12\ntests a gcc-11\n", "base\nother a gcc-12\n"):
            self.assertRaises(variants.RecipeError, variants.read_flags, written(text))
        for text in ("Component: x\n", "Component: x\nSource: x\nKind: meson\nArchives: a\n",
                     "Component: x\nSource: x\nKind: make\nFiles: a\nArchives: a\n", "Component: x\nColour: blue\n"):
            self.assertRaises(variants.RecipeError, variants.read_recipes, written(text))


PATCH = """Description: no overflow
 The fix for CVE-2024-1000
 CVE-2023-1234 introduced it.
--- a/lib/x.c	2024-01-01
+++ b/lib/x.c
@@ -1,3 +1,3 @@
 int f(int a) {
-    return a;
+    return a + 1;
 }
diff --git a/README b/README
new file mode 100644
--- a/README
+++ b/README
@@ -1 +1 @@
-old
+new
"""


class SeriesTest(unittest.TestCase):
    """Patches of Debian source packages, and files after each of them."""

    def test_cves_come_from_the_name_before_the_header(self):
        for name, head, cves, side in (
                ("CVE-2024-1000.patch", "similar to CVE-2020-2000", ["CVE-2024-1000"], False),
                ("cve/CVE_2024_1000_CVE-2024-1001-2.patch", "", ["CVE-2024-1000", "CVE-2024-1001"], False),
                ("CVE-2025-49794_49796.patch", "", ["CVE-2025-49794", "CVE-2025-49796"], False),
                ("x.patch", "fixes CVE-2025-{49794, 49796}", ["CVE-2025-49794", "CVE-2025-49796"], False),
                ("CVE-2024-1000-pre1.patch", "", ["CVE-2024-1000"], True),
                ("CVE-2024-1000-regression.patch", "", ["CVE-2024-1000"], True),
                ("CVE-2024-1000-prevent-x.patch", "", ["CVE-2024-1000"], False),
                ("fix-x.patch", "Subject: fix CVE-2024-1000\nThis was introduced by CVE-2023-9999", ["CVE-2024-1000"], False),
                ("fix-x.patch", "Regression of the fix for CVE-2024-1000", [], False)):
            self.assertEqual(patchseries.fixed_cves(name, head), (cves, side), name)

    def test_a_patch_is_split_into_files_with_code(self):
        self.assertEqual(list(patchseries.split_files(PATCH)), ["lib/x.c"])
        self.assertTrue(patchseries.split_files(PATCH)["lib/x.c"].endswith(" }\n"))

    def test_files_are_known_after_each_patch(self):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in (("lib/x.c", "int f(int a) {\n    return a;\n}\n"), ("debian/patches/series", "# no\none.patch -p1\n"),
                               ("debian/patches/one.patch", PATCH)):
                os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(folder, path), "w", encoding="utf-8") as out:
                    out.write(text)
            patches = patchseries.read_series(folder)
            self.assertEqual([(patch.name, patch.cves) for patch in patches], [("one.patch", ["CVE-2024-1000"])])
            states = patchseries.States(folder, patches)
            self.assertNotIn(b"+ 1", states.content("lib/x.c", 0))
            self.assertIn(b"+ 1", states.content("lib/x.c", 1))
            self.assertEqual(states.changes({"lib/x.c", "lib/y.c"}), [1])
            self.assertRaises(patchseries.SeriesError, patchseries.States, folder, patches)

    def test_parts_of_a_fix_that_follow_each_other_are_one_step(self):
        self.assertEqual(patchseries.steps([3, 4, 9], [2, 3, 4, 7, 9]), [(2, 4), (7, 9)])
        self.assertEqual(patchseries.steps([1, 5], [1, 2]), [(0, 1)])


class CompileLogTest(unittest.TestCase):
    """Calls of compilers, functions of assembly and of source."""

    def test_calls_keep_what_changes_code(self):
        record = ["/b/lib", "gcc", "-DX=\"a b\"", "-I", "..", "-g", "-O2", "-MD", "-MF", ".deps/x.d", "-Werror", "-fPIC", "-c", "x.c",
                  "-o", ".libs/x.o", "-flto=auto", "-ffile-prefix-map=/b=."]
        call, = compilelog.read_log("\0".join(record).encode() + b"\0\n")
        self.assertEqual(call, ("/b/lib", "gcc", ("-DX=\"a b\"", "-I", "..", "-O2", "-fPIC"), "/b/lib/x.c"))
        self.assertEqual(compilelog.optimisation(call), "-O2")
        plain = call._replace(words=tuple(word for word in call.words if word != "-fPIC"))
        other = call._replace(words=call.words + ("-DY",))
        self.assertEqual(compilelog.chosen([other, call, plain], 2), [call, plain])

    def test_assembly_differs_by_code_alone(self):
        def text(constant, label):
            return (f"\t.type\tf, @function\nf:\n.LFB{label}:\n\tmovl\t${constant}, %eax\n\tjmp\t.L{label}\n\t.size\tf, .-f\n"
                    f"\t.type\tg.part.0, @function\ng.part.0:\n\tmovl\t${constant}, %eax\n\t.size\tg.part.0, .-g.part.0\n")
        self.assertEqual(compilelog.differing_functions(text(1, 3), text(1, 8)), set())
        source = "int e(void) { return 1; }\nint g(void) { return e(); }\nint f(void) { return 2; }\n"
        self.assertEqual(compilelog.changed_functions(text(1, 3), text(2, 3), ["f"], source), ["f"])
        self.assertEqual(compilelog.changed_functions(text(1, 3), text(2, 3), ["e"], source), ["g.part.0"])
        self.assertEqual(compilelog.changed_functions(text(1, 3), text(2, 3), [], source), ["f", "g.part.0"])

    def test_the_only_function_that_differs_is_the_changed_one(self):
        old = "\t.type\tf, @function\nf:\n\tret\n\t.size\tf, .-f\n"
        new = old.replace("ret", "hlt")
        self.assertEqual(compilelog.changed_functions(old, new, ["not_found"], ""), ["f"])
        self.assertEqual(compilelog.changed_functions(old, new + "\t.type\tg, @function\ng:\n\tret\n\t.size\tg, .-g\n", ["not_found"], ""), [])

    def test_functions_that_one_suite_alone_changes_are_left_out(self):
        rows = [("xml", "CVE-1", "f.part.0,g", "debian bullseye gcc-10 -O2", "a.o", "b.o"), ("xml", "CVE-1", "f", "debian trixie gcc-14 -O2", "c", "d"),
                ("xml", "CVE-1", "main", "debian trixie gcc-14 -O2", "e", "h"), ("xml", "CVE-2", "g", "debian bullseye gcc-10 -O2", "a.o", "b.o")]
        self.assertEqual([row[:3] for row in compilelog.agreed(rows)],
                         [("xml", "CVE-1", "f.part.0"), ("xml", "CVE-1", "f"), ("xml", "CVE-2", "g")])

    def test_edited_functions_are_told_by_their_code(self):
        old = "#define A {\nstatic int f(int a)\n{\n  return a; /* { */\n}\nint g(a) int a; { return '}'; }\nstruct s { int x; };\n"
        self.assertEqual(sorted(compilelog.source_functions(old)), ["f", "g"])
        self.assertEqual(compilelog.edited_functions(old, old.replace("/* { */", "/* two */")), [])
        self.assertEqual(compilelog.edited_functions(old, old.replace("return '}'", "return 0")), ["g"])
        self.assertIn("h", compilelog.edited_functions("DECLARE(h)\n{ return 1; }\n", "DECLARE(h)\n{ return 2; }\n"))


if __name__ == "__main__":
    unittest.main()
