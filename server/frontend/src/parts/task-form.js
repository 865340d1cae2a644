// Forms of tasks: a draft is kept while one types, and a form with files says that they are on their way.
// What was typed is sent to the server and never kept in this browser: several people may share the computer.

const PAUSE_MS = 1000;

function say(form, text) {
  const status = form.querySelector("[data-draft-status]");
  if (status) status.textContent = text;
}

function withoutFiles(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

// What is typed now; the envelope (token, version, key) is no part of it.
function typed(form) {
  const envelope = ["csrf_token", "version", "idempotency_key"];
  return JSON.stringify([...withoutFiles(form)].filter(([name]) => !envelope.includes(name)));
}

function offerSignIn(form) {
  say(form, `${form.dataset.draftSignedOut} `);
  const link = document.createElement("a");
  Object.assign(link, { href: form.dataset.signIn, target: "_blank", textContent: form.dataset.draftSignIn });
  form.querySelector("[data-draft-status]")?.append(link);
}

// The session was renewed in another tab: its token goes into the forms of this page. False while signed out.
async function renewToken(form) {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("[name=csrf_token]")?.value;
  const isSame = !token || token === form.elements.csrf_token.value;
  if (!isSame) for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token;
  return !isSame;
}

class Draft {
  constructor(form) {
    this.form = form;
    this.timer = 0;
    this.kept = typed(form);
    this.isSignedOut = false;
    this.isOver = false;
    this.sending = Promise.resolve();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE_MS);
  }

  // One sending after the other, so that an older draft never arrives last.
  now(isLeaving = false) {
    clearTimeout(this.timer);
    // Signed out, nothing is tried before the way back in is offered and taken.
    if (this.isOver || this.isSignedOut || typed(this.form) === this.kept) return;
    if (isLeaving) this.send(true);
    else this.sending = this.sending.then(() => this.send(false));
  }

  async send(isLeaving) {
    const { form } = this;
    const now = typed(form);
    if (this.isOver || now === this.kept) return;
    say(form, form.dataset.draftSaving);
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: withoutFiles(form),
        headers: { Accept: "application/json" },
        redirect: "error",
        keepalive: isLeaving,
      });
      await this.hear(answer, now);
    } catch {
      say(form, form.dataset.draftFailed);
    }
  }

  async hear(answer, sent) {
    const { form } = this;
    if (answer.ok) {
      this.kept = sent;
      say(form, `${form.dataset.draftSaved} ${(await answer.json()).at}`);
    } else if (answer.status === 403 && !isJson(answer) && (await renewToken(form))) {
      await this.send(false);
    } else if (answer.status === 401 || answer.status === 403) {
      this.isSignedOut = true;
      offerSignIn(form);
    } else if (isJson(answer)) {
      say(form, (await answer.json()).message);
    } else {
      say(form, form.dataset.draftFailed);
    }
  }

  async back() {
    if (!this.isSignedOut || !(await renewToken(this.form))) return;
    this.isSignedOut = false;
    this.now();
  }
}

function isJson(answer) {
  return (answer.headers.get("Content-Type") ?? "").includes("json");
}

function watchDraft(form) {
  const draft = new Draft(form);
  form.addEventListener("input", () => draft.later());
  form.addEventListener("change", () => draft.later());
  form.addEventListener("focusout", () => draft.now());
  form.addEventListener("submit", () => {
    draft.isOver = true;
    clearTimeout(draft.timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") draft.now(true);
    else draft.back();
  });
  window.addEventListener("pagehide", () => draft.now(true));
  window.addEventListener("focus", () => draft.back());
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
