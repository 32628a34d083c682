"""A mailbox server of the few commands that reading bounces takes (RFC 3501), over TCP or TLS."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from billhook.testing.mail import HOST

_UID = re.compile(rb"UID (SEARCH|FETCH|STORE) ?([0-9]*)")
_LENGTH = re.compile(rb"<0\.([0-9]+)>")


@dataclass
class MailServer:
    """One folder, INBOX, with mails by UID."""

    port: int = 0
    password: str = "secret"
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    commands: list[bytes] = field(default_factory=list)
    hangs_up_at: bytes = b""
    """A command at which it hangs up."""
    gone: set[int] = field(default_factory=set)
    """UIDs that somebody else removes before they are read."""

    def answer(self, tag: bytes, command: bytes) -> list[bytes] | None:
        self.commands.append(command)
        if self.hangs_up_at and command.startswith(self.hangs_up_at):
            return None
        name = command.split(b" ", 1)[0].upper()
        if name == b"LOGIN":
            is_good = f'"{self.password}"'.encode() in command
            return [tag + (b" OK in" if is_good else b" NO [AUTHENTICATIONFAILED] wrong")]
        if name == b"SELECT":
            if b'"INBOX"' not in command:
                return [tag + b" NO no such folder"]
            return [b"* %d EXISTS" % len(self.mails), tag + b" OK [READ-WRITE] open"]
        if name == b"UID":
            return [*self._uid(command), tag + b" OK done"]
        if name == b"CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1", tag + b" OK done"]
        if name == b"LOGOUT":
            return [b"* BYE", tag + b" OK bye"]
        return [tag + b" BAD unknown"]

    def _uid(self, command: bytes) -> list[bytes]:
        found = _UID.match(command)
        assert found is not None, command
        if found[1] == b"SEARCH":
            unseen = sorted(self.mails.keys() - self.seen)
            return [b"* SEARCH " + b" ".join(b"%d" % uid for uid in unseen)]
        uid = int(found[2])
        if found[1] == b"STORE":
            assert rb"(\Seen)" in command
            self.seen.add(uid)
            return []
        if uid in self.gone:
            return []
        length = _LENGTH.search(command)
        assert length is not None
        assert b"BODY.PEEK[]" in command
        content = self.mails[uid][: int(length[1])]
        return [b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)" % (uid, len(content), content)]


@contextlib.contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Run a server, that speaks TLS from the start where it is given a context."""
    listening = socket.create_server((HOST, 0))
    server = MailServer(port=listening.getsockname()[1])
    ends = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, listening, tls, ends), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        ends.set()
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, server.port), timeout=1).close()
        thread.join()
        listening.close()


def _serve(
    server: MailServer, listening: socket.socket, tls: ssl.SSLContext | None, ends: threading.Event
) -> None:
    while not ends.is_set():
        connection, _address = listening.accept()
        with contextlib.suppress(OSError):
            if tls is not None and not ends.is_set():
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                _talk(server, connection)


def _talk(server: MailServer, connection: socket.socket) -> None:
    connection.sendall(b"* OK ready\r\n")
    with connection.makefile("rb") as theirs:
        for line in theirs:
            tag, _space, command = line.strip().partition(b" ")
            answers = server.answer(tag, command)
            if answers is None:
                return
            for answer in answers:
                connection.sendall(answer + b"\r\n")
            if command.upper().startswith(b"LOGOUT"):
                return
