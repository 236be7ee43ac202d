/* The page: counts, treemap, search, filters and tabs around the tables. It starts itself. */

/* What a filter can be set to, and what a row has of it. */
const FILTERS = {
  attention: { of: (row) => row.reasons, values: REASON_IDS },
  state: { of: (row) => [row.state], values: STATES },
  severity: { of: (row) => [row.severity], values: SEVERITIES },
  level: { of: (row) => [row.level], values: ["partial", "note"] },
};

function makeField(name, label, field, onChange) {
  field.id = name;
  field.addEventListener("input", onChange);
  return make("div", `field field-${name}`, make("label", { for: name }, label), field);
}

function makeSelect(options, value) {
  const select = make("select", null, ...options.map(([id, text]) => make("option", { value: id }, text)));
  select.value = value;
  return select;
}

/* The choice lasts as long as the page: pages from files share their storage, or have none. */
function makeThemeSwitch() {
  const select = makeSelect([["auto", "Auto"], ["light", "Light"], ["dark", "Dark"]], "auto");
  return makeField("theme", "Theme", select, () => { document.documentElement.dataset.theme = select.value; });
}

class Page {
  constructor(model) {
    this.model = model;
    this.chosen = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, new Set()]));
    this.layer = "";
    this.withRuntime = false;
    this.query = [];
    this.details = new DetailsPanel(model, () => this.tab.window.focus());
    this.tree = makeTree(model);
    this.tabs = TABLES.map((table) => this.makeTab(table));
    this.filters = make("div", "filters");
    this.status = make("p", { id: "status", role: "status" });
    this.empty = make("p", "empty");
    this.panel = make("section", { id: "results", role: "tabpanel", tabindex: -1 });
    const search = make("input", { type: "search", autocomplete: "off", spellcheck: "false",
      placeholder: "Component, version, path, package, CVE" });
    this.bar = make("div", "bar", this.makeTabList(), makeField("search", "Search", search, () => {
      this.query = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.refresh();
    }), this.filters);
  }

  /* False for what this report cannot have: layers of no image, severities without vulnerabilities. */
  has(name) {
    const { layers, vulnerabilities } = this.model;
    return name === "layer" ? layers.length > 0 : name !== "severity" || vulnerabilities.length > 0;
  }

  makeTab(table) {
    const isTree = table.id === "tree";
    const options = isTree ? { role: "treegrid", columns: TREE_COLUMNS, onOpen: (node, target) => this.openNode(node, target),
      onKey: (event, node) => this.nodeKey(event, node), decorate: (tr, node) => this.decorateNode(tr, node) }
      : { columns: table.columns.filter(({ id }) => this.has(id)), onOpen: (row) => this.details.open(row) };
    const isUnchecked = table.id === "vulnerabilities" && !this.model.vulnerabilitiesChecked;
    return { ...table, window: new WindowTable({ caption: table.label, ...options }),
      nothing: isUnchecked ? "Vulnerabilities were not checked." : table.nothing,
      filters: table.filters.filter((name) => this.has(name)), rows: isTree ? null : table.rows(this.model), isUnchecked };
  }

  makeTabList() {
    const list = make("div", { class: "tabs", role: "tablist", "aria-label": "What to show" });
    for (const tab of this.tabs) {
      const count = tab.isUnchecked ? "?" : tab.rows && formatNumber(tab.rows.filter((row) => !this.hides(row, tab)).length);
      tab.button = makeButton("tab", () => this.showTab(tab), tab.label, count && make("span", "count", count));
      Object.assign(tab.button, { id: `tab-${tab.id}`, role: "tab" });
      list.append(tab.button);
    }
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        event.preventDefault();
        this.showTab(this.tabs[(this.tabs.indexOf(this.tab) + step + this.tabs.length) % this.tabs.length]);
        this.tab.button.focus();
      }
    });
    return list;
  }

  /* A count that is a button: it shows only what it counts. */
  makeCard(tabId, filter, id, label, meaning) {
    const tab = this.tabs.find((entry) => entry.id === tabId);
    const count = tab.rows.filter((row) => FILTERS[filter].of(row).includes(id)).length;
    const isUnchecked = id === "vulnerable" && !this.model.vulnerabilitiesChecked;
    const card = makeButton(`card reason-${id}`, () => {
      this.chosen[filter] = new Set([id]);
      this.showTab(tab);
      this.bar.scrollIntoView();
    }, make("b", null, isUnchecked ? "?" : formatNumber(count)), make("span", null, isUnchecked ? `${label}: not checked` : label));
    card.title = meaning;
    return card;
  }

  makeCards() {
    return make("div", { class: "cards", role: "group", "aria-label": "What needs attention" },
      ...REASON_IDS.map((id) => this.makeCard("attention", "attention", id, capitalise(id), REASONS[id])),
      this.makeCard("gaps", "level", "partial", "Not looked at", "Places that may hold a program"));
  }

  makeFilter(name) {
    const chosen = this.chosen[name], { of, values } = FILTERS[name];
    const there = new Set((this.tab.rows || this.model.findings).flatMap(of));
    const buttons = values.filter((id) => there.has(id) || chosen.has(id)).map((id) => {
      const button = makeButton("toggle", () => {
        if (!chosen.delete(id)) {
          chosen.add(id);
        }
        button.setAttribute("aria-pressed", chosen.has(id));
        this.refresh();
      }, capitalise(id));
      button.setAttribute("aria-pressed", chosen.has(id));
      return button;
    });
    return buttons.length > 0 && make("fieldset", null, make("legend", null, capitalise(name)), ...buttons);
  }

  makeFilters() {
    return this.tab.filters.map((name) => {
      if (name === "layer") {
        const layers = this.model.layers.map(({ index, base, createdBy }) =>
          [String(index), `${index}${base ? " (base)" : ""} ${createdBy}`.slice(0, 60)]);
        return makeField("layer", "Layer", makeSelect([["", "All"], ...layers], this.layer), (event) => {
          this.layer = event.target.value;
          this.refresh();
        });
      }
      if (name === "runtime") {
        const box = make("input", { type: "checkbox", checked: this.withRuntime });
        return makeField(name, "Run-time components", box, () => {
          this.withRuntime = box.checked;
          this.refresh();
        });
      }
      return this.makeFilter(name);
    }).filter(Boolean);
  }

  showTab(tab) {
    this.tab = tab;
    for (const { button } of this.tabs) {
      button.setAttribute("aria-selected", button === tab.button);
      button.tabIndex = button === tab.button ? 0 : -1;
    }
    this.filters.replaceChildren(...this.makeFilters());
    this.panel.setAttribute("aria-labelledby", tab.button.id);
    this.panel.replaceChildren(tab.window.table, this.empty);
    this.refresh();
  }

  hides(row, tab) {
    return row.isRuntime && !this.withRuntime && tab.filters.includes("runtime");
  }

  /* The names of the filters in which something is chosen. */
  activeFilters() {
    return this.tab.filters.filter((name) => (name === "layer" ? this.layer !== "" : this.chosen[name] && this.chosen[name].size));
  }

  /* What the search and the filters let through, as a function of a row. */
  makeTest() {
    const tests = this.activeFilters().map((name) => (name === "layer" ? (row) => String(row.layer) === this.layer
      : (row) => FILTERS[name].of(row).some((value) => this.chosen[name].has(value))));
    return (row) => tests.every((test) => test(row)) && this.query.every((word) => row.haystack.includes(word));
  }

  isFiltered() {
    return this.query.length + this.activeFilters().length > 0;
  }

  /* Shows the rows that the search and the filters let through, and says how many there are. */
  refresh() {
    const { tab } = this, isFiltered = this.isFiltered(), test = this.makeTest();
    let rows = null, of = 0;
    if (tab.rows) {
      const all = tab.rows.filter((row) => !this.hides(row, tab));
      rows = isFiltered ? all.filter(test) : all;
      of = all.length;
    } else {
      rows = visibleNodes(this.tree, isFiltered ? test : null, (row) => this.hides(row, tab));
    }
    tab.window.show(rows);
    this.empty.hidden = rows.length > 0;
    this.empty.textContent = isFiltered ? "Nothing matches." : tab.nothing;
    this.status.textContent = (of > rows.length ? `${formatNumber(rows.length)} of ` : "") +
      formatCount(Math.max(of, rows.length), "row");
  }

  decorateNode(tr, node) {
    tr.setAttribute("aria-level", node.level);
    tr.querySelector(".node").style.paddingInlineStart = `${(node.level - 1) * 1.25}em`;
    if (node.makeChildren) {
      tr.setAttribute("aria-expanded", isShownOpen(node, this.isFiltered()));
    }
  }

  openNode(node, target) {
    if (target.closest(".more")) {
      this.details.open(node.row);
    } else if (node.makeChildren) {
      this.setOpen(node, !isShownOpen(node, this.isFiltered()));
    }
  }

  setOpen(node, isOpen) {
    node.isOpen = isOpen;
    this.refresh();
    this.tab.window.focus();
  }

  nodeKey(event, node) {
    const isOpen = node.makeChildren !== null && isShownOpen(node, this.isFiltered());
    if (event.key === "ArrowRight" && node.makeChildren && !isOpen) {
      this.setOpen(node, true);
    } else if (event.key === "ArrowLeft" && isOpen) {
      this.setOpen(node, false);
    } else if (event.key === "ArrowLeft" && node.parent) {
      this.tab.window.moveTo(this.tab.window.rows.indexOf(node.parent));
    }
  }

  start() {
    const treemap = makeTreemap(this.model, (row) => this.details.open(row));
    document.querySelector("header").append(makeThemeSwitch());
    document.getElementById("app").replaceChildren(...[this.makeCards(), treemap, this.bar, this.status, this.panel,
      this.details.element].filter(Boolean));
    const update = () => this.tab.window.update();
    ["scroll", "resize"].forEach((name) => window.addEventListener(name, update, { passive: true }));
    window.addEventListener("beforeprint", () => this.tab.window.print(true));
    window.addEventListener("afterprint", () => this.tab.window.print(false));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.details.close());
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--bar", `${this.bar.offsetHeight}px`);
      update();
    }).observe(this.bar);
    this.showTab(this.tabs[this.model.attention.length ? 0 : 1]);
  }
}

new Page(loadModel(document.getElementById("data").textContent)).start();
