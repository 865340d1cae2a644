// Operations of a case: their forms, which are pages of their own, open in place in a dialog. A refusal comes back into
// it with what was typed. Without this script the links lead to the pages.
import { watchConditions } from "./conditional.js";
import { areOff, isForPage, watchSwitch } from "./keys.js";
import { watchPhrases } from "./phrases.js";

const SHOWN = "#op";

async function read(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(SHOWN);
}

class Operations {
  constructor(dialog) {
    this.dialog = dialog;
    this.opener = null;
    dialog.addEventListener("close", () => {
      dialog.replaceChildren();
      this.opener?.focus();
    });
    dialog.addEventListener("click", (event) => this.onClick(event));
    dialog.addEventListener("submit", (event) => this.onSubmit(event));
  }

  async open(link) {
    try {
      const shown = await read(await fetch(link.href, { headers: { Accept: "text/html" } }));
      if (!shown) throw new Error("no form");
      this.opener = link;
      this.show(shown);
    } catch {
      location.assign(link.href);
    }
  }

  show(shown) {
    // One help for the phrases is on the page already.
    const help = document.querySelector("[data-phrase-help]");
    if (help && !this.dialog.contains(help)) shown.querySelector("[data-phrase-help]")?.remove();
    this.dialog.replaceChildren(shown);
    if (!this.dialog.open) this.dialog.showModal();
    watchPhrases(this.dialog);
    watchConditions(this.dialog);
    const first = shown.querySelector("[data-focus]") ?? shown.querySelector(".field input:not([type=hidden]), .field select, .field textarea");
    first?.focus();
  }

  onClick(event) {
    if (!event.target.closest("[data-op-close]")) return;
    event.preventDefault();
    this.dialog.close();
  }

  async onSubmit(event) {
    const form = event.target.closest("[data-op-form]");
    if (!form || form.dataset.plain) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
      if (answer.redirected) {
        location.assign(answer.url);
        return;
      }
      const shown = await read(answer);
      if (!shown) throw new Error("no form");
      this.show(shown);
    } catch {
      // Signed out, or no network: the browser sends it itself and shows what comes.
      form.dataset.plain = "yes";
      form.requestSubmit(event.submitter);
    } finally {
      delete form.dataset.sending;
    }
  }
}

export function watchOperations() {
  const dialog = document.querySelector("[data-op-dialog]");
  if (!dialog) return;
  const operations = new Operations(dialog);
  const links = [...document.querySelectorAll("[data-op]")];
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      operations.open(link);
    });
  }
  watchSwitch();
  document.addEventListener("keydown", (event) => {
    if (areOff() || !isForPage(event)) return;
    const link = links.find((one) => one.dataset.op && one.dataset.op === event.key.toLowerCase());
    if (link) operations.open(link);
    else if (event.key === "?") document.querySelector("[data-help]")?.showModal();
    else return;
    event.preventDefault();
  });
}
