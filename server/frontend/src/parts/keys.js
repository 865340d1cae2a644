// Single-letter keys: whether they are switched off in this browser (WCAG 2.1.4), and where they must not act.

const STORED = "banjie-keys-off";

export function areOff() {
  return localStorage.getItem(STORED) === "yes";
}

export function isTyping(target) {
  if (target.type === "checkbox") return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

// With a modifier a key belongs to the browser, and while a dialog is open to the dialog.
export function isForPage(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return false;
  return !isTyping(event.target) && !document.querySelector("dialog[open]");
}

export function watchSwitch() {
  const off = document.querySelector("[data-keys-off]");
  if (!off) return;
  off.checked = areOff();
  off.addEventListener("change", () => localStorage.setItem(STORED, off.checked ? "yes" : "no"));
}
