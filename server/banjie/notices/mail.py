"""E-mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage

_SECONDS = 20


class SmtpMailer:
    """Sends one letter a call over its own connection; raises OSError or SMTPException when it cannot."""

    def __init__(
        self, *, host: str, port: int, sender: str, user: str | None, password: str | None, starttls: bool
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._user = user
        self._password = password
        self._starttls = starttls

    def send(self, to: Sequence[str], subject: str, body: str, message_id: str) -> None:
        """Send a letter; the same `message_id` is used again when it is repeated."""
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = ", ".join(to)
        letter["Subject"] = subject
        letter["Message-ID"] = f"<{message_id}@banjie>"
        letter.set_content(body)
        with smtplib.SMTP(self._host, self._port, timeout=_SECONDS) as server:
            if self._starttls:
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password or "")
            server.send_message(letter)


class NoMailer:
    """Without SMTP a notice in the application is all there is."""

    def send(self, to: Sequence[str], subject: str, body: str, message_id: str) -> None:
        """Do nothing: the notice in the application has been written already."""
