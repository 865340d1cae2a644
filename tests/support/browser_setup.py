"""See that the browser tests find a Chromium and Chinese fonts; standard library only.

As root on Debian or Ubuntu both come by apt. Elsewhere Playwright's own browser serves, if it is there or can be
fetched. Without either the browser tests are skipped, and pytest's summary counts them: no failure here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Names of Chromium on the PATH; Ubuntu's `chromium-browser` may be a snap's stub that does not start.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PLAYWRIGHT = Path(__file__).parents[2] / ".venv" / "bin" / "playwright"
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
CHINESE_FONTS = ("NotoSansCJK", "NotoSerifCJK", "NotoSansSC", "SourceHanSans", "wqy-")


def main() -> int:
    """Install what is missing and may be installed; say in one line what will not be there."""
    packages = [
        name
        for name, found in (("chromium", system_chromium()), ("fonts-noto-cjk", _has_font()))
        if not found
    ]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        _say(f"Installing {' and '.join(packages)} with apt")
        _apt(packages)
    if system_chromium() is None and not _has_playwright_browser():
        _say("Fetching Playwright's Chromium")
        if not _succeeds([str(PLAYWRIGHT), "install", "chromium"]):
            _say("There is no Chromium, so the browser tests will be skipped")
    return 0


def system_chromium() -> str | None:
    """The Chromium on the PATH that starts."""
    found = (shutil.which(name) for name in PROGRAMS)
    return next((path for path in found if path and _succeeds([path, "--version"])), None)


def _has_font() -> bool:
    return any(
        path.name.startswith(CHINESE_FONTS)
        for folder in FONT_FOLDERS
        if folder.is_dir()
        for path in folder.rglob("*.[to]t[fc]")
    )


def _has_playwright_browser() -> bool:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    cache = "Library/Caches" if sys.platform == "darwin" else ".cache"
    folder = Path(named) if named else Path.home() / cache / "ms-playwright"
    return any(folder.glob("chromium-*"))


def _apt(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-qq", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment,
        )
        if done.returncode != 0:
            told = done.stderr.strip().splitlines()
            _say(f"apt-get {command[0]} failed: {told[-1] if told else done.returncode}")
            return


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _say(sentence: str) -> None:
    print(f"setup: {sentence}", flush=True)  # noqa: T201  a person at a terminal reads it


if __name__ == "__main__":
    sys.exit(main())
