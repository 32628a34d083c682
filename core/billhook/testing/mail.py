"""A mail server for tests, that takes, refuses and drops as its switches say.

```python
with post_office() as post:
    … host=post.host port=post.port …
    assert post.mails[0].message["Subject"] == "…"
```
"""

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from billhook.clock import SystemClock

HOST = "127.0.0.1"
USER, PASSWORD = "shop", "mail-secret-ü"


@dataclass(frozen=True)
class Mail:
    """A mail that the server took."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...]

    @cached_property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class PostOffice:
    """What the server took, and what it answers next, by the step of the conversation."""

    host: str = HOST
    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    at_sender: list[str] = field(default_factory=list)
    at_recipient: dict[str, list[str]] = field(default_factory=dict)
    """By address; the last answer of a list is given for ever."""
    at_content: list[str] = field(default_factory=list)
    """Answers instead of taking the mail."""
    drops: list[str] = field(default_factory=list)
    """Steps at which the connection is cut next: sender, recipient, content."""
    log_ins: list[str] = field(default_factory=list)
    log_in_answer: str = ""
    on_content: Callable[[], None] | None = None
    """Called when a mail is there, before the answer."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._drop("sender", server)
        if self.at_sender:
            return self.at_sender.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._drop("recipient", server)
        answers = self.at_recipient.get(address, [])
        if answers:
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.at_content:
            return self.at_content.pop(0)
        assert isinstance(envelope.content, bytes)
        with self.lock:
            self.mails.append(
                Mail(
                    sender=envelope.mail_from or "",
                    recipients=tuple(envelope.rcpt_tos),
                    content=envelope.content,
                    options=tuple(envelope.mail_options),
                )
            )
        if self.on_content is not None:
            await asyncio.get_running_loop().run_in_executor(None, self.on_content)
        self._drop("content", server)
        return "250 Queued"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, method: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.log_ins.append(method)
        if data == LoginPassword(USER.encode(), PASSWORD.encode()):
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=self.log_in_answer or None)

    def _drop(self, step: str, server: SMTP) -> None:
        if step in self.drops:
            self.drops.remove(step)
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()


@contextlib.contextmanager
def post_office(
    *, tls: ssl.SSLContext | None = None, is_encrypted: bool = False, **options: Any
) -> Iterator[PostOffice]:
    """Run a server; `tls` lets it offer STARTTLS, or with `is_encrypted` speak TLS alone."""
    post = PostOffice(port=free_port())
    wants_log_in = options.pop("wants_log_in", False)
    known = {
        "authenticator": post.authenticate if wants_log_in else None,
        "auth_required": wants_log_in,
        "auth_require_tls": tls is not None and not is_encrypted,
        "enable_SMTPUTF8": True,
        **options,
    }
    if tls is not None:
        known["ssl_context" if is_encrypted else "tls_context"] = tls
    controller = Controller(post, hostname=HOST, port=post.port, **known)
    with (
        warnings.catch_warnings()
    ):  # aiosmtpd does not see that a link is encrypted from the start
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
        controller.start()
        try:
            yield post
        finally:
            controller.stop()


@contextlib.contextmanager
def scripted(*lines: bytes | None, heard: list[bytes] | None = None) -> Iterator[PostOffice]:
    """Run a server that says these lines, one for each of ours, and hangs up after the last.

    None is silence: it listens on, and says nothing more. `heard` gets our lines.
    """
    listening = socket.create_server((HOST, 0))
    post = PostOffice(port=listening.getsockname()[1])
    ends = threading.Event()
    ours: list[bytes] = [] if heard is None else heard
    thread = threading.Thread(target=_serve, args=(listening, lines, ours, ends), daemon=True)
    thread.start()
    try:
        yield post
    finally:
        ends.set()
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, post.port), timeout=1).close()
        thread.join()
        listening.close()


def _serve(
    listening: socket.socket,
    lines: tuple[bytes | None, ...],
    heard: list[bytes],
    ends: threading.Event,
) -> None:
    while not ends.is_set():
        connection, _address = listening.accept()
        with connection, connection.makefile("rb") as theirs, contextlib.suppress(OSError):
            for number, line in enumerate(lines):
                if number:
                    heard.append(theirs.readline())
                if line is None:
                    ends.wait()
                    break
                connection.sendall(line)


def free_port() -> int:
    """Return a port that is free now: aiosmtpd cannot choose one itself."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Certificate:
    """A certificate that signs itself, in files."""

    path: Path
    context: ssl.SSLContext
    """For a server."""


def certificate(folder: Path, *, host: str = HOST) -> Certificate:
    """Make a certificate for a host; who names its file in SSL_CERT_FILE trusts it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = SystemClock().now()
    is_number = host.replace(".", "").isdigit()
    alternative = x509.IPAddress(ip_address(host)) if is_number else x509.DNSName(host)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "mail.pem", folder / "mail.key"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key_path)
    return Certificate(path=path, context=context)
