// Keys for lists of tasks: J and K move, Enter opens, C claims, X chooses, / searches, ? explains.
// Single letters can be switched off (WCAG 2.1.4); the choice is kept in this browser.

import { toggle } from "./bulk.js";
import { areOff, isForPage, watchSwitch } from "./keys.js";

function rows() {
  return [...document.querySelectorAll("[data-list] tbody tr")];
}

function currentRow() {
  return rows().findIndex((row) => row.contains(document.activeElement));
}

function moveTo(index) {
  const all = rows();
  if (!all.length) return;
  const row = all[Math.max(0, Math.min(index, all.length - 1))];
  row.querySelector("[data-open]").focus();
  row.scrollIntoView({ block: "nearest" });
}

function claim() {
  const row = rows()[currentRow()];
  const button = row && row.querySelector("[data-claim]");
  if (button) button.form.requestSubmit(button);
}

const ACTIONS = {
  j: () => moveTo(currentRow() + 1),
  k: () => moveTo(currentRow() < 0 ? 0 : currentRow() - 1),
  c: claim,
  x: () => toggle(rows()[currentRow()]),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.querySelector("[data-help]")?.showModal(),
};

function onKey(event) {
  if (event.key === "Escape" && event.target.matches("[data-search]")) {
    moveTo(0);
    return;
  }
  const action = ACTIONS[event.key.toLowerCase()];
  if (!action || areOff() || !isForPage(event)) return;
  event.preventDefault();
  action();
}

export function watchInbox() {
  if (!document.querySelector("[data-list], [data-search]")) return;
  document.addEventListener("keydown", onKey);
  watchSwitch();
}
