/* A table of any length that holds only the rows in view, and helpers that make elements.
 *
 * No text is ever read as HTML: the page's policy (require-trusted-types-for) refuses that, too. */

/* Makes an element: attributes, then children; texts become text nodes, and what is null is left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/* A link to a page of the web, if it is one; else the text alone. */
function makeLink(address, text) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return document.createTextNode(text);
  }
  if (url.protocol !== "https:") {
    return document.createTextNode(text);
  }
  return make("a", { href: url.href, rel: "noopener noreferrer", target: "_blank" }, text,
    make("span", { class: "hidden-text" }, " (opens a new tab)"));
}

const compareTexts = new Intl.Collator("en", { numeric: true }).compare;

/* Rows beyond the window on each side, so that a small scroll shows no gap. */
const OVERSCAN = 12;
/* Rows that are printed; a browser takes minutes to lay out more pages than these fill. */
const PRINTED_ROWS = 5000;

/* columns: {id, label, width (of the table, in percent), place ("main", "side", "sub" or "": where a narrow screen shows
 * it), cell(row) gives a text or an element, key(row) what to sort by}. options: {caption, role, onOpen(row),
 * decorate(tr, row), onKey(event, row), columns}. A row is reached by the arrow keys: one row at a time is a tab stop. */
class WindowTable {
  constructor(options) {
    this.options = options;
    this.rows = [];
    this.current = 0;
    this.sortedBy = null;
    this.isDescending = false;
    this.printing = false;
    this.before = make("td", { colspan: options.columns.length });
    this.after = make("td", { colspan: options.columns.length });
    this.body = make("tbody", { role: "rowgroup" });
    this.head = make("tr", { role: "row" }, ...options.columns.map((column) => this.makeHeading(column)));
    this.table = make("table", { role: options.role || "table", class: "rows" },
      make("caption", { class: "hidden-text" }, options.caption),
      make("colgroup", null, ...options.columns.map((column) => {
        const col = make("col");
        col.style.width = `${column.width}%`;
        return col;
      })),
      make("thead", { role: "rowgroup" }, this.head),
      make("tbody", { "aria-hidden": "true", class: "space" }, make("tr", null, this.before)),
      this.body,
      make("tbody", { "aria-hidden": "true", class: "space" }, make("tr", null, this.after)));
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("focusin", (event) => this.focused(event));
  }

  makeHeading(column) {
    const heading = make("th", { scope: "col", role: "columnheader", "aria-sort": "none" });
    if (!column.key) {
      heading.removeAttribute("aria-sort");
      heading.append(column.label);
      return heading;
    }
    const button = make("button", { type: "button", class: "sort" }, column.label,
      make("span", { class: "arrow", "aria-hidden": "true" }));
    button.addEventListener("click", () => this.sortBy(column));
    heading.append(button);
    return heading;
  }

  /* Sorts by a column: ascending, then descending, then as it was. */
  sortBy(column) {
    if (this.sortedBy !== column) {
      this.sortedBy = column;
      this.isDescending = false;
    } else if (!this.isDescending) {
      this.isDescending = true;
    } else {
      this.sortedBy = null;
    }
    [...this.head.children].forEach((heading, i) => {
      if (heading.hasAttribute("aria-sort")) {
        const sorted = this.options.columns[i] === this.sortedBy;
        heading.setAttribute("aria-sort", !sorted ? "none" : this.isDescending ? "descending" : "ascending");
      }
    });
    this.show(this.given);
  }

  sorted(rows) {
    if (!this.sortedBy) {
      return rows;
    }
    const direction = this.isDescending ? -1 : 1;
    const keyed = rows.map((row) => [this.sortedBy.key(row), row]);
    const isNumber = keyed.length > 0 && typeof keyed[0][0] === "number";
    keyed.sort((a, b) => direction * (isNumber ? a[0] - b[0] : compareTexts(a[0], b[0])));
    return keyed.map((pair) => pair[1]);
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
    return parseFloat(getComputedStyle(this.table).getPropertyValue("--row")) || 40;
  }

  /* Makes the rows in view, if they are others than before. */
  update() {
    if (!this.table.isConnected) {
      return;
    }
    const height = this.rowHeight();
    const top = this.before.getBoundingClientRect().top;
    let first = Math.max(0, Math.floor(-top / height) - OVERSCAN);
    let last = Math.min(this.rows.length, Math.ceil((window.innerHeight - top) / height) + OVERSCAN);
    if (this.printing) {
      first = 0;
      last = Math.min(this.rows.length, PRINTED_ROWS);
    }
    first = Math.min(first, Math.max(0, this.rows.length - 1));
    last = Math.max(last, first);
    if (first === this.first && last === this.last && height === this.height) {
      return;
    }
    Object.assign(this, { first, last, height });
    const hadFocus = this.body.contains(document.activeElement);
    const rows = [];
    for (let i = first; i < last; i++) {
      rows.push(this.makeRow(i));
    }
    this.before.style.height = `${first * height}px`;
    this.after.style.height = this.printing ? "0" : `${(this.rows.length - last) * height}px`;
    this.body.replaceChildren(...rows);
    /* A row that has left the window cannot have the focus: the nearest one that is there takes it. */
    if (hadFocus && last > first) {
      this.current = Math.min(Math.max(this.current, first), last - 1);
      this.focusRow(this.current);
    }
  }

  makeRow(index) {
    const row = this.rows[index];
    const tr = make("tr", { role: "row", "aria-rowindex": index + 2, tabindex: index === this.current ? 0 : -1 });
    tr.dataset.index = index;
    const cellRole = this.options.role === "treegrid" ? "gridcell" : "cell";
    for (const column of this.options.columns) {
      const content = column.cell(row);
      const isText = typeof content === "string";
      tr.append(make("td", { role: cellRole, class: `c-${column.id} on-${column.place || "wide"}`,
        title: isText && content.length > 12 ? content : null }, content));
    }
    if (this.options.decorate) {
      this.options.decorate(tr, row);
    }
    return tr;
  }

  rowAt(element) {
    const tr = element.closest("tr[data-index]");
    return tr ? Number(tr.dataset.index) : -1;
  }

  clicked(event) {
    const index = this.rowAt(event.target);
    if (index < 0 || event.target.closest("a") || !window.getSelection().isCollapsed) {
      return;
    }
    this.moveTo(index);
    this.options.onOpen(this.rows[index], event.target);
  }

  focused(event) {
    const index = this.rowAt(event.target);
    if (index < 0 || index === this.current) {
      return;
    }
    const old = this.body.querySelector("tr[tabindex='0']");
    if (old) {
      old.setAttribute("tabindex", -1);
    }
    this.current = index;
    event.target.closest("tr").setAttribute("tabindex", 0);
  }

  pressed(event) {
    const index = this.rowAt(event.target);
    if (index < 0 || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const page = Math.max(1, Math.floor(window.innerHeight / this.rowHeight()) - 6);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
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

  focusRow(index) {
    const tr = this.body.querySelector(`tr[data-index="${index}"]`);
    if (tr) {
      tr.focus({ preventScroll: true });
    }
  }

  /* Scrolls so that the row is in view below what stays at the top, and gives it the focus. */
  moveTo(index) {
    const height = this.rowHeight();
    const top = this.before.getBoundingClientRect().top + index * height;
    const covered = this.head.getBoundingClientRect().bottom;
    const from = Math.max(0, covered);
    if (top < from) {
      window.scrollBy(0, top - from);
    } else if (top + height > window.innerHeight) {
      window.scrollBy(0, top + height - window.innerHeight);
    }
    this.current = index;
    this.update();
    this.focusRow(index);
  }

  print(isPrinting) {
    this.printing = isPrinting;
    this.first = -1;
    this.update();
  }
}
