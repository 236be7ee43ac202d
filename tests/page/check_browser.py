"""Checks HTML reports in a headless Chromium: nothing of a target runs, and search, filters, tabs, tree, details, keys, themes, paper
and the page without scripts work; each control has a name and a role, and each text enough contrast.

usage: check_browser.py BUILD [PICTURES]    exits with 77 where there is no browser; PICTURES is a folder for pictures of the page
"""
import pathlib
import sys
import tempfile

import browser
import make_report

ROWS = 2000
CONTRAST = """(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) =>
        c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const c = channels(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0.99) return c;
        }
        return [255, 255, 255];
    };
    const faults = new Map();
    for (const e of document.body.querySelectorAll("*")) {
        const box = e.getBoundingClientRect(), style = getComputedStyle(e);
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || e.placeholder;
        if (!own || box.width < 2 || style.visibility === "hidden" || /^(script|style|noscript)$/i.test(e.tagName)) continue;
        const colors = [style.color].concat(e.placeholder ? [getComputedStyle(e, "::placeholder").color] : []);
        for (const color of colors) {
            const [a, b] = [luminance(channels(color)), luminance(ground(e))].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < 4.5) faults.set(e.className || e.tagName, ratio.toFixed(2));
        }
    }
    return [...faults].map((fault) => fault.join(": "));
})()"""
# What WCAG 2.1 asks of the tree of elements, as far as a script can tell.
STRUCTURE = """(() => {
    const faults = [], ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    if (new Set(ids).size !== ids.length) faults.push("an id is there twice");
    for (const e of document.querySelectorAll("[aria-labelledby], [aria-controls], label[for]"))
        for (const name of ["aria-labelledby", "aria-controls", "for"])
            if (e.hasAttribute(name) && !document.getElementById(e.getAttribute(name))) faults.push(`${name} names nothing`);
    for (const table of document.querySelectorAll("main table")) {
        if (!table.querySelector("th[scope]")) faults.push("a table without headings");
    }
    if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
    if (document.querySelectorAll("main, [role=main]").length !== 1) faults.push("not one main");
    if (document.documentElement.lang !== "en") faults.push("no language");
    const rows = document.querySelectorAll(".row").length;
    if (rows > 120) faults.push(`${rows} rows are in the page`);
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push("the page is wider than the screen");
    return faults;
})()"""
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "tab", "columnheader", "table", "treegrid", "tabpanel",
            "complementary", "group", "region"}
TABS = ["attention", "components", "tree", "vulnerabilities", "packages", "drift", "gaps"]


class Check:
    """The page under test and what is wrong with it."""

    def __init__(self, page, path, pictures):
        self.browser, self.path, self.pictures, self.failed = page, path, pictures, []

    def expect(self, what, seen, wanted=True):
        if seen != wanted:
            self.failed.append(f"{what}: {seen!r}, not {wanted!r}")

    def ask(self, what, expression, wanted=True):
        self.expect(what, self.browser.run(expression), wanted)

    def status(self):
        return self.browser.run("document.getElementById('status').textContent")

    def search(self, text):
        self.browser.run("document.getElementById('search').value = ''")
        self.browser.run("document.getElementById('search').focus()")
        if text:
            self.browser.type(text)
        else:
            self.browser.run("document.getElementById('search').dispatchEvent(new Event('input'))")
            self.browser.settle()

    def show(self, tab):
        self.browser.click(f"#tab-{tab}")
        self.ask(f"the tab {tab} is selected", f"document.getElementById('tab-{tab}').getAttribute('aria-selected')", "true")

    def names(self):
        """Every control has a name that a screen reader can say."""
        for node in self.browser.call("Accessibility.getFullAXTree")["nodes"]:
            role = node.get("role", {}).get("value")
            if not node.get("ignored") and role in CONTROLS and not node.get("name", {}).get("value", "").strip():
                self.failed.append(f"a {role} without a name: {node.get('properties')}")

    def picture(self, name):
        if self.pictures:
            self.browser.picture(self.pictures / f"{name}.png")


def check_tabs(check):
    for tab in TABS:
        check.show(tab)
        for scheme in ("light", "dark"):
            check.browser.media(scheme)
            check.browser.settle()
            check.ask(f"contrast of {tab} in {scheme}", CONTRAST, [])
            check.picture(f"{tab}-{scheme}")
        check.ask(f"structure of {tab}", STRUCTURE, [])
        check.names()
    check.browser.run("document.getElementById('tab-attention').focus()")
    check.show("attention")
    check.browser.key("ArrowRight")
    check.ask("an arrow goes to the next tab", "document.activeElement.id", "tab-components")


def check_search(check):
    check.show("components")
    check.expect("all components", check.status(), f"{ROWS:,} rows")
    check.search("COMPONENT00012")
    check.expect("a search in any case", check.status(), f"10 of {ROWS:,} rows")
    check.search("component00012 lib000125")
    check.expect("each word counts", check.status(), f"1 of {ROWS:,} rows")
    check.search("CVE-2024-10003")
    check.expect("components by vulnerability", check.status().endswith(f" of {ROWS:,} rows"))
    check.search("nothing like this")
    check.ask("nothing is said so", "document.querySelector('.empty').textContent", "Nothing matches.")
    check.search("component000001 <img src=x")
    check.expect("hostile names are found as texts", check.status(), f"1 of {ROWS:,} rows")
    check.search("")
    check.expect("without a search all are back", check.status(), f"{ROWS:,} rows")


def toggle(check, text):
    check.browser.run(f"[...document.querySelectorAll('.toggle')].find((e) => e.textContent === '{text}').click()")
    check.browser.settle()


def check_filters(check):
    check.show("components")
    toggle(check, "Likely")
    check.expect("likely components", check.status(), f"{ROWS // 5} of {ROWS:,} rows")
    check.ask("no other state", "[...document.querySelectorAll('.c-state')].every((e) => e.textContent === 'likely')")
    toggle(check, "Present")
    check.expect("two states", check.status(), f"{ROWS:,} rows")
    toggle(check, "Likely")
    toggle(check, "Present")
    check.browser.run("(() => { const e = document.getElementById('layer'); e.value = '2'; e.dispatchEvent(new Event('input')); })()")
    check.browser.settle()
    check.ask("a layer", "[...document.querySelectorAll('.c-layer')].every((e) => e.textContent === '2')")
    check.browser.run("(() => { const e = document.getElementById('layer'); e.value = ''; e.dispatchEvent(new Event('input')); })()")
    toggle(check, "Critical")
    check.ask("a severity", "[...document.querySelectorAll('td.c-severity')].every((e) => e.textContent === 'Critical')")
    check.ask("it has rows", "document.querySelectorAll('td.c-severity').length > 0")
    toggle(check, "Critical")
    check.browser.click(".card.reason-vulnerable")
    check.ask("a card shows what it counts", "document.getElementById('tab-attention').getAttribute('aria-selected')", "true")
    check.ask("and nothing else", "[...document.querySelectorAll('td.c-reasons')].every((e) => e.textContent.includes('Vulnerable'))")
    check.expect("as many as it says", check.status().split(" of ")[0],
                 check.browser.run("document.querySelector('.card.reason-vulnerable b').textContent"))
    toggle(check, "Vulnerable")


def check_rows(check):
    check.show("components")
    check.browser.run("document.querySelector('.rows .sort').click()")
    check.ask("a sorted column says so", "document.querySelector('.rows th').getAttribute('aria-sort')", "ascending")
    check.browser.run("document.querySelector('.rows .sort').click()")
    check.ask("the other way round", "document.querySelector('.row .c-title').textContent", f"component{ROWS - 1:06}")
    check.browser.run("document.querySelector('.rows .sort').click()")
    check.ask("and back", "document.querySelector('.row .c-title').textContent.startsWith('component000000')")
    check.browser.run("document.querySelector('.row').focus()")
    check.browser.key("ArrowDown")
    check.ask("an arrow goes to the next row", "document.activeElement.dataset.index", "1")
    check.browser.key("End")
    check.ask("End goes to the last row", "document.activeElement.dataset.index", str(ROWS - 1))
    check.ask("which is in view", "(() => { const b = document.activeElement.getBoundingClientRect(); return b.top > 0 && b.bottom <= innerHeight + 1; })()")
    check.ask("one row is a tab stop", "document.querySelectorAll('tr[tabindex=\"0\"]').length", 1)
    check.ask("the rows say where they are", "document.activeElement.getAttribute('aria-rowindex')", str(ROWS + 1))
    check.browser.key("Enter")
    check.ask("Enter opens the details", "document.getElementById('details').hidden", False)
    check.ask("which have the focus", "document.activeElement.id", "details-title")
    check.ask("and the evidence", "document.querySelectorAll('#details table').length > 0")
    check.ask("contrast of the details", CONTRAST, [])
    check.names()
    check.picture("details")
    check.browser.key("Escape")
    check.ask("Escape closes them", "document.getElementById('details').hidden")
    check.ask("and the focus goes back", "document.activeElement.dataset.index", str(ROWS - 1))
    check.browser.key("Home")


def check_tree(check):
    check.show("tree")
    check.browser.run("document.querySelector('.row').focus()")
    check.ask("the image is open", "document.activeElement.getAttribute('aria-expanded')", "true")
    level = "Number(document.activeElement.getAttribute('aria-level'))"
    for wanted in (2, 3, 4, 5):
        check.browser.key("ArrowDown")
        check.ask(f"a node of level {wanted}", level, wanted)
        check.ask(f"level {wanted} opens", "document.activeElement.getAttribute('aria-expanded')", {2: "true", 5: None}.get(wanted, "false"))
        if wanted in (3, 4):
            check.browser.key("ArrowRight")
            check.ask("it is open", "document.activeElement.getAttribute('aria-expanded')", "true")
    check.ask("evidence has a kind", "document.activeElement.querySelector('.node-kind').textContent", "literal")
    check.picture("tree-open")
    check.browser.key("ArrowLeft")
    check.ask("left goes to the parent", level, 4)
    check.browser.key("ArrowLeft")
    check.ask("and closes it", "document.activeElement.getAttribute('aria-expanded')", "false")
    check.search("component000125")
    check.ask("a search keeps the way to what it finds", "[...document.querySelectorAll('.node-kind')].map((e) => e.textContent).join()",
              "image,layer,package,component")
    check.search("")


def check_page(check):
    check.ask("a link leads to https", "[...document.querySelectorAll('a[href]')].every((e) => /^https:|#results$/.test(e.href))")
    check.browser.media("light")
    ground = "getComputedStyle(document.body).backgroundColor"
    check.ask("light", ground, "rgb(244, 246, 249)")
    check.browser.run("(() => { const e = document.getElementById('theme'); e.value = 'dark'; e.dispatchEvent(new Event('input')); })()")
    check.ask("the switch makes it dark", ground, "rgb(14, 19, 26)")
    check.browser.run("(() => { const e = document.getElementById('theme'); e.value = 'auto'; e.dispatchEvent(new Event('input')); })()")
    check.ask("tiles", "document.querySelectorAll('.tile').length > 50")
    check.ask("tiles fill the map", """(() => { const m = document.querySelector('.treemap').getBoundingClientRect();
        const sum = [...document.querySelectorAll('.tile')].reduce((s, e) => { const b = e.getBoundingClientRect(); return s + b.width * b.height; }, 0);
        return Math.abs(sum / (m.width * m.height) - 1) < 0.02; })()""")
    check.browser.run("document.querySelector('.tile').focus()")
    check.browser.key("ArrowRight")
    check.ask("an arrow goes to the next tile", "document.activeElement === document.querySelectorAll('.tile')[1]")
    check.show("drift")
    check.browser.run("window.dispatchEvent(new Event('beforeprint'))")
    check.ask("all rows are printed", "document.querySelectorAll('.row').length", ROWS // 20)
    check.browser.run("window.dispatchEvent(new Event('afterprint'))")


def check_phone(check):
    check.failed += check.browser.faults()
    check.browser.size(390, 844, is_phone=True)
    check.browser.open(check.path)
    check.browser.settle()
    check.ask("the page fits a phone", "innerWidth", 390)
    for tab in TABS:
        check.browser.run(f"document.getElementById('tab-{tab}').click()")
        check.browser.settle()
        check.ask(f"structure of {tab} on a phone", STRUCTURE, [])
        check.browser.run("document.querySelector('.bar').scrollIntoView()")
        check.browser.settle()
        check.picture(f"{tab}-phone")
    check.browser.size(1280, 900)


def check_policy(check):
    """If a text became markup after all, the policy would keep it from running and from loading anything."""
    changed = check.path.with_name("changed.html")
    text = check.path.read_text(encoding="utf-8")
    changed.write_text(text.replace("<h1>", "<script>window.pwned=1</script><img src=x onerror=\"window.pwned=1\">"
                                    "<iframe src=\"https://example.org\"></iframe><h1>", 1), encoding="utf-8")
    check.browser.open(changed)
    check.browser.settle()
    check.ask("the policy refuses what is not the page's own", "window.pwned === undefined")
    check.ask("and HTML from texts", """(() => { try { document.body.innerHTML = '<b>x</b>'; return false; } catch { return true; } })()""")
    check.ask("the page works all the same", "document.querySelectorAll('.row').length > 0")
    refused = [fault for fault in check.browser.faults() if "Content Security Policy" in fault]
    check.expect("refusals", len(refused) >= 3)
    check.browser.events.clear()


def check_without_scripts(check):
    check.browser.call("Emulation.setScriptExecutionDisabled", value=True)
    check.browser.open(check.path)
    text = "\n".join(node.get("name", {}).get("value", "") for node in check.browser.call("Accessibility.getFullAXTree")["nodes"])
    for wanted in ("Components", "Vulnerabilities", "Packages", "component000125", "CVE-2024-10000", "Not complete:",
                   "component000001\"><img src=x onerror=window.pwned=1>"):
        check.expect(f"{wanted} without scripts", wanted in text)
    check.picture("without-scripts")
    check.browser.call("Emulation.setScriptExecutionDisabled", value=False)
    check.failed += check.browser.faults()


def main():
    if not browser.find_browser():
        print("there is no browser")
        sys.exit(77)
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder, browser.Browser() as page:
        path = make_report.write_page(pathlib.Path(sys.argv[1]) / "bin", pathlib.Path(folder), ROWS)
        check = Check(page, path, pictures)
        page.size(1280, 900)
        page.open(path)
        page.settle()
        for part in (check_tabs, check_search, check_filters, check_rows, check_tree, check_page, check_phone):
            try:
                part(check)
            except RuntimeError as error:  # of a script that did not find what it looked for
                check.failed.append(f"{part.__name__}: {error}")
        check.ask("nothing of the target has run", "window.pwned === undefined && !document.querySelector('img, iframe, object')")
        check.failed += page.faults()
        check_policy(check)
        check_without_scripts(check)
    for fault in check.failed:
        print(fault)
    print("the page works" if not check.failed else f"{len(check.failed)} faults")
    sys.exit(1 if check.failed else 0)


main()
