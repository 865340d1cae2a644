"""What the environment may say, and what production refuses."""

from pathlib import Path

import pytest

from banjie.settings import Environment, Settings, SettingsError

PRODUCTION = {
    "BANJIE_ENV": "production",
    "BANJIE_SECRET": "s" * 32,
    "BANJIE_DATABASE_URL": "postgresql://banjie:hidden@db/banjie",
    "BANJIE_BASE_URL": "https://banjie.example.gov.cn/",
}


def test_an_empty_environment_is_a_demonstration_on_this_machine() -> None:
    settings = Settings.from_env({})

    assert settings.environment is Environment.DEMO
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.var == Path("var").absolute()
    assert settings.database_url is None
    assert settings.smtp is None


def test_production_starts_with_a_secret_a_database_and_https() -> None:
    settings = Settings.from_env(PRODUCTION)

    assert settings.is_production
    assert settings.is_https
    assert settings.base_url == "https://banjie.example.gov.cn"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BANJIE_SECRET", ""),
        ("BANJIE_SECRET", "short"),
        ("BANJIE_DATABASE_URL", ""),
        ("BANJIE_BASE_URL", "http://banjie.example.gov.cn"),
    ],
)
def test_production_refuses_what_only_a_demonstration_may(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({**PRODUCTION, variable: value})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BANJIE_ENV", "staging"),
        ("BANJIE_PORT", "0"),
        ("BANJIE_PORT", "65536"),
        ("BANJIE_PORT", "八千"),
        ("BANJIE_PORT", "9" * 5000),
        ("BANJIE_DATABASE_URL", "mysql://db/banjie"),
        ("BANJIE_BASE_URL", "banjie.example.gov.cn"),
        ("BANJIE_BASE_URL", "https://example.gov.cn/banjie"),
        ("BANJIE_WEB_THREADS", "-1"),
    ],
)
def test_an_unusable_value_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({variable: value})


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(SettingsError, match="SMTP_FROM"):
        Settings.from_env({"SMTP_HOST": "mail.example.gov.cn"})


def test_secrets_are_not_shown() -> None:
    mail = {"SMTP_HOST": "mail", "SMTP_FROM": "a@example.gov.cn", "SMTP_PASSWORD": "letter-box"}

    shown = repr(Settings.from_env({**PRODUCTION, **mail}))

    assert not any(secret in shown for secret in ("s" * 32, "hidden", "letter-box"))


def test_a_served_address_of_all_is_shown_as_this_machine() -> None:
    settings = Settings.from_env({"BANJIE_HOST": "0.0.0.0", "BANJIE_PORT": "8080"})  # noqa: S104  read, not bound

    assert settings.base_url == "http://127.0.0.1:8080"
