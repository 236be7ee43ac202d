/* The treemap of executable bytes: what each file's code is, in areas that are as large as the code. */

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

/* Places items in an area in pixels: each gets x, y, width and height. The list is cut into two parts of about the same size,
 * side by side along the longer side of the area, and each part again. */
function placeItems(items, { x, y, width, height }) {
  if (items.length === 1) {
    Object.assign(items[0], { x, y, width, height });
    return;
  }
  const whole = items.reduce((sum, item) => sum + item.size, 0);
  let count = 1, size = items[0].size;
  while (count < items.length - 1 && size + items[count].size / 2 < whole / 2) {
    size += items[count++].size;
  }
  const isWide = width >= height, part = size / whole;
  const cut = isWide ? width * part : height * part;
  placeItems(items.slice(0, count), isWide ? { x, y, width: cut, height } : { x, y, width, height: cut });
  placeItems(items.slice(count), isWide ? { x: x + cut, y, width: width - cut, height }
    : { x, y: y + cut, width, height: height - cut });
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
  const text = tile.file ? filePath(tile.file) : formatCount(tile.count, "smaller file");
  const label = `${text}: ${formatBytes(tile.size)}, ${entry.label}`;
  const button = makeButton(`tile code-${entry.id}`, () => tile.file && onOpen({ ...tile.file, kind: "file" }),
    tile.width > 30 && tile.height > 14 && make("span", null, text.split("/").pop()));
  Object.assign(button, { title: label, ariaLabel: label, tabIndex: -1 });
  Object.assign(button.style, { left: `${tile.x}px`, top: `${tile.y}px`, width: `${tile.width}px`, height: `${tile.height}px` });
  return button;
}

function fillTreemap(map, classes, onOpen) {
  placeItems(classes, { x: 0, y: 0, width: map.clientWidth, height: map.clientHeight });
  const tiles = classes.flatMap((entry) => {
    placeItems(entry.tiles, entry);
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
  return make("ul", "legend", make("li", null, make("b", null, `${formatBytes(whole)} that can run`)),
    ...classes.map(({ id, label, meaning, size }) => make("li", null, make("span", `swatch code-${id}`), make("b", null, label),
      `: ${formatBytes(size)}, ${(Math.floor(size / whole * 1000) / 10).toFixed(1)} %`, make("span", "meaning", meaning))));
}

/* The section with the treemap; null when no executable bytes were looked at. */
function makeTreemap(model, onOpen) {
  const classes = codeClasses(model);
  if (!classes.length) {
    return null;
  }
  const map = make("div", { class: "treemap", role: "group",
    "aria-label": "Executable bytes by file; the arrow keys go from file to file" });
  map.addEventListener("keydown", moveInTreemap);
  new ResizeObserver(() => fillTreemap(map, classes, onOpen)).observe(map);
  return make("details", { class: "code", open: true, "aria-label": "Executable code" }, make("summary", null, make("h2", null, "Executable code")),
    make("div", "code-parts", map, makeLegend(classes)));
}
