// Stock phrases: a control under each multi-line field of a step. Alt+0 opens it, Alt+1 … Alt+9 insert at once.

function insert(field, words) {
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function post(url, fields, form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, ...fields });
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
}

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class Phrases {
  constructor(list, form) {
    this.list = list;
    this.form = form;
    this.texts = list.dataset;
  }

  // Those that go with the decision that is chosen; with any that the form offers while none is.
  fitting() {
    const offered = [...this.form.querySelectorAll("[name=decision]")].map(({ value }) => value);
    const chosen = new FormData(this.form).get("decision");
    const wanted = chosen ? [chosen] : offered;
    return [...this.list.querySelectorAll("[data-phrase]")].filter(
      ({ dataset }) => !dataset.decision || wanted.includes(dataset.decision),
    );
  }

  choose(item, field) {
    insert(field, item.textContent);
    if (item.dataset.use) post(item.dataset.use, {}, this.form).catch(() => {});
  }

  async keep(words) {
    const answer = await post(this.texts.save, { words }, this.form);
    const said = await answer.json();
    if (!answer.ok) return said.message;
    const item = make("li", { textContent: words });
    Object.assign(item.dataset, { phrase: "", decision: "", use: said.use_url });
    const isNew = ![...this.list.querySelectorAll("[data-phrase]")].some(({ textContent }) => textContent === words);
    if (isNew) this.list.querySelector("ul").append(item);
    return this.texts.kept;
  }
}

class Control {
  constructor(phrases, field) {
    Object.assign(this, { phrases, field });
    const { texts } = phrases;
    const id = `${field.id}-phrases`;
    this.button = make("button", { type: "button", className: "button button-small", textContent: texts.label });
    this.button.setAttribute("aria-expanded", "false");
    this.button.setAttribute("aria-controls", id);
    this.status = make("span", { className: "saved" });
    this.status.setAttribute("role", "status");
    this.items = make("ul", { className: "phrase-list" });
    this.panel = make("div", { id, className: "phrase-panel", hidden: true }, this.items, this.foot(texts));
    this.bar = make("div", { className: "phrase-bar" }, this.button, this.status, this.panel);
    field.after(this.bar);
    this.button.addEventListener("click", () => (this.panel.hidden ? this.open() : this.close()));
    this.bar.addEventListener("keydown", (event) => this.onKey(event));
    field.addEventListener("keydown", (event) => this.onFieldKey(event));
    this.bar.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.bar.contains(relatedTarget)) this.close();
    });
  }

  foot(texts) {
    const keep = make("button", { type: "button", className: "button button-small", textContent: texts.keep });
    keep.addEventListener("click", () => this.keep());
    const keys = make("button", { type: "button", className: "as-link", textContent: texts.keys });
    keys.addEventListener("click", () => document.querySelector("[data-phrase-help]").showModal());
    const manage = make("a", { href: texts.manageUrl, textContent: texts.manage });
    return make("div", { className: "phrase-foot" }, keep, manage, keys);
  }

  open() {
    const buttons = this.phrases.fitting().map((item, index) => {
      const key = index < 9 ? [make("kbd", { textContent: String(index + 1) })] : [];
      const button = make("button", { type: "button" }, ...key, make("span", { textContent: item.textContent }));
      button.addEventListener("click", () => {
        this.close();
        this.phrases.choose(item, this.field);
      });
      return make("li", {}, button);
    });
    this.items.replaceChildren(...buttons);
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.items.querySelector("button")?.focus();
  }

  close() {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  onKey(event) {
    if (event.key === "Escape" && !this.panel.hidden) {
      this.close();
      this.field.focus();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && !this.panel.hidden) {
      const all = [...this.panel.querySelectorAll("button, a")];
      const step = event.key === "ArrowDown" ? 1 : -1;
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
      event.preventDefault();
    } else if (/^[1-9]$/.test(event.key) && !this.panel.hidden) {
      this.items.querySelectorAll("button")[event.key - 1]?.click();
      event.preventDefault();
    }
  }

  // By the place of the key: with Alt some keyboards write another character than the digit.
  onFieldKey(event) {
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
    if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing || digit === undefined) return;
    event.preventDefault();
    if (digit === "0") this.open();
    else if (this.phrases.fitting()[digit - 1]) this.phrases.choose(this.phrases.fitting()[digit - 1], this.field);
  }

  async keep() {
    const { field, phrases } = this;
    const selected = field.value.slice(field.selectionStart, field.selectionEnd).trim();
    const words = selected || field.value.trim();
    this.close();
    try {
      this.status.textContent = await phrases.keep(words);
    } catch {
      this.status.textContent = phrases.texts.failed;
    }
    field.focus();
  }
}

function watchMention() {
  const people = document.querySelector("[data-mention]");
  const field = document.querySelector("[data-mention-into]");
  if (!people || !field) return;
  people.addEventListener("change", () => {
    if (!people.value) return;
    insert(field, `@${people.value} `);
    people.value = "";
  });
}

export function watchPhrases(part = document) {
  if (part === document) watchMention();
  const list = part.querySelector("[data-phrases]");
  const form = list?.closest("form");
  if (!form) return;
  list.hidden = true;
  const phrases = new Phrases(list, form);
  for (const field of form.querySelectorAll("textarea")) new Control(phrases, field);
  const help = document.querySelector("[data-phrase-help]");
  help.querySelector("[data-phrase-help-close]").onclick = () => help.close();
}
