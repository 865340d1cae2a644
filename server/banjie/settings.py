"""Settings: what the environment says, read once into a frozen value.

Nothing else reads ``os.environ``. Whoever needs a setting gets the `Settings` passed in; tests make their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from banjie.domain.errors import BanjieError

#: The secret of a laptop. It is public, so production refuses it.
DEMO_SECRET = "demo-key-known-to-everybody-never-for-production"  # noqa: S105  known to everybody

_SHORTEST_SECRET = 32
_HIGHEST_PORT = 65535


class SettingsError(BanjieError):
    """An environment variable has no usable value."""

    code = "invalid_settings"


class Environment(StrEnum):
    """What this installation is for."""

    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """The mail server that takes our letters."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between two installations of the same release."""

    environment: Environment = Environment.DEMO
    #: Files of this installation: uploads, and the embedded database when there is no other.
    var: Path
    #: At least 32 characters. The key of the hash by which the same applicant is told again derives from it
    #: (`identity.subjects`): whoever changes it loses the matches with the cases that are open then. Sessions and
    #: form tokens are random and stored, so nothing is signed with it.
    secret: str = field(default=DEMO_SECRET, repr=False)
    #: libpq URL of a PostgreSQL server; None: the embedded one under `var`.
    database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    #: What people type; no slash at the end.
    base_url: str = "http://127.0.0.1:8000"
    web_processes: int = 2
    web_threads: int = 4
    #: How many reverse proxies stand in front and add to X-Forwarded-For.
    trusted_proxies: int = 0
    upload_limit_bytes: int = 20 * 1024 * 1024
    #: Of a list that is read into a register or a batch: a million rows are 60 to 150 MB.
    list_limit_bytes: int = 512 * 1024 * 1024
    smtp: SmtpSettings | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """The settings named by *env* (variable → value); an empty value counts as absent.

        Raises SettingsError naming the variable; the message never repeats a secret.
        """
        host = env.get("BANJIE_HOST") or "127.0.0.1"
        port = _whole(env, "BANJIE_PORT", 8000, lowest=1, highest=_HIGHEST_PORT)
        settings = cls(
            environment=_environment(env),
            var=Path(env.get("BANJIE_VAR") or "var").expanduser().absolute(),
            secret=env.get("BANJIE_SECRET") or DEMO_SECRET,
            database_url=_database_url(env),
            host=host,
            port=port,
            base_url=_base_url(env, host, port),
            web_processes=_whole(env, "BANJIE_WEB_PROCESSES", 2, lowest=1, highest=64),
            web_threads=_whole(env, "BANJIE_WEB_THREADS", 4, lowest=1, highest=64),
            trusted_proxies=_whole(env, "BANJIE_TRUSTED_PROXIES", 0, lowest=0, highest=8),
            upload_limit_bytes=_whole(env, "BANJIE_UPLOAD_LIMIT_MB", 20, lowest=1, highest=1024)
            * 1024
            * 1024,
            list_limit_bytes=_whole(env, "BANJIE_LIST_LIMIT_MB", 512, lowest=1, highest=4096) * 1024 * 1024,
            smtp=_smtp(env),
        )
        _refuse_unsafe_production(settings)
        return settings

    @property
    def is_production(self) -> bool:
        """Whether the demo key, the demo accounts and plain http are refused."""
        return self.environment is Environment.PRODUCTION

    @property
    def is_https(self) -> bool:
        """Whether people come by https, so that cookies are ``Secure`` and carry the ``__Host-`` prefix."""
        return self.base_url.startswith("https://")


def _refuse_unsafe_production(settings: Settings) -> None:
    if not settings.is_production:
        return
    if settings.secret == DEMO_SECRET:
        raise SettingsError("BANJIE_SECRET is not set, and production does not run on the demo key.")
    if len(settings.secret) < _SHORTEST_SECRET:
        raise SettingsError(f"BANJIE_SECRET is shorter than {_SHORTEST_SECRET} characters.")
    if settings.database_url is None:
        raise SettingsError(
            "BANJIE_DATABASE_URL is not set, and production does not run on the embedded database."
        )
    if not settings.is_https:
        raise SettingsError(
            "BANJIE_BASE_URL does not begin with https://, and production is not served without."
        )


def _environment(env: Mapping[str, str]) -> Environment:
    name = env.get("BANJIE_ENV") or Environment.DEMO
    try:
        return Environment(name)
    except ValueError:
        raise SettingsError(f"BANJIE_ENV is {name!r}; it may be 'demo' or 'production'.") from None


def _database_url(env: Mapping[str, str]) -> str | None:
    url = env.get("BANJIE_DATABASE_URL") or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("BANJIE_DATABASE_URL does not begin with postgresql://.")
    return url


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    shown_host = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104  compared, not bound
    if ":" in shown_host:
        shown_host = f"[{shown_host}]"
    url = (env.get("BANJIE_BASE_URL") or f"http://{shown_host}:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise SettingsError(f"BANJIE_BASE_URL is {url!r}; it must be http(s)://host[:port] without a path.")
    return url


def _smtp(env: Mapping[str, str]) -> SmtpSettings | None:
    host = env.get("SMTP_HOST")
    if not host:
        return None
    sender = env.get("SMTP_FROM")
    if not sender or "@" not in sender:
        raise SettingsError("SMTP_FROM is not an e-mail address, and SMTP_HOST needs one.")
    return SmtpSettings(
        host=host,
        port=_whole(env, "SMTP_PORT", 587, lowest=1, highest=_HIGHEST_PORT),
        sender=sender,
        user=env.get("SMTP_USER") or None,
        password=env.get("SMTP_PASSWORD") or None,
        starttls=_yes(env, "SMTP_STARTTLS", default=True),
    )


def _whole(env: Mapping[str, str], name: str, default: int, *, lowest: int, highest: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not (
        text.isascii()
        and text.isdigit()
        and len(text) <= len(str(highest))
        and lowest <= int(text) <= highest
    ):
        raise SettingsError(f"{name} is {text!r}; it must be a whole number from {lowest} to {highest}.")
    return int(text)


def _yes(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name)
    if not text:
        return default
    if text not in ("yes", "no"):
        raise SettingsError(f"{name} is {text!r}; it may be 'yes' or 'no'.")
    return text == "yes"
