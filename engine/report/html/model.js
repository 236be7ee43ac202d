/* Reads the page's data: tables with the names of their columns and rows become objects that refer to each other. */
"use strict";

/* The worst first. */
const SEVERITIES = ["critical", "high", "medium", "low", "negligible", "unknown"];
const STATES = ["present", "likely", "mentioned"];

/* Why something needs attention, the most urgent first. */
const REASONS = {
  unexplained: "No package explains it, so no package manager updates it",
  contradicted: "The files differ from what a package says",
  vulnerable: "A vulnerability of it is known",
  unversioned: "Nothing tells which release it is",
};
const REASON_IDS = Object.keys(REASONS);

function readTable(table) {
  return table.rows.map((row, index) => {
    const item = { index };
    for (let i = 0; i < row.length; i++) {
      item[table.columns[i]] = row[i];
    }
    return item;
  });
}

function addTo(map, key, value) {
  if (!map.has(key)) {
    map.set(key, []);
  }
  map.get(key).push(value);
}

/* 0 for the worst; what has no severity comes last. */
function severityRank(severity) {
  return severity ? SEVERITIES.indexOf(severity) : SEVERITIES.length;
}

function worstSeverity(vulnerabilities) {
  return SEVERITIES.find((name) => vulnerabilities.some((item) => item.severity === name)) || "";
}

function filePath(file) {
  return file.archivePath === null ? file.path : `${file.path}!${file.archivePath}`;
}

/* "zlib1g 1:1.2.13": a package as people name it; "" for none. */
function packageTitle(item) {
  return item ? `${item.name} ${item.version}`.trim() : "";
}

/* What the filters and the search ask of every row. `words` are what the search looks at. */
function addRowFacts(row, kind, reasons, severity, words) {
  row.kind = kind;
  row.reasons = REASON_IDS.filter((id) => reasons[id]);
  row.rank = row.reasons.length ? REASON_IDS.indexOf(row.reasons[0]) : REASON_IDS.length;
  row.severity = severity;
  row.haystack = words.join("\n").toLowerCase();
}

function counts(vulnerabilities) {
  return vulnerabilities.some((item) => item.suppression === "none");
}

/* Gives packages their vulnerabilities; returns those of components, by component and file. */
function linkVulnerabilities(model) {
  const places = new Map();
  for (const item of model.vulnerabilities) {
    for (const index of item.packages) {
      model.packages[index].vulnerabilities.push(item);
    }
    for (const index of item.component === null ? [] : item.files) {
      addTo(places, item.component * model.files.length + index, item);
    }
    addRowFacts(item, "vulnerability", { vulnerable: counts([item]) }, item.severity,
      [item.id, item.subject, item.version, item.title, item.path, item.advisory, item.fixed]);
  }
  return places;
}

function linkFinding(model, finding, places) {
  const found = places.get(finding.component * model.files.length + finding.file) || [];
  finding.component = model.components[finding.component];
  finding.file = model.files[finding.file];
  finding.owner = model.packages[finding.file.owner] || null;
  finding.explainer = model.packages[finding.explainedBy] || null;
  finding.contradiction = model.drift[finding.drift] || null;
  finding.vulnerabilities = finding.merged ? found.concat(finding.explainer.vulnerabilities) : found;
  finding.isPackage = finding.merged && !found.length;
  finding.isRuntime = finding.component.role === "runtime";
  finding.path = filePath(finding.file);
  finding.file.findings.push(finding);
  if (finding.owner) {
    finding.owner.findings.push(finding);
  }
  const drift = finding.contradiction || { reasons: [] };
  const isIn = finding.state !== "mentioned" && !finding.isRuntime;
  addRowFacts(finding, "finding", {
    unexplained: drift.reasons.includes("unexplained") || (isIn && !finding.explainer && !finding.contradiction),
    contradicted: drift.reasons.includes("contradicted"),
    vulnerable: counts(finding.vulnerabilities),
    unversioned: isIn && finding.versionKind === "unknown",
  }, worstSeverity(finding.vulnerabilities), [finding.component.label, finding.component.name, finding.version,
    finding.path, finding.component.purl, finding.component.license, packageTitle(finding.owner), finding.how,
    ...finding.vulnerabilities.map((item) => item.id)]);
}

function linkPackage(item) {
  item.listedAs = item.kind;
  addRowFacts(item, "package", { vulnerable: counts(item.vulnerabilities), unversioned: !item.version },
    worstSeverity(item.vulnerabilities), [item.name, item.version, item.listedAs, item.purl, item.license,
      item.supplier, item.location, ...item.vulnerabilities.map((entry) => entry.id)]);
}

/* Drift of these kinds says that no package explains a file or a component; every other kind contradicts a package. What the
 * package itself ships so is a note, and needs no attention. */
const UNEXPLAINED_KINDS = ["unowned", "component"];

function linkDrift(model, item) {
  const drifts = item.level === "drift", isUnexplained = UNEXPLAINED_KINDS.includes(item.kind);
  item.driftKind = item.kind;
  item.file = model.files[item.file] || null;
  item.package = model.packages[item.package] || null;
  item.layer = item.file ? item.file.layer : item.package ? item.package.layer : null;
  addRowFacts(item, "drift", { unexplained: drifts && isUnexplained,
    contradicted: drifts && !isUnexplained }, "",
  [item.driftKind, item.path, item.message, item.component || "", packageTitle(item.package)]);
}

/* Files of one component are one row where packages explain them. */
function groupExplained(findings) {
  const first = new Map();
  return findings.filter((finding) => {
    const known = finding.rank < 2 ? null : first.get(finding.component);
    if (known) {
      known.others++;
    } else if (finding.rank >= 2) {
      first.set(finding.component, finding);
      finding.others = 0;
    }
    return !known;
  });
}

/* What needs attention, the most urgent first. Drift is left to the finding that it is about. */
function listAttention(model) {
  const shown = new Set(model.findings.map((finding) => finding.contradiction));
  const files = new Set(model.findings.filter((finding) => finding.rank === 0).map((finding) => finding.file));
  const rows = [
    ...groupExplained(model.findings.filter((finding) => finding.reasons.length && !finding.isPackage)),
    ...model.packages.filter((item) => !item.isHidden),
    ...model.drift.filter((item) => !shown.has(item) && !(item.rank === 0 && files.has(item.file))),
  ].filter((row) => row.reasons.length);
  const weight = (row) => row.rank * 16 + severityRank(row.severity);
  return rows.sort((a, b) => weight(a) - weight(b));
}

function loadModel(text) {
  const data = JSON.parse(text);
  const model = {};
  for (const [name, table] of Object.entries(data)) {
    model[name] = table.columns ? readTable(table) : table;
  }
  for (const item of model.files) {
    item.findings = [];
  }
  for (const item of model.packages) {
    item.findings = [];
    item.vulnerabilities = [];
    item.isHidden = data.shown.scope !== "all-layers" && item.visibility !== "visible";
  }
  const places = linkVulnerabilities(model);
  model.drift.forEach((item) => linkDrift(model, item));
  model.findings.forEach((finding) => linkFinding(model, finding, places));
  model.packages.forEach(linkPackage);
  model.diagnostics.forEach((item) =>
    addRowFacts(item, "diagnostic", {}, "", [item.code, item.path || "", item.message]));
  model.attention = listAttention(model);
  return model;
}
