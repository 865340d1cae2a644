// Shows and hides parts of a form as its conditions say (data-hide: JSON of comparisons with constants). The server
// judges the same conditions again, so that a form works without this script. No eval: the strict CSP holds.

const MOST_ROUNDS = 5;

function valueOf(form, name) {
  const inputs = [...form.querySelectorAll("[name]")].filter((input) => input.name === name);
  if (inputs.length === 0) return null;
  const hidden = inputs[0].closest("[data-hide][hidden]") !== null;
  if (inputs[0].type === "checkbox" && inputs.length === 1) return !hidden && inputs[0].checked;
  if (hidden) return null;
  if (inputs[0].type === "radio") return inputs.find((input) => input.checked)?.value ?? null;
  return inputs[0].value.trim() || null;
}

function equals(value, wanted) {
  if (value === null) return false;
  return typeof wanted === "number" ? Number(value) === wanted : value === wanted;
}

function isHidden(form, part) {
  const holds = ({ name, equal, value }) => equals(valueOf(form, name), value) === equal;
  const literals = JSON.parse(part.dataset.hide);
  return part.dataset.hideEvery === "true" ? literals.every(holds) : literals.some(holds);
}

// Hiding one part may empty what another reads; conditions form no circle, so that a few rounds settle it.
function update(form) {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let changed = false;
    for (const part of form.querySelectorAll("[data-hide]")) {
      const hidden = isHidden(form, part);
      changed ||= hidden !== part.hidden;
      if (hidden && part.contains(document.activeElement)) document.activeElement.blur();
      part.hidden = hidden;
      part.classList.remove("hidden-if-scripted");
    }
    if (!changed) return;
  }
}

export function watchConditions(part = document) {
  for (const form of part.querySelectorAll("[data-conditions]")) {
    update(form);
    form.addEventListener("input", () => update(form));
    form.addEventListener("change", () => update(form));
  }
}
