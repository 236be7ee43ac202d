/* Reads the page's data: tables with the names of their columns and rows become objects that refer to each other. */
"use strict";

/* The worst first; the rank of a severity is its index. */
const SEVERITIES = ["critical", "high", "medium", "low", "negligible", "unknown"];
const STATES = ["present", "likely", "mentioned"];

/* Why something needs attention, the most urgent first. */
const REASONS = [
  { id: "unexplained", label: "Unexplained", meaning: "No package explains it: nobody may update it" },
  { id: "contradicted", label: "Contradicted", meaning: "The files differ from what a package says" },
  { id: "vulnerable", label: "Vulnerable", meaning: "A vulnerability of it is known" },
  { id: "unversioned", label: "Version unknown", meaning: "The evidence does not tell which release it is" },
];

/* Drift that says that nobody owns a file; every other kind contradicts a package. */
const UNOWNED = "unowned";

function readTable(table) {
  return table.rows.map((row, index) => {
    const item = { index };
    for (let i = 0; i < row.length; i++) {
      item[table.columns[i]] = row[i];
    }
    return item;
  });
}

/* Appends to the list of a key, which it makes. */
function addTo(map, key, value) {
  const list = map.get(key);
  if (list) {
    list.push(value);
  } else {
    map.set(key, [value]);
  }
}

function worstSeverity(vulnerabilities) {
  let worst = SEVERITIES.length;
  for (const vulnerability of vulnerabilities) {
    worst = Math.min(worst, SEVERITIES.indexOf(vulnerability.severity));
  }
  return SEVERITIES[worst] || "";
}

function filePath(file) {
  return file.archivePath === null ? file.path : `${file.path}!${file.archivePath}`;
}

/* "zlib1g 1:1.2.13": a package as people name it. */
function packageTitle(item) {
  return item ? `${item.name} ${item.version}`.trim() : "";
}

/* What the filters and the search ask of every row, whatever it shows. `words` are found in any case. */
function addRowFacts(row, reasons, severity, words) {
  row.reasons = reasons;
  row.severity = severity;
  row.rank = reasons.length ? REASONS.findIndex((reason) => reason.id === reasons[0]) : REASONS.length;
  row.words = words;
  row.haystack = null;
}

/* The text that the search looks at; made when it is first needed. */
function haystackOf(row) {
  if (row.haystack === null) {
    row.haystack = row.words().join("\n").toLowerCase();
  }
  return row.haystack;
}

/* Vulnerabilities by package, and by component and file. */
function linkVulnerabilities(model) {
  const places = new Map();
  for (const item of model.vulnerabilities) {
    for (const index of item.packages) {
      model.packages[index].vulnerabilities.push(item);
    }
    for (const index of item.component === null ? [] : item.files) {
      addTo(places, item.component * model.files.length + index, item);
    }
    const reasons = item.suppression === "none" ? ["vulnerable"] : [];
    item.kind = "vulnerability";
    addRowFacts(item, reasons, item.severity,
      () => [item.id, item.subject, item.version, item.title, item.path, item.advisory, item.fixed]);
  }
  return places;
}

function linkFinding(model, finding, places) {
  const key = finding.component * model.files.length + finding.file;
  finding.kind = "finding";
  finding.vulnerabilities = places.get(key) || [];
  finding.component = model.components[finding.component];
  finding.file = model.files[finding.file];
  finding.owner = model.packages[finding.file.owner] || null;
  finding.explainer = model.packages[finding.explainedBy] || null;
  finding.contradiction = model.drift[finding.drift] || null;
  if (finding.merged && finding.explainer) {
    finding.vulnerabilities = finding.vulnerabilities.concat(finding.explainer.vulnerabilities);
  }
  finding.isRuntime = finding.component.role === "runtime";
  finding.path = filePath(finding.file);
  finding.file.findings.push(finding);
  if (finding.owner) {
    finding.owner.findings.push(finding);
  }
  const reasons = [];
  const drifts = finding.contradiction && finding.contradiction.level === "drift";
  const counts = finding.state !== "mentioned" && !finding.isRuntime;
  if (counts && !finding.explainer && !drifts) {
    reasons.push("unexplained");
  }
  if (drifts) {
    reasons.push(finding.contradiction.kind === UNOWNED ? "unexplained" : "contradicted");
  }
  if (finding.vulnerabilities.some((item) => item.suppression === "none")) {
    reasons.push("vulnerable");
  }
  if (counts && finding.versionKind === "unknown") {
    reasons.push("unversioned");
  }
  addRowFacts(finding, reasons, worstSeverity(finding.vulnerabilities), () => [
    finding.component.label, finding.component.name, finding.version, finding.path, finding.component.purl,
    finding.component.license, packageTitle(finding.owner), finding.how,
    ...finding.vulnerabilities.map((item) => item.id)]);
}

function linkPackage(item) {
  const reasons = [];
  if (item.vulnerabilities.some((entry) => entry.suppression === "none")) {
    reasons.push("vulnerable");
  }
  if (!item.version) {
    reasons.push("unversioned");
  }
  item.listedAs = item.kind;
  item.kind = "package";
  addRowFacts(item, reasons, worstSeverity(item.vulnerabilities), () => [
    item.name, item.version, item.listedAs, item.purl, item.license, item.supplier, item.location,
    ...item.vulnerabilities.map((entry) => entry.id)]);
}

function linkDrift(model, item) {
  item.driftKind = item.kind;
  item.kind = "drift";
  item.file = model.files[item.file] || null;
  item.package = model.packages[item.package] || null;
  item.layer = item.file ? item.file.layer : item.package ? item.package.layer : null;
  const reason = item.driftKind === UNOWNED ? "unexplained" : "contradicted";
  addRowFacts(item, item.level === "drift" ? [reason] : [], "",
    () => [item.driftKind, item.path, item.message, item.component || "", packageTitle(item.package)]);
}

/* What needs attention, the most urgent first: findings, then packages, then drift that no finding shows. */
function listAttention(model) {
  const shown = new Set(model.findings.map((finding) => finding.contradiction));
  const merged = new Set(model.findings.filter((finding) => finding.merged).map((finding) => finding.explainer));
  const seen = new Set(model.findings.filter((finding) => finding.rank === 0).map((finding) => finding.file));
  const rows = [
    ...model.findings,
    ...model.packages.filter((item) => !item.isHidden && !merged.has(item)),
    ...model.drift.filter((item) => !shown.has(item) &&
      !(item.driftKind === UNOWNED && seen.has(item.file))),
  ].filter((row) => row.reasons.length);
  const weight = (row) => row.rank * 16 + severityRank(row.severity);
  return rows.sort((a, b) => weight(a) - weight(b) || a.index - b.index);
}

function severityRank(severity) {
  const rank = SEVERITIES.indexOf(severity);
  return rank < 0 ? SEVERITIES.length : rank;
}

function loadModel(text) {
  const data = JSON.parse(text);
  const model = { data, target: data.target, hidesLayers: data.shown.scope !== "all-layers" };
  for (const name of ["sources", "layers", "packages", "files", "components", "findings", "vulnerabilities",
    "drift", "diagnostics"]) {
    model[name] = readTable(data[name]);
  }
  for (const item of model.files) {
    item.findings = [];
  }
  for (const item of model.packages) {
    item.findings = [];
    item.vulnerabilities = [];
    item.isHidden = model.hidesLayers && item.visibility !== "visible";
  }
  const places = linkVulnerabilities(model);
  model.drift.forEach((item) => linkDrift(model, item));
  model.findings.forEach((finding) => linkFinding(model, finding, places));
  model.packages.forEach(linkPackage);
  model.diagnostics.forEach((item) => {
    item.kind = "diagnostic";
    addRowFacts(item, [], "", () => [item.code, item.path || "", item.message]);
  });
  model.attention = listAttention(model);
  return model;
}
