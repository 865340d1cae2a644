// What every page runs. Each page works without it; this adds keys, drafts, polling and upload progress.
import "htmx.org";
import { watchBulk } from "./parts/bulk.js";
import { watchConditions } from "./parts/conditional.js";
import { watchInbox } from "./parts/inbox.js";
import { watchOperations } from "./parts/operations.js";
import { watchPhrases } from "./parts/phrases.js";
import { watchRows } from "./parts/rows.js";
import { watchForms } from "./parts/task-form.js";

function focusSummary() {
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
}

function showHelp() {
  const dialog = document.querySelector("[data-help]");
  if (!dialog) return;
  for (const button of document.querySelectorAll("[data-help-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  for (const button of dialog.querySelectorAll("[data-help-close]")) button.addEventListener("click", () => dialog.close());
}

focusSummary();
showHelp();
watchInbox();
watchBulk();
watchForms();
watchRows();
watchPhrases();
watchOperations();
watchConditions();
