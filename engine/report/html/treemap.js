/* The treemap of executable bytes: what each file's code is, in areas that are as large as the code.
 *
 * Squarified treemaps: M. Bruls, K. Huizing, J. J. van Wijk, "Squarified Treemaps", 2000. */

/* The classes of code. The bytes of a file that are not attributed are its package's word where a package owns it. */
const CODE_CLASSES = [
  { id: "attributed", label: "Attributed", meaning: "in functions of a component",
    bytes: (file) => file.attributed },
  { id: "owned", label: "Owned by a package", meaning: "of no component, in a file that a package owns",
    bytes: (file) => (file.owner === null ? 0 : file.unknown) },
  { id: "generic", label: "Generic", meaning: "held by many components, or too small to tell",
    bytes: (file) => file.generic },
  { id: "unknown", label: "Unknown", meaning: "of no component, in a file that no package owns",
    bytes: (file) => (file.owner === null ? file.unknown : 0) },
];

/* Tiles of a class; smaller files share the last one. */
const TILES = 36;

/* Adds x, y, width and height, parts of 1, to items that have a size and are sorted by it, the largest first. `area` is the
 * rectangle to fill; `aspect` the width of the whole in its heights, which rows are made square by. */
function squarify(items, area, aspect) {
  let { x, y, width, height } = area;
  let left = items.reduce((sum, item) => sum + item.size, 0);
  for (let start = 0; start < items.length && left > 0;) {
    const isWide = width * aspect >= height;
    const side = isWide ? height : width * aspect, length = isWide ? width * aspect : height;
    let end = start, sum = 0, worst = Infinity;
    while (end < items.length) {
      const next = sum + items[end].size;
      const thickness = length * (next / left);
      const ratio = (size) => {
        const along = side * (size / next);
        return Math.max(along / thickness, thickness / along);
      };
      const candidate = Math.max(ratio(items[start].size), ratio(items[end].size));
      if (candidate > worst) {
        break;
      }
      worst = candidate;
      sum = next;
      end++;
    }
    const part = sum / left;
    for (let i = start, offset = 0; i < end; i++) {
      const share = items[i].size / sum;
      Object.assign(items[i], isWide
        ? { x, y: y + offset * height, width: width * part, height: height * share }
        : { x: x + offset * width, y, width: width * share, height: height * part });
      offset += share;
    }
    if (isWide) {
      x += width * part;
      width -= width * part;
    } else {
      y += height * part;
      height -= height * part;
    }
    left -= sum;
    start = end;
  }
}

/* The classes with their bytes and tiles; those without bytes are left out. */
function codeClasses(model) {
  return CODE_CLASSES.map((entry) => {
    const tiles = model.files.map((file) => ({ file, size: entry.bytes(file) })).filter((tile) => tile.size > 0);
    tiles.sort((a, b) => b.size - a.size || a.file.index - b.file.index);
    const rest = tiles.splice(TILES);
    if (rest.length) {
      tiles.push({ file: null, count: rest.length, size: rest.reduce((sum, tile) => sum + tile.size, 0) });
      tiles.sort((a, b) => b.size - a.size);
    }
    return { ...entry, tiles, size: tiles.reduce((sum, tile) => sum + tile.size, 0) };
  });
}

function placeElement(element, area) {
  element.style.left = `${area.x * 100}%`;
  element.style.top = `${area.y * 100}%`;
  element.style.width = `${area.width * 100}%`;
  element.style.height = `${area.height * 100}%`;
}

function tileText(tile) {
  return tile.file ? filePath(tile.file) : formatCount(tile.count, "smaller file");
}

function makeTile(tile, entry, onOpen) {
  const text = tileText(tile);
  const label = `${text}: ${formatBytes(tile.size)}, ${entry.label}`;
  const button = make("button", { type: "button", class: `tile code-${entry.id}`, tabindex: -1, title: label,
    "aria-label": label, "aria-disabled": tile.file ? null : "true" },
  make("span", null, tile.file ? text.split("/").pop() : text));
  if (tile.file) {
    button.addEventListener("click", () => onOpen({ kind: "file", ...tile.file }));
  }
  return button;
}

/* One tab stop; the arrow keys go from tile to tile. */
function addTileKeys(map) {
  map.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const tiles = [...map.querySelectorAll(".tile")];
    const index = tiles.indexOf(document.activeElement);
    const next = tiles[index + step];
    if (step && index >= 0) {
      event.preventDefault();
      if (next) {
        tiles[index].setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
      }
    }
  });
}

function fillTreemap(map, classes, onOpen) {
  const aspect = map.clientWidth / Math.max(1, map.clientHeight);
  const used = classes.filter((entry) => entry.size).sort((a, b) => b.size - a.size);
  const areas = used.map((entry) => ({ size: entry.size }));
  squarify(areas, { x: 0, y: 0, width: 1, height: 1 }, aspect);
  const tiles = [];
  used.forEach((entry, i) => {
    squarify(entry.tiles, areas[i], aspect);
    for (const tile of entry.tiles) {
      const button = makeTile(tile, entry, onOpen);
      placeElement(button, tile);
      tiles.push(button);
    }
  });
  if (tiles.length) {
    tiles[0].setAttribute("tabindex", 0);
  }
  map.replaceChildren(...tiles);
}

function makeLegend(classes) {
  const whole = classes.reduce((sum, entry) => sum + entry.size, 0);
  const rows = classes.map((entry) => make("tr", null,
    make("th", { scope: "row" }, make("span", { class: `swatch code-${entry.id}`, "aria-hidden": "true" }), entry.label),
    make("td", { class: "number" }, formatBytes(entry.size)),
    make("td", { class: "number" }, `${(Math.floor(entry.size / whole * 1000) / 10).toFixed(1)} %`),
    make("td", { class: "meaning" }, entry.meaning)));
  return make("table", { class: "legend" },
    make("caption", null, `${formatBytes(whole)} that can run`),
    make("thead", { class: "hidden-text" }, make("tr", null, ...["Code", "Bytes", "Share", "Meaning"].map((text) =>
      make("th", { scope: "col" }, text)))),
    make("tbody", null, ...rows));
}

/* The section with the treemap; null when no executable bytes were looked at. */
function makeTreemap(model, onOpen) {
  const classes = codeClasses(model);
  if (!classes.some((entry) => entry.size)) {
    return null;
  }
  const map = make("div", { class: "treemap", role: "group",
    "aria-label": "Treemap of executable bytes by file; the arrow keys go from file to file" });
  addTileKeys(map);
  new ResizeObserver(() => fillTreemap(map, classes, onOpen)).observe(map);
  return make("details", { class: "code", open: true },
    make("summary", null, make("h2", null, "Executable code")),
    make("div", { class: "code-parts" }, map, makeLegend(classes)));
}
