// The diagram pane: draws the process, marks what was passed and where the case is, moves and zooms by keys.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";

const STEP = 60;
const READABLE = 0.7;

function mark(canvas, registry, ids, marker) {
  for (const id of (ids || "").split(" ")) if (id && registry.get(id)) canvas.addMarker(id, marker);
}

// The whole drawing where its words can still be read; else the part where the case is.
function show(canvas, registry, current) {
  canvas.zoom("fit-viewport", "auto");
  const here = (current || "").split(" ").map((id) => registry.get(id)).find(Boolean);
  if (canvas.zoom() >= READABLE || !here) return;
  canvas.zoom(READABLE, { x: here.x + here.width / 2, y: here.y + here.height / 2 });
  canvas.scrollToElement(here, { top: 120, bottom: 120, left: 160, right: 160 });
}

function watchKeys(pane, canvas) {
  const actions = {
    ArrowLeft: () => canvas.scroll({ dx: STEP, dy: 0 }),
    ArrowRight: () => canvas.scroll({ dx: -STEP, dy: 0 }),
    ArrowUp: () => canvas.scroll({ dx: 0, dy: STEP }),
    ArrowDown: () => canvas.scroll({ dx: 0, dy: -STEP }),
    "+": () => canvas.zoom(canvas.zoom() * 1.2),
    "=": () => canvas.zoom(canvas.zoom() * 1.2),
    "-": () => canvas.zoom(canvas.zoom() / 1.2),
    0: () => canvas.zoom("fit-viewport", "auto"),
  };
  pane.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}

async function draw(pane) {
  pane.hidden = false;
  try {
    const answer = await fetch(pane.dataset.diagram, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const viewer = new NavigatedViewer({ container: pane });
    await viewer.importXML(await answer.text());
    const canvas = viewer.get("canvas");
    const registry = viewer.get("elementRegistry");
    mark(canvas, registry, pane.dataset.passed, "passed");
    mark(canvas, registry, pane.dataset.current, "current");
    show(canvas, registry, pane.dataset.current);
    watchKeys(pane, canvas);
    pane.dataset.drawn = "yes";
  } catch {
    pane.textContent = pane.dataset.failed;
  }
}

for (const pane of document.querySelectorAll("[data-diagram]")) draw(pane);
