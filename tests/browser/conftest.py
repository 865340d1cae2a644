"""A running site with the cast, and browsers that watch for anything a page should not do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from banjie.app import create_app
from banjie.services import demo
from support.browser_setup import system_chromium
from support.office import Office

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
SCREENSHOTS = BUILD / "screenshots"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
#: A browser reports every answer of 400 and above on its console; the tests look at those themselves.
_ANSWER_NOTED = "Failed to load resource: the server responded with a status of 4"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, started once."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own; without either the browser tests are skipped."""
    program = system_chromium()
    if program is None and not Path(playwright.chromium.executable_path).exists():
        pytest.skip("There is no Chromium on this machine.")
    started = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which the build of the front end puts beside the bundles."""
    return (BUILD / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Site:
    """An office that answers on `base`."""

    office: Office
    base: str

    def url(self, path: str) -> str:
        return self.base + path


@pytest.fixture
def content(tmp_path: Path) -> Path | None:
    """The root of the content that the site runs on; None for the house's own."""
    return None


class Handler(WSGIRequestHandler):
    """Lets go of a connection on which nothing is asked for so many seconds."""

    timeout = 10


@pytest.fixture
def site(database_url: str, tmp_path: Path, content: Path | None) -> Iterator[Site]:
    """A site on a database of its own, at ten in the morning of a Monday."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    office = Office(database_url, tmp_path, content=content)
    app = create_app(office.settings, office.rt)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    # A page that asks while it is closed must have its answer before the office closes.
    server.daemon_threads = False  # type: ignore[attr-defined]  # of the class for many threads
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(office=office, base=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    office.close()


@dataclass
class Watch:
    """What the console of a page said that it should not have said."""

    complaints: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_ANSWER_NOTED):
            self.complaints.append(f"{message.type}: {message.text}")

    def on_error(self, error: Exception) -> None:
        self.complaints.append(f"uncaught: {error}")


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Opens a page as somebody of the cast (or, without a name, as a visitor), each in a browser of its own.

    Afterwards no page may have complained on its console: no script error, no report of the content policy.
    """
    watch = Watch()
    contexts = []

    def open_page(username: str | None = None, path: str = "/", *, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=site.base,
            viewport={"width": 1360, "height": 900},
            java_script_enabled=script,
            locale="zh-CN",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", watch.on_console)
        page.on("pageerror", watch.on_error)
        if username is None:
            page.goto(path)
            return page
        page.goto(f"/sign-in?next={path}")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(demo.PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.complaints == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps a screenshot under `build/screenshots`."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return keep
