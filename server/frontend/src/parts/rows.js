// Lets a repeated group of a form grow (data-add-row: the list's key). Without this script the form that comes back
// has one empty entry more than was filled in.

function emptied(entry, key, number, words) {
  const copy = entry.cloneNode(true);
  const before = `${key}-${number - 1}-`;
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes(before)) element.setAttribute(name, value.replaceAll(before, `${key}-${number}-`));
    }
    if (element.matches(".field-error")) element.remove();
    element.removeAttribute("aria-invalid");
  }
  for (const input of copy.querySelectorAll("input, textarea, select")) {
    if (input.type === "checkbox" || input.type === "radio") input.checked = false;
    else if (input.tagName === "SELECT") input.selectedIndex = 0;
    else input.value = "";
  }
  copy.querySelector("legend").textContent = words.replace("{}", String(number + 1));
  return copy;
}

function addRow(button) {
  const entries = [...button.parentElement.querySelectorAll(":scope > .form-row")];
  const last = entries.at(-1);
  const copy = emptied(last, button.dataset.addRow, entries.length, button.dataset.entry);
  last.after(copy);
  button.hidden = entries.length + 1 >= Number(button.dataset.most);
  copy.querySelector("input, select, textarea").focus();
  copy.dispatchEvent(new Event("input", { bubbles: true }));
}

export function watchRows() {
  for (const button of document.querySelectorAll("[data-add-row]")) {
    button.hidden = false;
    button.addEventListener("click", () => addRow(button));
  }
}
