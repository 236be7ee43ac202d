/* The tree: layer, package, component, evidence. A node is made when its parent is first opened. */

/* A node: {kind, label, note, row (the finding or package, or null), children() gives nodes, isOpen, level, parent}. */
function makeNode(parent, kind, label, note, row, children) {
  return { parent, kind, label, note, row, children, isOpen: false, level: parent ? parent.level + 1 : 1,
    list: null };
}

function childrenOf(node) {
  if (node.list === null) {
    node.list = node.children ? node.children(node) : [];
  }
  return node.list;
}

/* By code units: a collator takes 0.3 s for 20,000 names. */
function comparePlain(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function evidenceNodes(parent) {
  const finding = parent.row;
  const nodes = finding.evidence.map(([kind, offset, unit, text, instructions]) => {
    const note = [unit && `in ${unit}`, instructions ? formatCount(instructions, "instruction") : "",
      offset === null ? "" : `at byte ${NUMBERS.format(offset)}`];
    return makeNode(parent, kind, text || "a function without a name", note.filter(Boolean).join(", "), null, null);
  });
  const left = finding.evidenceTotal - nodes.length;
  if (left > 0) {
    nodes.push(makeNode(parent, "evidence", `${formatCount(left, "more piece")} of evidence`,
      "fpscan explain shows them", null, null));
  }
  return nodes;
}

function findingNodes(parent, findings) {
  const sorted = [...findings].sort((a, b) => a.rank - b.rank || comparePlain(a.component.label, b.component.label));
  return sorted.map((finding) => makeNode(parent, "component", `${finding.component.label} ${finding.version}`,
    finding.path, finding, evidenceNodes));
}

/* The packages of those layers that `belongs` accepts, each with the components in its files, and what lies in no package. The
 * layer of a component is its own, so a package of a lower layer appears again where a later layer changed its file. */
function packageNodes(model, parent, belongs) {
  const ofLayer = new Map(), loose = [];
  for (const item of model.packages) {
    if (!item.isHidden && belongs(item.layer)) {
      ofLayer.set(item, []);
    }
  }
  for (const finding of model.findings) {
    if (!belongs(finding.layer)) {
      continue;
    }
    if (finding.owner) {
      addTo(ofLayer, finding.owner, finding);
    } else {
      loose.push(finding);
    }
  }
  const rank = (item) => Math.min(item.rank, ...ofLayer.get(item).map((finding) => finding.rank));
  const order = [...ofLayer.keys()].map((item) => [rank(item), ofLayer.get(item).length ? 0 : 1, item]);
  order.sort((a, b) => a[0] - b[0] || a[1] - b[1] || comparePlain(a[2].name, b[2].name));
  const nodes = order.map(([, , item]) => makeNode(parent, "package", packageTitle(item),
    `${item.listedAs}, ${formatCount(ofLayer.get(item).length, "component")}`, item,
    (node) => findingNodes(node, ofLayer.get(item))));
  if (loose.length) {
    nodes.unshift(makeNode(parent, "package", "In no package", formatCount(loose.length, "component"), null,
      (node) => findingNodes(node, loose)));
  }
  return nodes;
}

function makeTree(model) {
  const image = model.target.image;
  const title = image && image.reference ? image.reference : model.target.path || "the target";
  const root = makeNode(null, image ? "image" : model.target.type || "target", title, model.target.os.name, null, (node) => {
    if (!model.layers.length) {
      return packageNodes(model, node, () => true);
    }
    const nodes = model.layers.map((layer) => makeNode(node, "layer", `Layer ${layer.index}`,
      [layer.base ? "base image" : "", layer.read ? "" : "not read", layer.createdBy || layer.diffID]
        .filter(Boolean).join(", "), null, (child) => packageNodes(model, child, (of) => of === layer.index)));
    const none = packageNodes(model, node, (of) => of === null);
    return none.length ? [...nodes, ...none] : nodes;
  });
  root.isOpen = true;
  childrenOf(root).forEach((node) => { node.isOpen = node.kind === "layer"; });
  return root;
}

/* With a filter everything is open that the reader has not closed, as far as the components. */
function isShownOpen(node, isFiltered) {
  return isFiltered && node.kind !== "component" ? !node.closed : node.isOpen;
}

/* The rows of the tree in order. With `keeps` (null: all) a component stays if it passes, a package also if one of its
 * components does. Rows that `hides` are left out in any case. */
function visibleNodes(root, keeps, hides) {
  const rows = [];
  const visit = (node) => {
    const place = rows.length;
    const own = !keeps || (node.row !== null && keeps(node.row));
    if (node.row && (hides(node.row) || (node.kind === "component" && !own))) {
      return false;
    }
    rows.push(node);
    if (node.kind === "component") {
      if (node.isOpen) {
        rows.push(...childrenOf(node));
      }
      return true;
    }
    let below = false;
    if (node.children && (keeps || node.isOpen)) {
      for (const child of childrenOf(node)) {
        below = visit(child) || below;
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
  visit(root);
  return rows;
}

function decorateNode(tr, node, isFiltered) {
  tr.setAttribute("aria-level", node.level);
  tr.querySelector(".node").style.paddingInlineStart = `${(node.level - 1) * 1.25}em`;
  if (node.children) {
    tr.setAttribute("aria-expanded", String(isShownOpen(node, isFiltered)));
  }
  tr.classList.add(`is-${node.kind}`);
}

const TREE_COLUMNS = [
  { id: "node", label: "Name", width: 48, place: "main", cell: (node) => make("span", { class: "node" },
    make("span", { class: "twisty", "aria-hidden": "true" }),
    make("span", { class: "node-kind" }, node.kind), " ",
    make("span", { class: "node-label", title: node.label }, node.label)) },
  { id: "reasons", label: "Attention", width: 18, place: "", cell: (node) => (node.row ? reasonBadges(node.row) : "") },
  { id: "note", label: "Details", width: 25, place: "sub", cell: (node) => node.note || "" },
  { id: "more", label: "More", width: 9, place: "side", cell: (node) => (node.row ? make("button",
    { type: "button", class: "more", tabindex: -1, "aria-label": `Details of ${node.label}` }, "Details") : "") },
];
