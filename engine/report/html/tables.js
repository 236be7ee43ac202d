/* The tables of the page: what each shows, in which columns, and which filters make sense for it. */

const NUMBERS = new Intl.NumberFormat("en");

function formatCount(count, noun) {
  const plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${NUMBERS.format(count)} ${count === 1 ? noun : plural}`;
}

function formatBytes(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit + 1 < units.length) {
    bytes /= 1024;
    unit++;
  }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

/* 1.00 only where it is certain. */
function formatShare(share) {
  return (Math.floor(share * 100 + 1e-9) / 100).toFixed(2);
}

function capitalise(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function formatLayer(row) {
  return row.layer === null || row.layer === undefined ? "" : String(row.layer);
}

function severityBadge(severity) {
  return severity ? make("span", { class: `badge severity-${severity}` }, capitalise(severity)) : "";
}

function stateBadge(state) {
  return make("span", { class: `state state-${state}` }, state);
}

function reasonBadges(row) {
  return make("span", { class: "reasons" }, ...row.reasons.map((id) =>
    make("span", { class: `badge reason-${id}` }, REASONS.find((reason) => reason.id === id).label)));
}

/* What a row of any kind is about, for lists that mix kinds. */
function rowTitle(row) {
  switch (row.kind) {
  case "finding":
    return row.component.label;
  case "package":
    return row.name;
  case "drift":
    return row.component || row.path.split("/").pop();
  default:
    return row.id || row.code;
  }
}

function rowVersion(row) {
  return row.kind === "drift" ? row.found || "" : row.version || "?";
}

function rowPlace(row) {
  return row.kind === "package" ? row.location : row.path;
}

function rowWhy(row) {
  if (row.kind === "finding") {
    return row.contradiction ? row.contradiction.message : row.how;
  }
  return row.kind === "drift" ? row.message : `${row.listedAs} package`;
}

const textColumn = (id, label, width, place, text) => ({ id, label, width, place, cell: text, key: text });

const severityColumn = {
  id: "severity", label: "Severity", width: 9, place: "side",
  cell: (row) => severityBadge(row.severity), key: (row) => severityRank(row.severity),
};
const layerColumn = {
  id: "layer", label: "Layer", width: 6, place: "",
  cell: formatLayer, key: (row) => (row.layer === null || row.layer === undefined ? -1 : row.layer),
};

/* Each table: rows(model), columns, and the filters that it has. */
const TABLES = [
  {
    id: "attention", label: "Attention", rows: (model) => model.attention,
    filters: ["reason", "severity", "layer"], nothing: "Nothing needs attention.",
    columns: [
      { id: "reasons", label: "Why", width: 17, place: "sub", cell: reasonBadges, key: (row) => row.rank },
      textColumn("title", "What", 15, "main", rowTitle),
      textColumn("version", "Version", 12, "side", rowVersion),
      severityColumn,
      layerColumn,
      textColumn("why", "How it is there", 18, "", rowWhy),
      textColumn("path", "Where", 23, "sub", rowPlace),
    ],
  },
  {
    id: "components", label: "Components", rows: (model) => model.findings,
    filters: ["state", "reason", "severity", "layer", "runtime"], nothing: "No components were found.",
    columns: [
      textColumn("title", "Component", 16, "main", (row) => row.component.label),
      textColumn("version", "Version", 13, "side", (row) => row.version),
      { id: "state", label: "State", width: 9, place: "sub", cell: (row) => stateBadge(row.state),
        key: (row) => STATES.indexOf(row.state) },
      { id: "confidence", label: "Confidence", width: 9, place: "",
        cell: (row) => formatShare(row.confidence), key: (row) => row.confidence },
      textColumn("how", "How", 9, "", (row) => row.how),
      { ...severityColumn, place: "" },
      layerColumn,
      textColumn("package", "Explained by", 11, "", (row) => (row.explainer ? row.explainer.name : "nothing")),
      textColumn("path", "File", 18, "sub", (row) => row.path),
    ],
  },
  { id: "tree", label: "Tree", filters: ["state", "reason", "severity", "layer", "runtime"],
    nothing: "Nothing was found." },
  {
    id: "vulnerabilities", label: "Vulnerabilities", rows: (model) => model.vulnerabilities,
    filters: ["severity", "layer"], nothing: "No vulnerabilities are known.",
    columns: [
      severityColumn,
      textColumn("title", "Vulnerability", 14, "main", (row) => row.id),
      textColumn("subject", "Component", 12, "sub", (row) => row.subject),
      textColumn("version", "Version", 12, "sub", (row) => row.version),
      textColumn("fixed", "Fixed in", 12, "", (row) => row.fixed || (row.wontFix ? "will not fix" : "")),
      { id: "risk", label: "Risk", width: 6, place: "", cell: (row) => row.risk.toFixed(0),
        key: (row) => row.risk },
      layerColumn,
      { id: "remark", label: "Title", width: 29, place: "", key: (row) => row.title,
        cell: (row) => [row.exploited ? "known exploited" : "", row.title, row.remark].filter(Boolean).join("; ") },
    ],
  },
  {
    id: "packages", label: "Packages", rows: (model) => model.packages.filter((item) => !item.isHidden),
    filters: ["reason", "severity", "layer"], nothing: "No packages are listed.",
    columns: [
      textColumn("title", "Package", 20, "main", (row) => row.name),
      textColumn("version", "Version", 15, "side", (row) => row.version || "?"),
      textColumn("kind", "Kind", 7, "sub", (row) => row.listedAs),
      { ...severityColumn, place: "" },
      { id: "count", label: "Components", width: 10, place: "",
        cell: (row) => String(row.findings.length), key: (row) => row.findings.length },
      layerColumn,
      textColumn("licence", "Licence", 14, "", (row) => row.license),
      textColumn("path", "Listed by", 19, "sub", (row) => row.location),
    ],
  },
  {
    id: "drift", label: "Drift", rows: (model) => model.drift,
    filters: ["reason", "layer"], nothing: "The files are what the packages say.",
    columns: [
      textColumn("title", "Kind", 10, "main", (row) => row.driftKind),
      textColumn("level", "Level", 7, "side", (row) => row.level),
      textColumn("why", "What differs", 38, "", (row) => row.message),
      textColumn("package", "Package", 13, "", (row) => packageTitle(row.package)),
      layerColumn,
      textColumn("path", "Path", 26, "sub", (row) => row.path),
    ],
  },
  {
    id: "gaps", label: "Not looked at", rows: (model) => model.diagnostics,
    filters: ["level"], nothing: "Everything was looked at.",
    columns: [
      textColumn("level", "Level", 8, "side", (row) => row.level),
      textColumn("title", "Code", 19, "main", (row) => row.code),
      textColumn("path", "Path", 33, "sub", (row) => row.path || "the target"),
      textColumn("why", "Why", 40, "", (row) => row.message),
    ],
  },
];
