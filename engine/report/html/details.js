/* The panel with all that is known of one row. */

function factList(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make("dl", null, ...shown.flatMap(([name, value]) => [make("dt", null, name), make("dd", null, value)]));
}

function section(title, ...content) {
  return make("section", null, make("h3", null, title), ...content);
}

function simpleTable(caption, columns, rows) {
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    make("table", { class: "plain" }, make("caption", { class: "hidden-text" }, caption),
      make("thead", null, make("tr", null, ...columns.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", null, ...rows.map((cells) => make("tr", null, ...cells.map((cell) => make("td", null, cell)))))));
}

function vulnerabilityTable(list) {
  return simpleTable("Vulnerabilities", ["Severity", "Vulnerability", "Fixed in", "Title"], list.map((item) => [
    severityBadge(item.severity), makeLink(item.link, item.id),
    item.fixed || (item.wontFix ? "will not fix" : ""), item.title]));
}

function evidenceTable(finding) {
  return simpleTable("Evidence", ["Kind", "Text", "Unit", "At byte"], finding.evidence.map(
    ([kind, offset, unit, text, instructions]) => [kind,
      text || formatCount(instructions, "instruction"), unit, offset === null ? "" : NUMBERS.format(offset)]));
}

function layerText(model, index) {
  const layer = model.layers[index];
  return layer ? `${index}: ${layer.createdBy || layer.diffID}` : "";
}

function reasonList(row) {
  if (!row.reasons || !row.reasons.length) {
    return null;
  }
  return make("ul", { class: "why" }, ...row.reasons.map((id) => {
    const reason = REASONS.find((entry) => entry.id === id);
    return make("li", null, make("span", { class: `badge reason-${id}` }, reason.label), ` ${reason.meaning}.`);
  }));
}

function findingDetails(model, row) {
  return [
    factList([["Version", `${row.version} (${row.versionKind}, confidence ${formatShare(row.versionConfidence)})`],
      ["State", `${row.state}, confidence ${formatShare(row.confidence)}`], ["How", row.how], ["File", row.path],
      ["Layer", layerText(model, row.layer)], ["Owned by", packageTitle(row.owner)],
      ["Explained by", packageTitle(row.explainer) || "no package"],
      ["Drift", row.contradiction && row.contradiction.message], ["Doubt", row.doubt], ["Note", row.note],
      ["Against", row.against], ["Admitted by", row.admitted], ["Licence", row.component.license],
      ["Package URL", row.component.purl]]),
    row.vulnerabilities.length ? section("Vulnerabilities", vulnerabilityTable(row.vulnerabilities)) : null,
    row.evidence.length ? section(`Evidence: the best ${row.evidence.length} of ${formatCount(row.evidenceTotal, "piece")}`,
      evidenceTable(row)) : null,
  ];
}

function componentTable(findings) {
  return simpleTable("Components", ["Component", "Version", "State", "File"], findings.map((finding) => [
    finding.component.label, finding.version, finding.state, finding.path]));
}

function packageDetails(model, row) {
  const parent = model.packages[row.parent];
  return [
    factList([["Kind", row.listedAs], ["Architecture", row.architecture], ["State", row.state],
      ["Layer", layerText(model, row.layer)], ["Inside", packageTitle(parent)], ["Listed by", row.location],
      ["Files", NUMBERS.format(row.owned)], ["Licence", row.license], ["Supplier", row.supplier],
      ["Package URL", row.purl]]),
    row.vulnerabilities.length ? section("Vulnerabilities", vulnerabilityTable(row.vulnerabilities)) : null,
    row.findings.length ? section("Components in its files", componentTable(row.findings)) : null,
  ];
}

function vulnerabilityDetails(model, row) {
  const paths = row.files.map((index) => filePath(model.files[index]));
  const packages = row.packages.map((index) => packageTitle(model.packages[index]));
  return [
    factList([["Title", row.title], ["Severity", severityBadge(row.severity)],
      ["CVSS", row.score ? `${row.score} ${row.vector}` : ""], ["Risk", `${row.risk.toFixed(0)} of 100`],
      ["Known exploited", row.exploited ? (row.ransomware ? "yes, by ransomware" : "yes") : ""],
      ["EPSS", row.epss < 0 ? "" : `${(row.epss * 100).toFixed(1)} %`], ["Component", row.subject],
      ["Version", row.version], ["Verdict", row.verdict], ["Affected", row.range],
      ["Fixed in", row.fixed || (row.wontFix ? "will not fix" : "no release yet")], ["Remark", row.remark],
      ["Source", `${row.source} ${row.advisory}`], ["Link", row.link ? makeLink(row.link, row.link) : ""]]),
    section("Where", make("ul", null, ...[...packages, ...paths, ...(packages.length + paths.length ? [] : [row.path])]
      .map((text) => make("li", null, text)))),
  ];
}

function fileDetails(model, row) {
  return [
    factList([["Owned by", packageTitle(model.packages[row.owner]) || "no package"],
      ["Layer", layerText(model, row.layer)], ["Size", formatBytes(row.size)],
      ["Format", `${row.format} ${row.machine}`], ["Attributed code", formatBytes(row.attributed)],
      ["Generic code", formatBytes(row.generic)], ["Unknown code", formatBytes(row.unknown)]]),
    row.findings.length ? section("Components in it", componentTable(row.findings)) : null,
  ];
}

const DETAILS = {
  finding: { title: (row) => `${row.component.label} ${row.version}`, content: findingDetails },
  package: { title: packageTitle, content: packageDetails },
  vulnerability: { title: (row) => row.id, content: vulnerabilityDetails },
  file: { title: filePath, content: fileDetails },
  drift: {
    title: (row) => `Drift: ${row.driftKind}`,
    content: (model, row) => [factList([["Level", row.level], ["What differs", row.message], ["Path", row.path],
      ["Package", packageTitle(row.package)], ["The package says", row.claimed], ["Found", row.found],
      ["Layer", layerText(model, row.layer)]])],
  },
  diagnostic: {
    title: (row) => row.code,
    content: (model, row) => [factList([["Level", row.level === "partial"
      ? "partial: it may hold a program" : "note: without loss"], ["Path", row.path || "the target"],
    ["At byte", row.offset === null ? "" : NUMBERS.format(row.offset)], ["Why", row.message]])],
  },
};

/* Shows one row at a time. Escape and the button close it; the focus goes back to where it was. */
class DetailsPanel {
  constructor(model) {
    this.model = model;
    this.heading = make("h2", { id: "details-title", tabindex: -1 });
    this.content = make("div", { class: "details-content" });
    const close = make("button", { type: "button", class: "close", "aria-label": "Close the details" }, "Close");
    this.element = make("aside", { id: "details", "aria-labelledby": "details-title", hidden: true },
      make("div", { class: "details-head" }, this.heading, close), this.content);
    close.addEventListener("click", () => this.close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    });
  }

  open(row) {
    const details = DETAILS[row.kind];
    this.back = document.activeElement;
    this.heading.textContent = details.title(row);
    this.content.replaceChildren(...[reasonList(row), ...details.content(this.model, row)].filter(Boolean));
    this.element.hidden = false;
    document.documentElement.classList.add("has-details");
    this.element.scrollTop = 0;
    this.heading.focus({ preventScroll: true });
  }

  close() {
    this.element.hidden = true;
    document.documentElement.classList.remove("has-details");
    if (this.back && this.back.isConnected) {
      this.back.focus({ preventScroll: true });
    }
  }
}
