/* The panel with all that is known of one row. */

/* A list of [name, value], without those that have no value. */
function factList(pairs) {
  const shown = pairs.filter(([, value]) => value);
  return make("dl", null, ...shown.flatMap(([name, value]) => [make("dt", null, name), make("dd", null, value)]));
}

/* Rows of a table in the panel; more would make it slow to open. */
const DETAIL_ROWS = 500;

/* A heading and a table; null without rows. */
function detailTable(title, columns, rows) {
  const left = rows.length - DETAIL_ROWS;
  if (left > 0) {
    rows = [...rows.slice(0, DETAIL_ROWS), [`and ${formatNumber(left)} more`]];
  }
  return rows.length === 0 ? null : make("section", null, make("h3", null, title),
    make("table", { class: "plain", "aria-label": title },
      make("thead", null, make("tr", null, ...columns.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", null, ...rows.map((cells) => make("tr", null, ...cells.map((cell) => make("td", null, cell)))))));
}

function vulnerabilityTable(list) {
  return detailTable("Vulnerabilities", ["Severity", "Vulnerability", "Fixed in", "Title"], list.map((item) =>
    [severityBadge(item.severity), makeLink(item.link, item.id), fixText(item), item.title]));
}

function componentTable(findings) {
  return detailTable("Components", ["Component", "Version", "State", "File"], findings.map((finding) =>
    [finding.component.label, finding.version, finding.state, finding.path]));
}

function layerText(model, index) {
  const layer = model.layers[index];
  return layer ? `${index}: ${layer.createdBy || layer.diffID}` : "";
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
    vulnerabilityTable(row.vulnerabilities),
    detailTable(`Evidence: the best ${row.evidence.length} of ${formatCount(row.evidenceTotal, "piece")}`,
      ["Kind", "Text", "Unit", "At byte"], row.evidence.map(([kind, offset, unit, text, instructions]) =>
        [kind, text || formatCount(instructions, "instruction"), unit, offset === null ? "" : formatNumber(offset)])),
  ];
}

function packageDetails(model, row) {
  return [
    factList([["Kind", row.listedAs], ["Architecture", row.architecture], ["State", row.state],
      ["Layer", layerText(model, row.layer)], ["Inside", packageTitle(model.packages[row.parent])],
      ["Listed by", row.location], ["Files", formatNumber(row.owned)], ["Licence", row.license],
      ["Supplier", row.supplier], ["Package URL", row.purl]]),
    vulnerabilityTable(row.vulnerabilities),
    componentTable(row.findings),
  ];
}

function vulnerabilityDetails(model, row) {
  const places = [...row.packages.map((index) => packageTitle(model.packages[index])),
    ...row.files.map((index) => filePath(model.files[index]))];
  return [
    factList([["Title", row.title], ["Severity", severityBadge(row.severity)],
      ["CVSS", row.score ? `${row.score} ${row.vector}` : ""], ["Risk", `${row.risk.toFixed(0)} of 100`],
      ["Known exploited", row.exploited ? (row.ransomware ? "yes, by ransomware" : "yes") : ""],
      ["EPSS", row.epss < 0 ? "" : `${(row.epss * 100).toFixed(1)} %`], ["Component", row.subject],
      ["Version", row.version], ["Verdict", row.verdict], ["Affected", row.range],
      ["Fixed in", fixText(row) || "no release yet"], ["Suppressed", row.suppression === "none" ? "" : row.suppression],
      ["Remark", row.remark], ["Source", `${row.source} ${row.advisory}`],
      ["Link", row.link ? makeLink(row.link, row.link) : ""]]),
    detailTable("Where", ["Package or file"], (places.length ? places : [row.path]).map((place) => [place])),
  ];
}

function fileDetails(model, row) {
  return [
    factList([["Owned by", packageTitle(model.packages[row.owner]) || "no package"],
      ["Layer", layerText(model, row.layer)], ["Size", formatBytes(row.size)], ["Format", `${row.format} ${row.machine}`],
      ["Attributed code", formatBytes(row.attributed)], ["Generic code", formatBytes(row.generic)],
      ["Unknown code", formatBytes(row.unknown)]]),
    componentTable(row.findings),
  ];
}

function driftDetails(model, row) {
  return [factList([["Level", row.level], ["What differs", row.message], ["Path", row.path],
    ["Package", packageTitle(row.package)], ["The package says", row.claimed], ["Found", row.found],
    ["Layer", layerText(model, row.layer)]])];
}

function diagnosticDetails(model, row) {
  return [factList([["Level", row.level === "partial" ? "partial: it may hold a program" : "note: without loss"],
    ["Path", row.path || "the target"], ["At byte", row.offset === null ? "" : formatNumber(row.offset)],
    ["Why", row.message]])];
}

const DETAILS = {
  finding: { title: (row) => `${row.component.label} ${row.version}`, content: findingDetails },
  package: { title: packageTitle, content: packageDetails },
  vulnerability: { title: (row) => row.id, content: vulnerabilityDetails },
  file: { title: filePath, content: fileDetails },
  drift: { title: (row) => `Drift: ${row.driftKind}`, content: driftDetails },
  diagnostic: { title: (row) => row.code, content: diagnosticDetails },
};

/* Shows one row at a time. Escape and the button close it; the focus goes back to where it was. */
class DetailsPanel {
  /* `onClose` gives the focus to a row when the element that had it is gone. */
  constructor(model, onClose) {
    Object.assign(this, { model, onClose });
    this.heading = make("h2", { id: "details-title", tabindex: -1 });
    this.content = make("div", "content");
    const close = makeButton("close", () => this.close(), "Close");
    this.element = make("aside", { id: "details", "aria-labelledby": "details-title", hidden: true },
      make("div", "head", this.heading, close), this.content);
  }

  open(row) {
    const details = DETAILS[row.kind];
    const reasons = (row.reasons || []).map((id) => make("li", null, reasonBadge(id), ` ${REASONS[id]}.`));
    this.back = document.activeElement;
    this.heading.textContent = details.title(row);
    this.content.replaceChildren(make("ul", "why", ...reasons),
      ...details.content(this.model, row).filter(Boolean));
    this.element.hidden = false;
    this.element.scrollTop = 0;
    this.heading.focus({ preventScroll: true });
  }

  close() {
    if (this.element.hidden) {
      return;
    }
    this.element.hidden = true;
    if (this.back.isConnected) {
      this.back.focus({ preventScroll: true });
    } else {
      this.onClose();
    }
  }
}
