/* The tree: layer, package, component, evidence. The children of a node are made when it is first opened. */

/* row: the finding or package that it stands for, or null. makeChildren(node) gives nodes; null for a leaf. */
function makeNode(parent, kind, label, note, row, makeChildren) {
  return { parent, kind, label, note, row, makeChildren, list: null, isOpen: null, level: parent ? parent.level + 1 : 1 };
}

function childrenOf(node) {
  node.list = node.list || node.makeChildren(node);
  return node.list;
}

/* By code units: a collator takes 0.3 s for 20,000 names. */
function comparePlain(a, b) {
  return a < b ? -1 : Number(a > b);
}

function evidenceNodes(parent) {
  const { evidence, evidenceTotal } = parent.row;
  const nodes = evidence.map(([kind, offset, unit, text, instructions]) => makeNode(parent, kind,
    text || formatCount(instructions, "instruction"),
    [unit && `in ${unit}`, offset !== null && `at byte ${formatNumber(offset)}`].filter(Boolean).join(", "), null, null));
  const left = evidenceTotal - nodes.length;
  if (left > 0) {
    nodes.push(makeNode(parent, "evidence", `${formatNumber(left)} more`, "fpscan explain shows all evidence", null, null));
  }
  return nodes;
}

function findingNodes(parent, findings) {
  const sorted = [...findings].sort((a, b) => a.rank - b.rank || comparePlain(a.component.label, b.component.label));
  return sorted.map((finding) => makeNode(parent, "component", `${finding.component.label} ${finding.version}`,
    finding.path, finding, evidenceNodes));
}

/* The packages of the layers that `belongs` accepts, each with the components in its files, and what lies in no package. The
 * layer of a component is its own, so a package of a lower layer appears again where a later layer changed its file. */
function packageNodes(model, parent, belongs) {
  const owners = new Map(model.packages.filter((item) => !item.isHidden && belongs(item.layer)).map((item) => [item, []]));
  for (const finding of model.findings) {
    if (belongs(finding.layer)) {
      addTo(owners, finding.owner, finding);
    }
  }
  const entries = [...owners].map(([item, findings]) => ({ item, findings, title: packageTitle(item) || "In no package",
    rank: findings.reduce((rank, finding) => Math.min(rank, finding.rank), item ? item.rank : 0) }));
  entries.sort((a, b) => Number(a.item !== null) - Number(b.item !== null) || a.rank - b.rank ||
    b.findings.length - a.findings.length || comparePlain(a.title, b.title));
  return entries.map(({ item, findings, title }) => makeNode(parent, "package", title,
    `${item ? `${item.listedAs}, ` : ""}${formatCount(findings.length, "component")}`, item,
    (node) => findingNodes(node, findings)));
}

function makeTree(model) {
  const { image, path, type, os } = model.target;
  const root = makeNode(null, type, (image && image.reference) || path, os.name, null, (node) => {
    if (!model.layers.length) {
      return packageNodes(model, node, () => true);
    }
    const nodes = model.layers.map(({ index, base, read, createdBy, diffID }) => makeNode(node, "layer", `Layer ${index}`,
      [base && "base image", !read && "not read", createdBy || diffID].filter(Boolean).join(", "), null,
      (child) => packageNodes(model, child, (layer) => layer === index)));
    return nodes.concat(packageNodes(model, node, (layer) => layer === null));
  });
  root.isOpen = true;
  childrenOf(root).filter((node) => node.kind === "layer").forEach((node) => { node.isOpen = true; });
  return root;
}

/* With a filter everything is open that the reader has not closed, as far as the components. */
function isShownOpen(node, isFiltered) {
  return node.isOpen === null ? isFiltered && node.kind !== "component" : node.isOpen;
}

/* The rows of the tree in order. With `keeps` (null: all) a component stays if it passes, a package also if one of its
 * components does. Rows that `hides` are left out in any case. */
function visibleNodes(root, keeps, hides) {
  const rows = [];
  const visit = (node) => {
    const place = rows.length;
    const own = !keeps || (node.row !== null && keeps(node.row));
    const isComponent = node.kind === "component";
    if (node.row && (hides(node.row) || (isComponent && !own))) {
      return false;
    }
    rows.push(node);
    let below = false;
    if (node.makeChildren && (node.isOpen || (keeps && !isComponent))) {
      for (const child of childrenOf(node)) {
        below = visitChild(child, isComponent) || below;
      }
      if (!isShownOpen(node, keeps !== null)) {
        rows.length = place + 1;
      }
    }
    if (!own && !below && node.parent) {
      rows.length = place;
    }
    return own || below;
  };
  const visitChild = (child, isEvidence) => (isEvidence ? rows.push(child) > 0 : visit(child));
  visit(root);
  return rows;
}

const TREE_COLUMNS = [
  column("node", "Name", 44, "main", (node) => make("span", "node", make("span", { class: "twisty", "aria-hidden": "true" }),
    make("span", "node-kind", node.kind), " ", make("span", { class: "node-label", title: node.label }, node.label))),
  column("reasons", "Attention", 21, "", (node) => node.row && reasonBadges(node.row)),
  column("note", "Details", 26, "sub", (node) => node.note),
  column("more", "More", 9, "side", (node) => node.row && make("button",
    { type: "button", class: "more", "aria-label": `Details of ${node.label}` }, "Details")),
];
