"""Make the environment: ``.venv`` from the lock, our package in it, and the front end's bundles.

Runs on a bare Python (standard library only; no pip, no ensurepip, no compiler). Each step leaves a stamp, a hash
of what it was made from, so an up-to-date step costs nothing. Used by ``make setup``.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".made-from"
LOG = VENV / "setup.log"
LOCK = ROOT / "requirements.lock"
FRONTEND = ROOT / "server" / "frontend"
BUNDLES = ROOT / "server" / "banjie" / "web" / "static" / "dist"
#: The accessibility checker for the browser tests, copied there by the front end's build.
AXE = ROOT / "build" / "axe.min.js"

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20

PYPI = "https://pypi.org/simple"
#: The pip for a Python without ensurepip (Debian without python3-venv).
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"

_UNREACHABLE = (
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "ConnectTimeoutError",
    "ProxyError",
    "SSLError",
    "EAI_AGAIN",
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
)


class SetupError(Exception):
    """The environment cannot be made; the message is the one sentence that is shown."""


def main() -> int:
    """Make what is missing or out of date; 0 when all is there, 1 after one sentence on stderr."""
    began = time.monotonic()
    try:
        _check_python()
        made = [_make_venv(), _install_requirements(), _install_banjie(), _build_frontend()]
    except SetupError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.strerror or error}: {error.filename or ROOT}.")
    except KeyboardInterrupt:
        return _refuse("Interrupted; run it again to go on.")
    if any(made):
        _say(f"Ready in {time.monotonic() - began:.0f} s.")
    return 0


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"Python {found} is too old; banjie needs 3.11 or newer (make PYTHON=/path/to/python3.12)."
        )


def _make_venv() -> bool:
    """Make ``.venv`` with a pip in it, unless one is there that works."""
    if _python().exists() and _works([str(_python()), "-c", "import pip"]):
        return False
    _say(f"Making .venv with Python {sys.version.split()[0]}")
    if not os.access(ROOT, os.W_OK):
        raise SetupError(f"The folder {ROOT} is read-only; check banjie out where you may write.")
    with_pip = find_spec("ensurepip") is not None
    try:
        venv.EnvBuilder(clear=True, with_pip=False, symlinks=os.name != "nt").create(VENV)
        if with_pip:
            with_pip = _works([str(_python()), "-m", "ensurepip", "--default-pip"])
        if not with_pip:
            _install_pip()
    except OSError as error:
        raise SetupError(f"{VENV} cannot be made: {error.strerror or error}.") from error
    return True


def _install_pip() -> None:
    """Put the pinned pip into ``.venv``: its wheel can run itself from the zip."""
    _say("Fetching pip, which this Python does not bring")
    wheel = VENV / PIP_WHEEL
    wheel.write_bytes(_fetch_pip())
    _run(
        [str(_python()), f"{wheel}/pip", "install", "--no-index", "--quiet", str(wheel)],
        failure="pip could not be installed",
    )
    wheel.unlink()


def _fetch_pip() -> bytes:
    """The pinned wheel from the index that pip is configured with."""
    index, trust = _package_index()
    page_url = f"{index.rstrip('/')}/pip/"
    page = _get(page_url, trust).decode("utf-8", "replace")
    link = re.search(r'href="([^"#]*' + re.escape(PIP_WHEEL) + r')["#]', page)
    if link is None:
        raise SetupError(f"{_bare(index)} has no {PIP_WHEEL}; install python3-venv instead.")
    wheel = _get(urllib.parse.urljoin(page_url, link.group(1)), trust)
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        raise SetupError(f"{PIP_WHEEL} from {_bare(index)} is not the file that the pinned hash names.")
    return wheel


def _get(url: str, trust: ssl.SSLContext) -> bytes:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise SetupError(f"The package index {url} is not on the web; install python3-venv instead.")
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(request, timeout=60, context=trust) as answer:
            content: bytes = answer.read()
            return content
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise SetupError(f"The package index {_bare(url)} cannot be reached ({reason}).") from error


def _package_index() -> tuple[str, ssl.SSLContext]:
    """Address and trusted certificates as pip would choose them: variables, then the nearest configuration file."""
    configured = configparser.ConfigParser(interpolation=None)
    home = Path.home()
    named = os.environ.get("PIP_CONFIG_FILE")
    places = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf"]
    try:
        configured.read([*places, *([named] if named else [])])
    except configparser.Error:
        configured.clear()
    index = os.environ.get("PIP_INDEX_URL") or configured.get("global", "index-url", fallback=None)
    certificates = os.environ.get("PIP_CERT") or configured.get("global", "cert", fallback=None)
    try:
        return index or PYPI, ssl.create_default_context(cafile=certificates)
    except OSError as error:
        raise SetupError(
            f"The certificates {certificates} named in pip's configuration cannot be read."
        ) from error


def _bare(url: str) -> str:
    """*url* without the user and password it may carry."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _install_requirements() -> bool:
    """Install what the lock names, each file checked against its hash, nothing compiled."""
    stamp = _Stamp("requirements", LOCK)
    if stamp.is_current():
        return False
    wanted = len(re.findall(r"^[A-Za-z0-9].*==", LOCK.read_text("utf-8"), re.MULTILINE))
    _say(f"Installing {wanted} packages from requirements.lock")
    command = [*_pip("install"), "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
    _run(command, failure="The packages could not be installed", count="Collecting ", of=wanted)
    stamp.set()
    return True


def _install_banjie() -> bool:
    """Install banjie itself as a link to this checkout, with its command ``banjie``."""
    stamp = _Stamp("banjie", ROOT / "pyproject.toml")
    if stamp.is_current() and (_python().parent / "banjie").exists():
        return False
    _say("Installing banjie")
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet", "--editable", str(ROOT)]
    _run([*_pip("install"), *options], failure="banjie could not be installed")
    stamp.set()
    return True


def _build_frontend() -> bool:
    """Fetch the locked npm packages and bundle them with our scripts and styles."""
    sources = [path for path in sorted((FRONTEND / "src").rglob("*")) if path.is_file()]
    sources += sorted((ROOT / "bpmn").glob("*.moddle.json"))
    packages = _Stamp("npm", FRONTEND / "package-lock.json")
    bundles = _Stamp("frontend", FRONTEND / "package-lock.json", FRONTEND / "build.mjs", *sources)
    has_packages = packages.is_current() and (FRONTEND / "node_modules").is_dir()
    if bundles.is_current() and has_packages and BUNDLES.is_dir() and AXE.exists():
        return False
    node = _node()
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    if not has_packages:
        _say(f"Fetching the front end's packages with npm ({node})")
        npm = shutil.which("npm", path=path)
        if npm is None:
            raise SetupError(
                f"There is a Node at {node} without npm; install npm or take that Node off the PATH."
            )
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run(
            [npm, "ci", *options], failure="The npm packages could not be fetched", folder=FRONTEND, path=path
        )
        packages.set()
    _say("Building the front end")
    _run([str(node), "build.mjs"], failure="The front end could not be built", folder=FRONTEND, path=path)
    bundles.set()
    return True


def _node() -> Path:
    """Node from the PATH when it is new enough, else the one that the lock brings."""
    found = shutil.which("node")
    if found is not None and shutil.which("npm") is not None:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.match(r"v(\d+)\.", told)
        if version and int(version.group(1)) >= OLDEST_NODE:
            return Path(found)
    wheel = _python().parent / "node"
    if not wheel.exists():
        raise SetupError(f"Node {OLDEST_NODE} or newer is needed to build the front end, and none was found.")
    return wheel


class _Stamp:
    """A file that says from which inputs a step was last done."""

    def __init__(self, step: str, *inputs: Path) -> None:
        self._file = STAMPS / step
        digest = hashlib.sha256(str(ROOT).encode())
        for path in inputs:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
        self._digest = digest.hexdigest()

    def is_current(self) -> bool:
        return self._file.exists() and self._file.read_text("ascii") == self._digest

    def set(self) -> None:
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(self._digest, "ascii")


def _python() -> Path:
    return VENV / "bin" / "python"


def _pip(command: str) -> list[str]:
    return [
        str(_python()),
        "-m",
        "pip",
        command,
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
    ]


def _works(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=_environment())
    except OSError:
        return False
    return done.returncode == 0


def _run(
    command: list[str],
    *,
    failure: str,
    folder: Path = ROOT,
    path: str | None = None,
    count: str | None = None,
    of: int = 0,
) -> None:
    """Run *command* with its output in the log; raise SetupError with *failure* and the reason found there.

    Lines that begin with *count* are counted towards *of* and shown now and then.
    """
    environment = _environment()
    if path is not None:
        environment["PATH"] = path
    lines: list[str] = []
    program = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    # Nested, not in parentheses: a Python too old for them must come as far as to say that it is too old.
    with program:  # noqa: SIM117
        with LOG.open("a", encoding="utf-8") as log:
            seen = 0
            for line in program.stdout or ():
                log.write(line)
                lines.append(line.rstrip())
                if count is not None and line.startswith(count):
                    seen += 1
                    if seen % 25 == 0:
                        _say(f"  {seen} of about {of}")
    if program.returncode != 0:
        raise SetupError(f"{failure}: {_reason(lines)} (all of it in {LOG})")


def _reason(lines: list[str]) -> str:
    text = "\n".join(lines)
    if any(sign in text for sign in _UNREACHABLE):
        return "the package index cannot be reached; check the network or the proxy."
    if "No space left on device" in text:
        return "the disk is full."
    missing = re.search(r"No matching distribution found for (\S+)", text)
    if missing:
        version = ".".join(map(str, sys.version_info[:2]))
        return f"there is no ready-made {missing.group(1)} for Python {version} on this platform."
    told = [line for line in lines if re.match(r"(npm )?error\b", line, re.IGNORECASE)] or lines
    return told[-1].strip() if told else "it ended without a word."


def _environment() -> dict[str, str]:
    """The caller's environment without what would lead Python or pip elsewhere."""
    misleading = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_NO_BINARY")
    return {name: value for name, value in os.environ.items() if name not in misleading}


def _say(sentence: str) -> None:
    print(f"setup: {sentence}", flush=True)


def _refuse(sentence: str) -> int:
    print(f"setup: {sentence}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
