"""Mail by SMTP: one connection a message, encrypted where the server can, and offers with the one-click way out."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from loyalty.kernel.clock import utc_now
from loyalty.messaging.ports import Answer, Outgoing

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LATER, _NEVER = 400, 500
_READY = 250


@dataclass(frozen=True)
class Mail:
    """A server as smtp://user:password@host:port (or smtps://), and the address that mail comes from."""

    url: str
    sender: str
    clock: Callable[[], datetime] = utc_now

    @property
    def dedupes(self) -> bool:
        """A server takes the same message as often as it is sent."""
        return False

    @property
    def lanes(self) -> int:
        """Four connections at once."""
        return 4

    def send(self, outgoing: Outgoing, *, seconds: float) -> Answer:
        """Hand a mail to the server; what it said before the text was sent is certain, after that a cut is a loss."""
        try:
            server = self._connect(seconds)
        except (OSError, smtplib.SMTPException, ValueError) as problem:
            return Answer("busy", detail=f"not reached: {type(problem).__name__}")
        try:
            return self._hand_over(server, outgoing)
        finally:
            server.close()

    def _connect(self, seconds: float) -> smtplib.SMTP:
        """Return a server that is ready for a mail; a password goes over an encrypted line only."""
        parts = urlsplit(self.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=seconds, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=seconds)
        try:
            _make_ready(server, parts, context)
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, outgoing: Outgoing) -> Answer:
        message = self.written(outgoing)
        try:
            for code, _said in (server.mail(parseaddr(self.sender)[1]), server.rcpt(outgoing.address)):
                if code >= _LATER:
                    return _told(code)
        except (OSError, smtplib.SMTPException) as problem:
            return Answer("busy", detail=f"cut before the text: {type(problem).__name__}")
        try:
            code, _said = server.data(message.as_bytes())
        except smtplib.SMTPDataError as problem:
            return _told(problem.smtp_code)
        except (OSError, smtplib.SMTPException) as problem:
            return Answer("lost", detail=f"cut after the text: {type(problem).__name__}")
        return Answer("accepted", message["Message-ID"]) if code == _READY else _told(code)

    def written(self, outgoing: Outgoing) -> EmailMessage:
        """Return the mail; its Message-ID is the same at each attempt."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = outgoing.address
        message["Subject"] = outgoing.subject or ""
        message["Date"] = format_datetime(self.clock())
        message["Message-ID"] = f"<{outgoing.key}@{parseaddr(self.sender)[1].partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if outgoing.way_out:
            message["List-Unsubscribe"] = f"<{outgoing.way_out}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(outgoing.text)
        return message


def _make_ready(server: smtplib.SMTP, parts: SplitResult, context: ssl.SSLContext) -> None:
    server.ehlo()
    encrypted = parts.scheme == "smtps"
    if not encrypted and server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
        encrypted = True
    if parts.username:
        if not encrypted and parts.hostname not in LOOPBACK:
            raise ValueError("the server offers no encryption")
        server.login(unquote(parts.username), unquote(parts.password or ""))


def _told(code: int) -> Answer:
    return Answer("refused" if code >= _NEVER else "busy", detail=f"SMTP {code}")
