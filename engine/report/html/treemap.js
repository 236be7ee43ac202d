/* The treemap of executable bytes: what each file's code is, in areas that are as large as the code.
 *
 * Squarified treemaps: M. Bruls, K. Huizing, J. J. van Wijk, "Squarified Treemaps", 2000. */

const CODE_CLASSES = [
  { id: "attributed", label: "Attributed", meaning: "in functions of a component", bytes: (file) => file.attributed },
  { id: "owned", label: "Owned by a package", meaning: "of no component, in a file that a package owns",
    bytes: (file) => (file.owner === null ? 0 : file.unknown) },
  { id: "generic", label: "Generic", meaning: "held by many components, or too small to tell", bytes: (file) => file.generic },
  { id: "unknown", label: "Unknown", meaning: "of no component, in a file that no package owns",
    bytes: (file) => (file.owner === null ? file.unknown : 0) },
];

/* Tiles of a class; smaller files share the last one. */
const TILES = 40;

/* How many of items[start..] make the next row of a treemap: as long as its worst tile becomes more square. The row takes
 * `length` from what is left, and the tiles divide `side`. */
function rowEnd(items, start, side, length, left) {
  let end = start, sum = 0, worst = Infinity;
  for (; end < items.length; end++) {
    const next = sum + items[end].size, thickness = length * next / left;
    const ratio = ({ size }) => Math.max(side * size / next / thickness, thickness * next / side / size);
    const candidate = Math.max(ratio(items[start]), ratio(items[end]));
    if (candidate > worst) {
      break;
    }
    worst = candidate;
    sum = next;
  }
  return [end, sum];
}

/* Places items, the largest first, in an area in pixels: each gets x, y, width and height. */
function squarify(items, area) {
  let { x, y, width, height } = area;
  let left = items.reduce((sum, item) => sum + item.size, 0);
  for (let start = 0; start < items.length;) {
    const isWide = width >= height;
    const [end, sum] = rowEnd(items, start, isWide ? height : width, isWide ? width : height, left);
    const thickness = (isWide ? width : height) * sum / left;
    for (let offset = 0; start < end; start++) {
      const along = (isWide ? height : width) * items[start].size / sum;
      Object.assign(items[start], isWide ? { x, y: y + offset, width: thickness, height: along }
        : { x: x + offset, y, width: along, height: thickness });
      offset += along;
    }
    x += isWide ? thickness : 0;
    y += isWide ? 0 : thickness;
    width -= isWide ? thickness : 0;
    height -= isWide ? 0 : thickness;
    left -= sum;
  }
}

/* The classes that have bytes, the largest first, with their tiles. */
function codeClasses(model) {
  return CODE_CLASSES.map((entry) => {
    const tiles = model.files.map((file) => ({ file, size: entry.bytes(file) })).filter((tile) => tile.size > 0);
    const size = tiles.reduce((sum, tile) => sum + tile.size, 0);
    tiles.sort((a, b) => b.size - a.size);
    const rest = tiles.splice(TILES);
    if (rest.length) {
      tiles.push({ file: null, size: rest.reduce((sum, tile) => sum + tile.size, 0), count: rest.length });
    }
    return { ...entry, size, tiles: tiles.sort((a, b) => b.size - a.size) };
  }).filter((entry) => entry.size).sort((a, b) => b.size - a.size);
}

function makeTile(tile, entry, onOpen) {
  const text = tile.file ? filePath(tile.file) : `${formatCount(tile.count, "smaller file")}`;
  const label = `${text}: ${formatBytes(tile.size)}, ${entry.label}`;
  const button = makeButton(`tile code-${entry.id}`, () => tile.file && onOpen({ ...tile.file, kind: "file" }),
    make("span", null, text.split("/").pop()));
  for (const [name, value] of Object.entries({ title: label, "aria-label": label, tabindex: -1 })) {
    button.setAttribute(name, value);
  }
  for (const [name, value] of Object.entries({ left: tile.x, top: tile.y, width: tile.width, height: tile.height })) {
    button.style[name] = `${value}px`;
  }
  return button;
}

function fillTreemap(map, classes, onOpen) {
  squarify(classes, { x: 0, y: 0, width: map.clientWidth, height: map.clientHeight });
  const tiles = classes.flatMap((entry) => {
    squarify(entry.tiles, entry);
    return entry.tiles.map((tile) => makeTile(tile, entry, onOpen));
  });
  tiles[0].tabIndex = 0;
  map.replaceChildren(...tiles);
}

/* One tab stop; the arrow keys go from tile to tile. */
function moveInTreemap(event) {
  const step = { ArrowRight: "next", ArrowDown: "next", ArrowLeft: "previous", ArrowUp: "previous" }[event.key];
  if (step) {
    event.preventDefault();
    const next = event.target[`${step}ElementSibling`];
    if (next) {
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  }
}

function makeLegend(classes) {
  const whole = classes.reduce((sum, entry) => sum + entry.size, 0);
  const percent = (size) => `${(Math.floor(size / whole * 1000) / 10).toFixed(1)} %`;
  return make("table", { class: "legend" },
    make("caption", null, `${formatBytes(whole)} that can run`),
    make("thead", { class: "hidden-text" }, make("tr", null,
      ...["Code", "Bytes", "Share", "Meaning"].map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", null, ...classes.map((entry) => make("tr", null,
      make("th", { scope: "row" }, make("span", { class: `swatch code-${entry.id}`, "aria-hidden": "true" }), entry.label),
      make("td", { class: "number" }, formatBytes(entry.size)), make("td", { class: "number" }, percent(entry.size)),
      make("td", { class: "meaning" }, entry.meaning)))));
}

/* The section with the treemap; null when no executable bytes were looked at. */
function makeTreemap(model, onOpen) {
  const classes = codeClasses(model);
  if (!classes.length) {
    return null;
  }
  const map = make("div", { class: "treemap", role: "group",
    "aria-label": "Treemap of executable bytes by file; the arrow keys go from file to file" });
  map.addEventListener("keydown", moveInTreemap);
  new ResizeObserver(() => fillTreemap(map, classes, onOpen)).observe(map);
  return make("details", { class: "code", open: true, "aria-label": "Executable code" }, make("summary", null, make("h2", null, "Executable code")),
    make("div", { class: "code-parts" }, map, makeLegend(classes)));
}
