/* The page: counts, treemap, search, filters and tabs around the tables. It starts itself. */

const THEMES = ["auto", "light", "dark"];
const THEME_KEY = "fpscan-theme";

/* A page from a file may have no storage; then the choice lasts as long as the page. */
function storedTheme() {
  try {
    const theme = localStorage.getItem(THEME_KEY);
    return THEMES.includes(theme) ? theme : "auto";
  } catch {
    return "auto";
  }
}

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    /* see storedTheme */
  }
}

function makeThemeSwitch() {
  const select = make("select", { id: "theme" }, ...THEMES.map((name) =>
    make("option", { value: name }, capitalise(name))));
  select.value = storedTheme();
  applyTheme(select.value);
  select.addEventListener("change", () => applyTheme(select.value));
  return make("div", { class: "theme" }, make("label", { for: "theme" }, "Theme"), select);
}

/* What a filter can be set to, and what a row has of it; nothing means that the filter does not concern the row. */
const FILTERS = {
  reason: { label: "Attention", of: (row) => row.reasons,
    values: () => REASONS.map((reason) => [reason.id, reason.label]) },
  state: { label: "State", of: (row) => [row.state], values: () => STATES.map((name) => [name, capitalise(name)]) },
  severity: { label: "Severity", of: (row) => [row.severity],
    values: () => SEVERITIES.map((name) => [name, capitalise(name)]) },
  level: { label: "Level", of: (row) => [row.level], values: () => [["partial", "Partial"], ["note", "Note"]] },
};

class Page {
  constructor(model) {
    this.model = model;
    this.chosen = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, new Set()]));
    this.layer = "";
    this.withRuntime = false;
    this.query = [];
    this.details = new DetailsPanel(model);
    this.tree = makeTree(model);
    this.tabs = TABLES.map((table) => this.makeTab(table));
    this.search = make("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false",
      placeholder: "Component, version, path, package, CVE" });
    this.filters = make("div", { class: "filters" });
    this.status = make("p", { id: "status", role: "status" });
    this.empty = make("p", { class: "empty" });
    this.panel = make("section", { id: "results", role: "tabpanel", tabindex: -1 });
    this.bar = make("div", { class: "bar" }, this.makeTabList(),
      make("div", { class: "search" }, make("label", { for: "search" }, "Search"), this.search), this.filters);
  }

  makeTab(table) {
    const tab = { ...table, button: null };
    const onOpen = (row) => this.details.open(row);
    const options = { caption: table.label, columns: table.columns, onOpen };
    if (table.id === "tree") {
      Object.assign(options, { role: "treegrid", columns: TREE_COLUMNS,
        decorate: (tr, node) => decorateNode(tr, node, this.isFiltered()),
        onOpen: (node, target) => this.openNode(node, target), onKey: (event, node) => this.nodeKey(event, node) });
    }
    const hasLayers = this.model.layers.length > 0;
    options.columns = options.columns.filter((column) => column.id !== "layer" || hasLayers);
    tab.window = new WindowTable(options);
    tab.filters = table.filters.filter((name) => name !== "layer" || hasLayers);
    tab.rows = table.rows ? table.rows(this.model) : null;
    tab.count = tab.rows ? tab.rows.length : null;
    return tab;
  }

  makeTabList() {
    const list = make("div", { role: "tablist", "aria-label": "What to show" });
    for (const tab of this.tabs) {
      tab.button = make("button", { type: "button", role: "tab", id: `tab-${tab.id}`, "aria-controls": "results" },
        tab.label, tab.count === null ? null : make("span", { class: "count" }, NUMBERS.format(tab.count)));
      tab.button.addEventListener("click", () => this.showTab(tab));
      list.append(tab.button);
    }
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        event.preventDefault();
        const next = this.tabs.indexOf(this.tab) + step;
        this.showTab(this.tabs[(next + this.tabs.length) % this.tabs.length]);
        this.tab.button.focus();
      }
    });
    return list;
  }

  /* The counts of what needs attention; each is a button that shows only that. */
  makeCards() {
    const cards = REASONS.map((reason) => {
      const count = this.model.attention.filter((row) => row.reasons.includes(reason.id)).length;
      const card = make("button", { type: "button", class: `card reason-${reason.id}`, title: reason.meaning },
        make("b", null, NUMBERS.format(count)), make("span", null, reason.label));
      card.addEventListener("click", () => {
        this.chosen.reason = new Set([reason.id]);
        this.showTab(this.tabs[0]);
        this.panel.scrollIntoView();
      });
      return card;
    });
    const gaps = this.tabs.find((tab) => tab.id === "gaps");
    const partial = this.model.diagnostics.filter((item) => item.level === "partial").length;
    const card = make("button", { type: "button", class: "card reason-partial",
      title: "Places that may hold a program and could not be looked at" },
    make("b", null, NUMBERS.format(partial)), make("span", null, "Not looked at"));
    card.addEventListener("click", () => {
      this.chosen.level = new Set(["partial"]);
      this.showTab(gaps);
      this.panel.scrollIntoView();
    });
    return make("div", { class: "cards", role: "group", "aria-label": "What needs attention" }, ...cards, card);
  }

  /* What a reader must know to judge the numbers. */
  makeRemarks() {
    const { data, target, sources } = this.model;
    const old = sources.filter((source) => source.old).map((source) => `${source.name} ${source.date}`);
    const left = data.shown.omittedFindings + data.shown.omittedHiddenFindings;
    const remarks = [
      data.vulnerabilitiesChecked ? "" : "Vulnerabilities were not checked.",
      old.length ? `Advisories are older than 30 days: ${old.join(", ")}.` : "",
      target.packagesKnown || target.type === "file" ? "" : "No package database says which files it has.",
      target.digestsCompared || !target.packagesKnown ? "" : "Digests of package files were not compared.",
      left ? `${formatCount(left, "finding")} of other states, less confidence or hidden files ${left === 1 ? "is" : "are"} not in this report.` : "",
    ].filter(Boolean);
    return remarks.length ? make("p", { class: "remarks" }, remarks.join(" ")) : null;
  }

  makeFilter(name) {
    const filter = FILTERS[name];
    const there = new Set((this.tab.rows || this.model.findings).flatMap(filter.of));
    const values = filter.values().filter(([id]) => there.has(id) || this.chosen[name].has(id));
    if (!values.length) {
      return null;
    }
    return make("fieldset", null, make("legend", null, filter.label), ...values.map(([id, label]) => {
      const button = make("button", { type: "button", class: "toggle", "data-value": id,
        "aria-pressed": String(this.chosen[name].has(id)) }, label);
      button.addEventListener("click", () => {
        const isOn = !this.chosen[name].delete(id);
        if (isOn) {
          this.chosen[name].add(id);
        }
        button.setAttribute("aria-pressed", String(isOn));
        this.refresh();
      });
      return button;
    }));
  }

  makeLayerFilter() {
    const select = make("select", { id: "layer" }, make("option", { value: "" }, "All"),
      ...this.model.layers.map((layer) => make("option", { value: layer.index },
        `${layer.index}${layer.base ? " (base)" : ""} ${layer.createdBy}`.slice(0, 60))));
    select.value = this.layer;
    select.addEventListener("change", () => {
      this.layer = select.value;
      this.refresh();
    });
    return make("div", { class: "choice" }, make("label", { for: "layer" }, "Layer"), select);
  }

  makeRuntimeFilter() {
    const box = make("input", { type: "checkbox", id: "runtime" });
    box.checked = this.withRuntime;
    box.addEventListener("change", () => {
      this.withRuntime = box.checked;
      this.refresh();
    });
    return make("div", { class: "choice" }, box, make("label", { for: "runtime" }, "Run-time components"));
  }

  showTab(tab) {
    this.tab = tab;
    for (const other of this.tabs) {
      other.button.setAttribute("aria-selected", String(other === tab));
      other.button.setAttribute("tabindex", other === tab ? 0 : -1);
    }
    this.filters.replaceChildren(...tab.filters.map((name) => (name === "layer" ? this.makeLayerFilter()
      : name === "runtime" ? this.makeRuntimeFilter() : this.makeFilter(name))).filter(Boolean));
    this.panel.setAttribute("aria-labelledby", `tab-${tab.id}`);
    this.panel.replaceChildren(tab.window.table, this.empty);
    this.refresh();
  }

  /* True for rows that all filters of the tab let through. */
  keeps(row) {
    for (const name of this.tab.filters) {
      const chosen = this.chosen[name];
      if (chosen && chosen.size) {
        const values = FILTERS[name].of(row);
        if (!values.some((value) => chosen.has(value)) && !(values.length === 1 && values[0] === undefined)) {
          return false;
        }
      }
    }
    if (this.tab.filters.includes("layer") && this.layer !== "" && String(row.layer) !== this.layer) {
      return false;
    }
    if (this.tab.filters.includes("runtime") && row.isRuntime && !this.withRuntime) {
      return false;
    }
    return this.query.every((word) => haystackOf(row).includes(word));
  }

  isFiltered() {
    return this.query.length > 0 || this.layer !== "" ||
      this.tab.filters.some((name) => this.chosen[name] && this.chosen[name].size > 0);
  }

  refresh() {
    const { tab } = this;
    const isFiltered = this.isFiltered();
    let rows = null, of = 0;
    if (tab.id === "tree") {
      const keeps = (row) => this.keeps(row);
      rows = visibleNodes(this.tree, isFiltered ? keeps : null,
        (row) => row.isRuntime && !this.withRuntime);
    } else {
      rows = tab.rows.filter((row) => this.keeps(row));
      of = tab.rows.length;
    }
    tab.window.show(rows);
    this.empty.hidden = rows.length > 0;
    this.empty.textContent = isFiltered ? "Nothing matches the search and the filters." : tab.nothing;
    this.status.textContent = of && of !== rows.length
      ? `${NUMBERS.format(rows.length)} of ${formatCount(of, "row")}` : formatCount(rows.length, "row");
  }

  openNode(node, target) {
    if (target.closest(".more")) {
      this.details.open(node.row);
    } else if (node.children) {
      this.toggle(node, !isShownOpen(node, this.isFiltered()));
    }
  }

  toggle(node, isOpen) {
    if (this.isFiltered() && node.kind !== "component") {
      node.closed = !isOpen;
    } else {
      node.isOpen = isOpen;
    }
    this.refresh();
    this.tab.window.focusRow(this.tab.window.current);
  }

  nodeKey(event, node) {
    const isOpen = isShownOpen(node, this.isFiltered());
    const rows = this.tab.window.rows;
    if (event.key === "ArrowRight" && node.children) {
      event.preventDefault();
      if (!isOpen) {
        this.toggle(node, true);
      }
    } else if (event.key === "ArrowLeft") {
      event.preventDefault();
      if (isOpen && node.children) {
        this.toggle(node, false);
      } else if (node.parent) {
        this.tab.window.moveTo(rows.indexOf(node.parent));
      }
    }
  }

  start() {
    const app = document.getElementById("app");
    const parts = [this.makeRemarks(), this.makeCards(), makeTreemap(this.model, (row) => this.details.open(row)),
      this.bar, this.status, this.panel, this.details.element].filter(Boolean);
    app.replaceChildren(...parts);
    document.querySelector("header").append(makeThemeSwitch());
    this.search.addEventListener("input", () => {
      this.query = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.refresh();
    });
    const update = () => this.tab.window.update();
    window.addEventListener("scroll", update, { passive: true });
    window.addEventListener("resize", update);
    window.addEventListener("beforeprint", () => this.tab.window.print(true));
    window.addEventListener("afterprint", () => this.tab.window.print(false));
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.matches("input, select");
      if (event.key === "/" && !isTyping) {
        event.preventDefault();
        this.search.focus();
      } else if (event.key === "Escape" && !this.details.element.hidden) {
        this.details.close();
      }
    });
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--bar", `${this.bar.offsetHeight}px`);
      update();
    }).observe(this.bar);
    const first = this.model.attention.length ? "attention" : "components";
    this.showTab(this.tabs.find((tab) => tab.id === first));
  }
}

new Page(loadModel(document.getElementById("data").textContent)).start();
