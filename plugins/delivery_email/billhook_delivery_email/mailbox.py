"""The mailbox to which bounces come, read by IMAP (RFC 3501)."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from billhook.errors import Retryable
from billhook_delivery_email.settings import DeliveryEmailSettings, Security
from billhook_delivery_email.texts import gettext as _

AT_ONCE = 200
"""How many mails one reading takes; what is left is read by the next."""

LONGEST_READ = 256 * 1024
"""Bytes of one mail: a report is short, what it returns of our mail need not be read whole."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class Mailbox:
    """An open mailbox."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unseen(self) -> list[str]:
        """Return the UIDs of the oldest mails that nobody has seen, a bounded number."""
        found = self._asked("SEARCH", "UNSEEN")
        uids = b" ".join(part for part in found if isinstance(part, bytes))
        return uids.decode("ascii").split()[:AT_ONCE]

    def content(self, uid: str) -> bytes:
        """Return the beginning of a mail, and leave it unseen; nothing where it is gone."""
        found = self._asked("FETCH", uid, f"(BODY.PEEK[]<0.{LONGEST_READ}>)")
        return next((part[1] for part in found if isinstance(part, tuple)), b"")

    def mark_seen(self, uid: str) -> None:
        self._asked("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")

    def _asked(self, command: str, *words: str) -> list[bytes | tuple[bytes, bytes] | None]:
        state, found = self._server.uid(command, *words)
        if state != "OK":
            raise Retryable(
                _(
                    "The mailbox did not answer %(command)s: %(state)s",
                    command=command,
                    state=state,
                )
            )
        return list(found)


@contextmanager
def mailbox(settings: DeliveryEmailSettings) -> Iterator[Mailbox]:
    """Open the mailbox for bounces.

    Raises Retryable, also where a person must act: the text says so, and reading goes
    on by itself once they did.
    """
    with _failures(settings), _connection(settings) as server:
        _log_in(server, settings)
        state, _count = server.select(_quoted(settings.bounce_folder))
        if state != "OK":
            raise Retryable(
                _(
                    "The mailbox has no folder “%(folder)s”. Set bounce_folder.",
                    folder=settings.bounce_folder,
                ),
            )
        yield Mailbox(server)


@contextmanager
def _connection(settings: DeliveryEmailSettings) -> Iterator[imaplib.IMAP4]:
    server = _server(settings)
    try:
        if settings.bounce_security is Security.STARTTLS:
            server.starttls(ssl.create_default_context())
        yield server
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()
        with suppress(OSError):
            server.shutdown()


def _server(settings: DeliveryEmailSettings) -> imaplib.IMAP4:
    host, port, timeout = settings.bounce_host, settings.imap_port, settings.timeout
    if settings.bounce_security is Security.TLS:
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=timeout)
    return imaplib.IMAP4(host, port, timeout=timeout)


def _log_in(server: imaplib.IMAP4, settings: DeliveryEmailSettings) -> None:
    try:
        server.login(settings.bounce_user, settings.bounce_password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise Retryable(
            _(
                "The mailbox for bounces refused user and password: %(reason)s Set bounce_user and "
                "bounce_password.",
                reason=_UNSAFE.sub(" ", str(error)),
            ),
        ) from error


@contextmanager
def _failures(settings: DeliveryEmailSettings) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Retryable(
            _(
                "The certificate of %(host)s is not valid for that name. Set bounce_host to the "
                "name in the certificate, or have it renewed.",
                host=settings.bounce_host,
            ),
        ) from error
    except (OSError, imaplib.IMAP4.error) as error:
        raise Retryable(
            _(
                "The mailbox for bounces on %(host)s cannot be read: %(reason)s",
                host=settings.bounce_host,
                reason=_UNSAFE.sub(" ", str(error)) or type(error).__name__,
            )
        ) from error


def _quoted(folder: str) -> str:
    escaped = _UNSAFE.sub("", folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
