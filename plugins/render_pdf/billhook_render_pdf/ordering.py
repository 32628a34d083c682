"""Orders to the warm process, which is started where there is none."""

import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from billhook_render_pdf import bounds
from billhook_render_pdf.door import SOCKET, is_same_user
from billhook_render_pdf.wire import Answer, Gone, Order, receive_answer, send_order

_PACKAGE = Path(__file__).parent
_PASSED_ON = ("PATH", "PYTHONPATH", "TMPDIR", "LD_LIBRARY_PATH")
"""What of the environment the warm process gets; secrets are not among it."""


class NoKeeper(Exception):
    """The warm process cannot be started here; says why."""


def printed(order: Order) -> Answer:
    """Have a page printed. Raises NoKeeper, Gone, TimeoutError."""
    try:
        return _asked(order)
    except Gone:  # the keeper ended or was killed meanwhile; a new one has no such excuse
        return _asked(order)


def _asked(order: Order) -> Answer:
    with _line() as line:
        line.settimeout(bounds.ANSWER.total_seconds())
        send_order(line, order)
        return receive_answer(line)


@contextmanager
def _line() -> Iterator[socket.socket]:
    folder = private_folder()
    line = _connected(folder) or _started(folder)
    with line:
        if not is_same_user(line):
            raise Gone
        yield line


def _connected(folder: Path) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(bounds.ANSWER.total_seconds())
    try:
        line.connect(str(folder / SOCKET))
    except (FileNotFoundError, ConnectionRefusedError):
        line.close()
        return None
    return line


def _started(folder: Path) -> socket.socket:
    """Start the keeper and connect. Of several that try at once, one starts it."""
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = _connected(folder)
        if line is None:
            _start(folder)
            line = _connected(folder)
    if line is None:
        raise Gone
    return line


def _start(folder: Path) -> None:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with open(folder / "log", "wb") as log:
        try:
            subprocess.run(
                [sys.executable, "-m", "billhook_render_pdf.keeper", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=environment | {"LANG": "C.UTF-8"},
                start_new_session=True,
                timeout=bounds.START.total_seconds(),
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NoKeeper(_last_line(folder / "log") or str(error)) from error


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def private_folder() -> Path:
    """Return the folder of the keeper of this user and this version; nobody else may enter it.

    Raises NoKeeper.
    """
    folder = Path(tempfile.gettempdir()) / f"billhook-pdf-{os.geteuid()}-{_version()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise NoKeeper(str(error)) from error
    if found.st_uid != os.geteuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise NoKeeper(f"{folder} belongs to somebody else")
    return folder


@lru_cache(maxsize=1)
def _version() -> str:
    """Tell installations and versions apart: a keeper must not outlive an upgrade."""
    files = sorted(_PACKAGE.glob("*.py"))
    said = [sys.executable, str(_PACKAGE), *(str(path.stat().st_mtime_ns) for path in files)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]
