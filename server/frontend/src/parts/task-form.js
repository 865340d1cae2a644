// Forms of tasks: a draft is kept while one types, and a form with files shows how far the upload is.

const PAUSE_MS = 3000;

function say(form, text) {
  const status = form.querySelector("[data-draft-status]");
  if (status) status.textContent = text;
}

function withoutFiles(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

async function saveDraft(form) {
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "POST",
      body: withoutFiles(form),
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const saved = await answer.json();
    say(form, `${form.dataset.draftSaved} ${saved.at}`);
  } catch {
    say(form, form.dataset.draftFailed);
  }
}

function watchDraft(form) {
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => saveDraft(form), PAUSE_MS);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

function watchUpload(form) {
  form.addEventListener("submit", () => {
    const holdsFile = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
    if (holdsFile && form.dataset.uploading) say(form, form.dataset.uploading);
  });
}

export function watchForms() {
  for (const form of document.querySelectorAll("[data-task-form]")) {
    if (form.dataset.draft) watchDraft(form);
    watchUpload(form);
  }
}
