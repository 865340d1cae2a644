// Choosing many lines: tick all, ranges with Shift, the letter X (parts/inbox.js), a bar that tells how many.
// The bar and the ticks are a plain form, which works without this.

const TICK = "[data-bulk-tick]:not(:disabled)";

function ticks() {
  return [...document.querySelectorAll(TICK)];
}

function chosen() {
  return ticks().filter((tick) => tick.checked).length;
}

// Each text that counts brings its sentence with a # for the number.
function count() {
  const number = chosen();
  for (const part of document.querySelectorAll("[data-counted]")) {
    part.textContent = part.dataset.counted.replace("#", String(number));
  }
  for (const all of document.querySelectorAll("[data-bulk-all]")) {
    all.checked = number > 0 && number === ticks().length;
    all.indeterminate = number > 0 && number < ticks().length;
  }
  const bar = document.querySelector("[data-bulk-bar]");
  if (bar) bar.hidden = number === 0;
  const submit = document.querySelector("[data-bulk-submit]");
  if (submit) submit.disabled = number === 0;
}

export function toggle(row) {
  const tick = row?.querySelector(TICK);
  if (!tick) return;
  tick.checked = !tick.checked;
  tick.dispatchEvent(new Event("change", { bubbles: true }));
}

class Range {
  constructor() {
    this.last = null;
  }

  onClick(tick, isRange) {
    const all = ticks();
    const [from, to] = [all.indexOf(this.last), all.indexOf(tick)].sort((one, other) => one - other);
    if (isRange && from >= 0) for (const one of all.slice(from, to + 1)) one.checked = tick.checked;
    this.last = tick;
    count();
  }
}

function watchTicks() {
  const range = new Range();
  for (const tick of ticks()) {
    tick.addEventListener("click", (event) => range.onClick(tick, event.shiftKey));
    tick.addEventListener("change", count);
  }
  for (const all of document.querySelectorAll("[data-bulk-all]")) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const tick of ticks()) tick.checked = all.checked;
      count();
    });
  }
  const none = document.querySelector("[data-bulk-none]");
  if (none) {
    none.hidden = false;
    none.addEventListener("click", (event) => {
      event.preventDefault();
      for (const tick of ticks()) tick.checked = false;
      count();
    });
  }
}

// Before many are completed, the number is asked once more.
function watchSure() {
  const form = document.querySelector("[data-bulk-form]");
  const dialog = document.querySelector("[data-bulk-sure]");
  if (!form || !dialog) return;
  let isSure = false;
  form.addEventListener(
    "submit",
    (event) => {
      if (isSure) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      dialog.showModal();
    },
    true,
  );
  dialog.querySelector("[data-bulk-no]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-bulk-yes]").addEventListener("click", () => {
    isSure = true;
    dialog.close();
    form.requestSubmit();
  });
}

export function watchBulk() {
  if (!document.querySelector("[data-bulk-tick]")) return;
  watchTicks();
  watchSure();
  count();
  // A page that comes back from the browser's memory has its ticks again.
  window.addEventListener("pageshow", count);
}
