"""One conversation with a mail server, step by step (RFC 5321).

Every step is kept, for whoever tries the settings out. The content is sent up to
its last line before `committing` is called: until the line with the single dot,
a server that loses us must forget all of it (RFC 5321, 4.1.1.10).
"""

import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, Self
from uuid import UUID

from billhook.domain.deliveries import RefusedRecipient, TrialStep
from billhook.errors import OutcomeUnknown, Rejected, Retryable
from billhook.problems import Problem
from billhook_delivery_email.addresses import is_plain, travelling
from billhook_delivery_email.replies import (
    Reply,
    content_advice,
    log_in_advice,
    recipient_advice,
    reply,
    sender_advice,
)
from billhook_delivery_email.settings import DeliveryEmailSettings, Security
from billhook_delivery_email.texts import gettext as _

FINAL_PATIENCE = 120
"""Seconds that the last answer may take: servers look the mail over before they give it."""

_GO_AHEAD = 354
_MORE = 334
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends how much to whom; addresses as people write them."""

    delivery_id: UUID
    sender: str
    recipients: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Which recipients a server takes mail for."""

    taken: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...]
    postponed: tuple[RefusedRecipient, ...]


class Talk:
    """A conversation; `with Talk(settings) as talk:` greets, encrypts and logs in.

    Raises Retryable where a later try may help, Rejected where a person must act.
    """

    def __init__(self, settings: DeliveryEmailSettings, steps: list[TrialStep]) -> None:
        self._settings = settings
        self._steps = steps
        self._server: smtplib.SMTP
        self._is_within_content = False

    def __enter__(self) -> Self:
        if not self._settings.host:
            self._reject(
                _("Settings"),
                "",
                _("No mail server is set: billhook plugin settings delivery_email host=…"),
                code="host_missing",
            )
        self._connect()
        try:
            self._greet()
            if self._settings.security is Security.STARTTLS:
                self._encrypt()
            if self._settings.user:
                self._log_in()
        except BaseException:
            self._server.close()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Part; in the middle of a mail only by hanging up, which makes the server forget it."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if not self._is_within_content:
                self._server.quit()
        self._server.close()

    def address(self, envelope: Envelope) -> Taken:
        """Name sender and recipients; at least one recipient is taken."""
        self._refuse_large(envelope.size)
        self._name_sender(envelope)
        answers = [(one, self._name_recipient(one)) for one in envelope.recipients]
        taken = tuple(one for one, found in answers if found.is_good)
        refused = [(one, found) for one, found in answers if not found.is_good]
        if not taken:
            self._refuse_all(refused)
        return Taken(
            taken=taken,
            refused=tuple(
                RefusedRecipient(address=one, reason=str(found))
                for one, found in refused
                if not found.is_temporary_at_recipient
            ),
            postponed=tuple(
                RefusedRecipient(address=one, reason=str(found))
                for one, found in refused
                if found.is_temporary_at_recipient
            ),
        )

    def hand_over(self, content: bytes, committing: Callable[[], None]) -> Reply:
        """Send the mail; raises OutcomeUnknown where the answer to it is lost."""
        what = _("Mail")
        with self._lost_is_retryable(what):
            found = reply(self._server.docmd("DATA"))
            if found.code != _GO_AHEAD:
                self._fail(what, found, content_advice(found))
            self._is_within_content = True
            self._server.send(_LEADING_DOT.sub(b"..", content))
        committing()
        found = self._last_answer(what)
        self._is_within_content = False
        if not found.is_good:
            self._fail(what, found, content_advice(found))
        self._good(what, found)
        return found

    def _last_answer(self, what: str) -> Reply:
        try:
            assert self._server.sock is not None
            self._server.sock.settimeout(max(FINAL_PATIENCE, self._settings.timeout))
            self._server.send(b".\r\n")
            return reply(self._server.getreply())
        except (OSError, smtplib.SMTPException) as error:
            text = _(
                "The connection was lost after the whole mail was sent, before the server "
                "answered: %(reason)s",
                reason=_described(error),
            )
            self._bad(what, _described(error), text)
            raise OutcomeUnknown(text) from error

    def _connect(self) -> None:
        settings = self._settings
        what = _("Connect to %(host)s, port %(port)s", host=settings.host, port=settings.smtp_port)
        try:
            self._server = self._server_at(settings.host, settings.smtp_port)
        except smtplib.SMTPConnectError as error:
            found = _of(error)
            self._fail(what, found, _("The server takes no mail from this machine, or none now."))
        except ssl.SSLError as error:
            self._reject_encryption(what, error)
        except (OSError, smtplib.SMTPException) as error:
            self._retry(
                what,
                _described(error),
                _(
                    "Check host and port, and that nothing between here and the server blocks them."
                ),
            )
        self._steps.append(TrialStep(what=what))

    def _server_at(self, host: str, port: int) -> smtplib.SMTP:
        name = self._settings.helo_name or None
        timeout = self._settings.timeout
        if self._settings.security is Security.TLS:
            return smtplib.SMTP_SSL(
                host, port, name, timeout=timeout, context=ssl.create_default_context()
            )
        return smtplib.SMTP(host, port, name, timeout=timeout)

    def _greet(self) -> None:
        what = _("Greet")
        with self._lost_is_retryable(what):
            try:
                self._server.ehlo_or_helo_if_needed()
            except smtplib.SMTPHeloError as error:
                self._fail(
                    what, _of(error), _("The server does not like our name. Set helo_name.")
                )
        self._steps.append(
            TrialStep(what=what, answer=", ".join(sorted(self._server.esmtp_features)))
        )

    def _encrypt(self) -> None:
        what = _("Encrypt")
        if not self._server.has_extn("starttls"):
            self._reject(
                what,
                "",
                _(
                    "The server offers no encryption on this port. Use its other port with "
                    "security=tls."
                ),
                code="encryption_missing",
            )
        with self._lost_is_retryable(what):
            try:
                found = reply(self._server.starttls(context=ssl.create_default_context()))
            except ssl.SSLError as error:
                self._reject_encryption(what, error)
            if not found.is_good:
                self._fail(what, found, _("The server cannot encrypt now."))
            self._good(what, found)
            self._server.ehlo()

    def _log_in(self) -> None:
        what = _("Log in as %(user)s", user=self._settings.user)
        with self._lost_is_retryable(what):
            found = self._authenticated(self._server.esmtp_features.get("auth", "").split())
        if found is None:
            self._reject(
                what,
                "",
                _("The server knows neither PLAIN nor LOGIN here. Encrypt, or set no user."),
                code="log_in_impossible",
            )
        if not found.is_good:
            self._fail(what, found, log_in_advice(found))
        self._good(what, found)

    def _authenticated(self, methods: Sequence[str]) -> Reply | None:
        user, password = self._settings.user, self._settings.password
        if "PLAIN" in methods:
            said = _base64(f"\0{user}\0{password}")
            return reply(self._server.docmd("AUTH", f"PLAIN {said}"))
        if "LOGIN" not in methods:
            return None
        found = reply(self._server.docmd("AUTH", "LOGIN"))
        for said in (user, password):
            if found.code == _MORE:
                found = reply(self._server.docmd(_base64(said)))
        return found

    def _refuse_large(self, size: int) -> None:
        limit = self._server.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < size:
            self._reject(
                _("Size"),
                "",
                _(
                    "The mail has %(size)s MB, and the server takes %(limit)s. Attach less.",
                    size=_megabytes(size),
                    limit=_megabytes(int(limit)),
                ),
                code="mail_too_large",
            )

    def _name_sender(self, envelope: Envelope) -> None:
        what = _("Sender %(address)s", address=envelope.sender)
        sender = travelling(envelope.sender) or ""
        options = [f"SIZE={envelope.size}"] if self._server.has_extn("size") else []
        if self._server.has_extn("dsn"):
            options += ["RET=HDRS", f"ENVID={envelope.delivery_id}"]
        if self._writes_unicode(envelope):
            options += ["BODY=8BITMIME", "SMTPUTF8"]
        elif not is_plain(sender):
            self._reject(
                what,
                "",
                _("The server cannot carry letters such as these before the @ of an address."),
                code="address_not_carried",
            )
        with self._lost_is_retryable(what):
            found = reply(self._server.mail(sender, options))
        if not found.is_good:
            self._fail(what, found, sender_advice(found))
        self._good(what, found)

    def _writes_unicode(self, envelope: Envelope) -> bool:
        addresses = [travelling(one) or "" for one in (envelope.sender, *envelope.recipients)]
        return self._server.has_extn("smtputf8") and not all(map(is_plain, addresses))

    def _name_recipient(self, address: str) -> Reply:
        what = _("Recipient %(address)s", address=address)
        found = self._asked_recipient(what, travelling(address))
        if found.is_good:
            self._good(what, found)
        else:
            self._bad(what, str(found), recipient_advice(found))
        return found

    def _asked_recipient(self, what: str, sent: str | None) -> Reply:
        if sent is None:
            return Reply(553, _("This is not an address of e-mail."))
        if not is_plain(sent) and not self._server.has_extn("smtputf8"):
            return Reply(553, _("The server cannot carry letters such as these before the @."))
        options = ["NOTIFY=FAILURE"] if self._server.has_extn("dsn") else []
        if options and is_plain(sent):
            options.append(f"ORCPT=rfc822;{_xtext(sent)}")
        with self._lost_is_retryable(what):
            return reply(self._server.rcpt(sent, options))

    def _refuse_all(self, refused: Sequence[tuple[str, Reply]]) -> NoReturn:
        """Raises Retryable while one of them may be taken later, Rejected otherwise."""
        later = [found for _one, found in refused if found.is_temporary_at_recipient]
        if later:
            reason = " ".join(f"{one}: {found}" for one, found in refused)
            raise Retryable(reason, later[0].wait)
        raise Rejected(
            [
                Problem(
                    code="delivery_email.recipient_refused",
                    path=one,
                    message=f"{found} {recipient_advice(found)}",
                )
                for one, found in refused
            ]
        )

    # Endings of a step

    def _good(self, what: str, found: Reply) -> None:
        self._steps.append(TrialStep(what=what, answer=str(found)))

    def _bad(self, what: str, answer: str, advice: str) -> None:
        self._steps.append(TrialStep(what=what, answer=answer, is_good=False, advice=advice))

    def _fail(self, what: str, found: Reply, advice: str) -> NoReturn:
        """Raises what a server's refusal is: for now, or for good."""
        if found.is_temporary:
            self._bad(what, str(found), advice)
            raise Retryable(f"{what}: {found} {advice}", found.wait)
        self._reject(what, str(found), advice, code="refused")

    def _retry(self, what: str, answer: str, advice: str) -> NoReturn:
        self._bad(what, answer, advice)
        raise Retryable(f"{what}: {answer} {advice}")

    def _reject(self, what: str, answer: str, advice: str, *, code: str) -> NoReturn:
        self._bad(what, answer, advice)
        message = f"{what}: {answer} {advice}" if answer else f"{what}: {advice}"
        raise Rejected([Problem(code=f"delivery_email.{code}", message=message)])

    def _reject_encryption(self, what: str, error: ssl.SSLError) -> NoReturn:
        if isinstance(error, ssl.SSLCertVerificationError):
            advice = _(
                "The server's certificate is not valid for this host. Set host to the name in the "
                "certificate, have it renewed, or trust its authority by SSL_CERT_FILE."
            )
        else:
            advice = _("Port and encryption do not match: tls is usually 465, starttls 587.")
        self._reject(what, _described(error), advice, code="encryption_failed")

    @contextmanager
    def _lost_is_retryable(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, smtplib.SMTPException) as error:
            self._retry(what, _described(error), _("The connection was lost. It is tried again."))


def _of(error: smtplib.SMTPResponseException) -> Reply:
    text = error.smtp_error
    return reply((error.smtp_code, text if isinstance(text, bytes) else text.encode()))


def _described(error: Exception) -> str:
    return str(error) or type(error).__name__


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _xtext(text: str) -> str:
    """RFC 3461, section 4."""
    return _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)


def _megabytes(size: int) -> str:
    tenths = -(-size * 10 // 1_000_000)
    return f"{tenths // 10}.{tenths % 10}"
