/* The tables of the page: what each shows, in which columns, and which filters make sense for it. */

const formatNumber = new Intl.NumberFormat("en").format;

function formatCount(count, noun) {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function formatBytes(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(bytes || 1) / 10));
  return `${unit ? (bytes / 1024 ** unit).toFixed(1) : bytes} ${units[unit]}`;
}

/* 1.00 only where it is certain. */
function formatShare(share) {
  return (Math.floor(share * 100 + 1e-9) / 100).toFixed(2);
}

function capitalise(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function severityBadge(severity) {
  return severity && make("span", `badge severity-${severity}`, capitalise(severity));
}

function reasonBadge(id) {
  return make("span", `badge reason-${id}`, capitalise(id));
}

function reasonBadges(row) {
  return make("span", "reasons", ...row.reasons.map(reasonBadge));
}

function fixText(item) {
  return item.fixed || (item.wontFix ? "will not fix" : "");
}

/* What a finding, package or drift item is about, how it is there and where, for the table that mixes them. */
function rowTitle(row) {
  return row.kind === "finding" ? row.component.label : row.name || row.component || row.path.split("/").pop();
}

function rowWhy(row) {
  const drift = row.kind === "drift" ? row : row.contradiction;
  return drift ? drift.message : row.how || `${row.listedAs} package`;
}

/* `width` is in percent; `place` is "main", "side", "sub", or "" where a narrow screen has no room for the column; cell(row) gives
 * a text or an element, key(row) what to sort by. */
function column(id, label, width, place, cell, key) {
  return { id, label, width, place, cell, key: key || cell };
}

const SEVERITY = column("severity", "Severity", 9, "side", (row) => severityBadge(row.severity),
  (row) => severityRank(row.severity));
const LAYER = column("layer", "Layer", 7, "", (row) => (row.layer === null ? "" : String(row.layer)),
  (row) => (row.layer === null ? -1 : row.layer));

/* Each table: rows(model), columns, filters, and what it says when it is empty. */
const TABLES = [
  {
    id: "attention", label: "Attention", rows: (model) => model.attention, filters: ["attention", "severity", "layer"],
    nothing: "Nothing needs attention.",
    columns: [
      column("reasons", "Why", 21, "sub", reasonBadges, (row) => row.rank),
      column("title", "What", 15, "main", rowTitle),
      column("version", "Version", 11, "side", (row) => (row.kind === "drift" ? "" : row.version || "?")),
      SEVERITY, LAYER,
      column("why", "How it is there", 16, "", rowWhy),
      column("path", "Where", 21, "sub", (row) => (row.path || row.location) + (row.others ? ` and ${row.others} more` : "")),
    ],
  },
  {
    id: "components", label: "Components", rows: (model) => model.findings,
    filters: ["state", "attention", "severity", "layer", "runtime"], nothing: "No components were found.",
    columns: [
      column("title", "Component", 15, "main", (row) => row.component.label),
      column("version", "Version", 12, "side", (row) => row.version),
      column("state", "State", 9, "sub", (row) => make("span", `state ${row.state}`, row.state),
        (row) => STATES.indexOf(row.state)),
      column("confidence", "Confidence", 10, "", (row) => formatShare(row.confidence), (row) => row.confidence),
      column("how", "How", 9, "", (row) => row.how),
      SEVERITY, LAYER,
      column("package", "Explained by", 11, "", (row) => (row.explainer ? row.explainer.name : "nothing")),
      column("path", "File", 18, "sub", (row) => row.path),
    ],
  },
  { id: "tree", label: "Tree", filters: ["state", "attention", "severity", "layer", "runtime"], nothing: "No components were found." },
  {
    id: "vulnerabilities", label: "Vulnerabilities", rows: (model) => model.vulnerabilities, filters: ["severity", "layer"],
    nothing: "No vulnerabilities are known.",
    columns: [
      SEVERITY,
      column("title", "Vulnerability", 14, "main", (row) => row.id),
      column("subject", "Component", 13, "sub", (row) => row.subject),
      column("version", "Version", 11, "sub", (row) => row.version),
      column("fixed", "Fixed in", 11, "", fixText),
      column("risk", "Risk", 7, "", (row) => row.risk.toFixed(0), (row) => row.risk),
      LAYER,
      column("remark", "Title", 28, "", (row) =>
        [row.exploited && "known exploited", row.title, row.remark].filter(Boolean).join("; ")),
    ],
  },
  {
    id: "packages", label: "Packages", rows: (model) => model.packages.filter((item) => !item.isHidden),
    filters: ["attention", "severity", "layer"], nothing: "No packages are listed.",
    columns: [
      column("title", "Package", 19, "main", (row) => row.name),
      column("version", "Version", 14, "side", (row) => row.version || "?"),
      column("kind", "Kind", 8, "sub", (row) => row.listedAs),
      SEVERITY,
      column("count", "Components", 11, "", (row) => String(row.findings.length), (row) => row.findings.length),
      LAYER,
      column("licence", "Licence", 13, "", (row) => row.license),
      column("path", "Listed by", 19, "sub", (row) => row.location),
    ],
  },
  {
    id: "drift", label: "Drift", rows: (model) => model.drift, filters: ["attention", "layer"],
    nothing: "The files are what the packages say.",
    columns: [
      column("title", "Kind", 11, "main", (row) => row.driftKind),
      column("level", "Level", 8, "side", (row) => row.level),
      column("why", "What differs", 36, "", (row) => row.message),
      column("package", "Package", 13, "", (row) => packageTitle(row.package)),
      LAYER,
      column("path", "Path", 25, "sub", (row) => row.path),
    ],
  },
  {
    id: "gaps", label: "Not looked at", rows: (model) => model.diagnostics, filters: ["level"],
    nothing: "Everything was looked at.",
    columns: [
      column("level", "Level", 9, "side", (row) => row.level),
      column("title", "Code", 18, "main", (row) => row.code),
      column("path", "Path", 33, "sub", (row) => row.path || "the target"),
      column("why", "Why", 40, "", (row) => row.message),
    ],
  },
];
