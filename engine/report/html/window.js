/* A table of any length that holds only the rows in view, and helpers that make elements.
 *
 * No text is ever read as HTML: the page's policy (require-trusted-types-for) refuses that, too. */

const isGiven = (value) => value !== null && value !== undefined && value !== false;

/* Makes an element: attributes (a text: the class), then children; texts become text nodes. What is not given is left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  const named = typeof attributes === "string" ? { class: attributes } : attributes || {};
  for (const [name, value] of Object.entries(named)) {
    if (isGiven(value)) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter(isGiven));
  return element;
}

function makeButton(name, onClick, ...children) {
  const button = make("button", { type: "button", class: name }, ...children);
  button.addEventListener("click", onClick);
  return button;
}

/* A link to a page of the web; the text alone if the address is anything else. */
function makeLink(address, text) {
  return !address.startsWith("https://") ? text : make("a", { href: address, rel: "noopener noreferrer", target: "_blank" },
    text, make("span", "hidden-text", " (opens a new tab)"));
}

const compareTexts = new Intl.Collator("en", { numeric: true }).compare;

/* Rows beyond the window on each side, so that a small scroll shows no gap. */
const OVERSCAN = 12;
/* Rows that are printed; a browser takes minutes to lay out more pages than these fill. */
const PRINTED_ROWS = 5000;

/* options: {caption, role, columns, onOpen(row, target), decorate(tr, row), onKey(event, row)}; the last two may be absent.
 * One row at a time is a tab stop; the arrow keys move it. */
class WindowTable {
  constructor(options) {
    Object.assign(this, { options, given: [], rows: [], current: 0, sortedBy: null, direction: 1, isPrinting: false,
      before: make("td"), after: make("td") });
    const makeSpace = (cell) => make("tbody", { "aria-hidden": "true", class: "space" }, make("tr", null, cell));
    this.body = make("tbody", { role: "rowgroup" });
    this.head = make("tr", { role: "row" }, ...options.columns.map((column) => this.makeHeading(column)));
    this.table = make("table", { role: options.role || "table", class: "rows" },
      make("caption", "hidden-text", options.caption),
      make("thead", { role: "rowgroup" }, this.head), makeSpace(this.before), this.body, makeSpace(this.after));
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("focusin", (event) => this.makeCurrent(this.rowAt(event.target)));
  }

  makeHeading(column) {
    const arrow = make("span", { class: "arrow", "aria-hidden": "true" });
    const isTree = this.options.role === "treegrid"; /* which has an order of its own */
    const heading = make("th", { scope: "col", role: "columnheader", "aria-sort": !isTree && "none" },
      isTree ? column.label : makeButton("sort", () => this.sortBy(column), column.label, arrow));
    heading.style.width = `${column.width}%`;
    return heading;
  }

  /* Sorts by a column; by the same one the other way round. */
  sortBy(column) {
    this.direction = this.sortedBy === column ? -this.direction : 1;
    this.sortedBy = column;
    for (const heading of this.head.children) {
      heading.ariaSort = "none";
    }
    this.head.children[this.options.columns.indexOf(column)].ariaSort = this.direction > 0 ? "ascending" : "descending";
    this.show(this.given);
  }

  sorted(rows) {
    if (!this.sortedBy) {
      return rows;
    }
    const keyed = rows.map((row) => [this.sortedBy.key(row), row]);
    const compare = keyed.length && typeof keyed[0][0] === "number" ? (a, b) => a - b : compareTexts;
    return keyed.sort((a, b) => this.direction * compare(a[0], b[0])).map((pair) => pair[1]);
  }

  /* Shows other rows. The current row stays the same one where it is still there. */
  show(rows) {
    const kept = this.rows[this.current];
    this.given = rows;
    this.rows = this.sorted(rows);
    this.current = Math.max(0, this.rows.indexOf(kept));
    this.table.setAttribute("aria-rowcount", this.rows.length + 1);
    this.first = -1;
    this.update();
  }

  rowHeight() {
    return parseFloat(getComputedStyle(document.documentElement).fontSize) *
      parseFloat(getComputedStyle(this.table).getPropertyValue("--row"));
  }

  /* Makes the rows in view, if they are others than before. */
  update() {
    const height = this.rowHeight(), count = this.rows.length;
    const top = this.before.getBoundingClientRect().top;
    let first = Math.min(Math.max(0, Math.floor(-top / height) - OVERSCAN), Math.max(0, count - 1));
    let last = Math.max(first, Math.min(count, Math.ceil((innerHeight - top) / height) + OVERSCAN));
    if (this.isPrinting) {
      first = 0;
      last = Math.min(count, PRINTED_ROWS);
    }
    if (!this.table.isConnected || (first === this.first && last === this.last && height === this.height)) {
      return;
    }
    Object.assign(this, { first, last, height });
    const hadFocus = this.body.contains(document.activeElement);
    const rows = [];
    for (let i = first; i < last; i++) {
      rows.push(this.makeRow(i));
    }
    /* While the rows are exchanged, the page may be shorter for a moment, and the browser scrolls. */
    const place = scrollY;
    this.body.replaceChildren(...rows);
    this.before.style.height = `${first * height}px`;
    this.after.style.height = `${(this.isPrinting ? 0 : count - last) * height}px`;
    this.after.textContent = this.isPrinting && count > last ? `and ${count - last} more` : "";
    scrollTo(0, place);
    /* A row that has left the window cannot have the focus: the nearest one that is there takes it. */
    this.makeCurrent(hadFocus ? Math.min(Math.max(this.current, first), last - 1) : this.current);
    if (hadFocus) {
      this.focus();
    }
  }

  makeRow(index) {
    const row = this.rows[index], { role, columns, decorate } = this.options;
    const tr = make("tr", { class: "row", role: "row", "aria-rowindex": index + 2, "data-index": index });
    for (const column of columns) {
      const content = column.cell(row);
      tr.append(make("td", { role: role === "treegrid" ? "gridcell" : "cell", class: `c-${column.id} on-${column.place || "wide"}`,
        title: typeof content === "string" && content }, content));
    }
    if (decorate) {
      decorate(tr, row);
    }
    return tr;
  }

  /* The index of the row that an element is in; -1 for none. */
  rowAt(element) {
    const tr = element.closest(".row");
    return tr ? Number(tr.dataset.index) : -1;
  }

  clicked(event) {
    const index = this.rowAt(event.target);
    if (index >= 0 && !event.target.closest("a") && getSelection().isCollapsed) {
      this.moveTo(index);
      this.options.onOpen(this.rows[index], event.target);
    }
  }

  pressed(event) {
    const index = this.rowAt(event.target);
    if (index < 0 || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      event.preventDefault();
      this.moveTo(Math.min(Math.max(index + steps[event.key], 0), this.rows.length - 1));
    } else if ((event.key === "Enter" || event.key === " ") && !event.target.closest("a, button")) {
      event.preventDefault();
      this.options.onOpen(this.rows[index], event.target);
    } else if (this.options.onKey) {
      this.options.onKey(event, this.rows[index]);
    }
  }

  makeCurrent(index) {
    for (const tr of this.body.children) {
      for (const element of [tr, ...tr.querySelectorAll("button")]) {
        element.tabIndex = Number(tr.dataset.index) === index ? 0 : -1;
      }
    }
    this.current = index;
  }

  focus() {
    const tr = this.body.children[this.current - this.first];
    if (tr) {
      tr.focus({ preventScroll: true });
    }
  }

  /* Scrolls so that the row is in view below what stays at the top, and gives it the focus. */
  moveTo(index) {
    const top = this.before.getBoundingClientRect().top + index * this.height;
    const from = Math.max(0, this.head.getBoundingClientRect().bottom);
    if (top < from) {
      scrollBy(0, top - from);
    } else if (top + this.height > innerHeight) {
      scrollBy(0, top + this.height - innerHeight);
    }
    this.update();
    this.makeCurrent(index);
    this.focus();
  }

  print(isPrinting) {
    this.isPrinting = isPrinting;
    this.first = -1;
    this.update();
  }
}
