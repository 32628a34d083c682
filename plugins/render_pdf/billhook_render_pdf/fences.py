"""What holds a process that prints: it may read Python's own files and write one folder, nothing more.

Three fences, since each has gaps: limits of the kernel on what it may use, Landlock
(Linux 5.13 and newer) on files and, from 6.7, connections; and an audit hook of
Python, which works everywhere but only sees what Python does.
"""

import ctypes
import os
import resource
import sys
import sysconfig
from pathlib import Path

from billhook_render_pdf import bounds

_PACKAGE = Path(__file__).parent


def limit_use() -> None:
    """Set the kernel's limits for this process."""
    cpu = int(bounds.CPU.total_seconds())
    for kind, soft, hard in (
        (resource.RLIMIT_AS, bounds.MEMORY_BYTES, bounds.MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu, cpu + 5),  # the soft one ends with a signal that tells why
        (resource.RLIMIT_FSIZE, bounds.FILE_BYTES, bounds.FILE_BYTES),
        (resource.RLIMIT_NOFILE, bounds.OPEN_FILES, bounds.OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))


def shut_in(folder: Path) -> None:
    """Take away every file but Python's own, for reading, and the folder; and the network."""
    readable = [str(path) for path in _readable()]
    _restrict_by_kernel(readable, folder)
    sys.addaudithook(_Guard(readable, folder))


def _readable() -> list[Path]:
    """Folders of modules and their data: a library may import something late."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {Path(sysconfig.get_path(name)) for name in names} | {_PACKAGE}
    folders |= {Path(sys.modules[name].__path__[0]).parent for name in ("xhtml2pdf", "PIL")}
    return [folder.resolve() for folder in folders if folder.is_dir()]


class _Guard:
    """Python's audit hook; it cannot be taken off again."""

    def __init__(self, readable: list[str], folder: Path) -> None:
        self._writable = f"{folder.resolve()}{os.sep}"
        self._readable = (*(f"{place}{os.sep}" for place in readable), self._writable)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            self._open(arguments[0], arguments[2])
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not allowed while a page is printed")

    def _open(self, path: object, flags: object) -> None:
        if isinstance(path, int):
            return
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        place = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        if not f"{place}{os.sep}".startswith(self._writable if writes else self._readable):
            raise PermissionError(f"{place} is not for pages")


_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.kill",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "ctypes.",
    "pty.",
    "signal.pthread_kill",
    "urllib.Request",
    "http.client.",
    "ftplib.",
    "smtplib.",
)

# Landlock: numbers of the kernel's interface, the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_READ = 0b1101  # execute (needed to map libraries), read file, read directory
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files that a version of Landlock knows."""
_NETWORK_SINCE, _NETWORK_RIGHTS = 4, 0b11  # bind and connect by TCP


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def _restrict_by_kernel(readable: list[str], folder: Path) -> None:
    """Do nothing where the kernel is too old or built without it: the audit hook remains."""
    system = ctypes.CDLL(None, use_errno=True)
    version = system.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    if version < 1:
        return
    rights = max(mask for since, mask in _FILE_RIGHTS.items() if since <= version)
    ruleset = _Ruleset(rights, _NETWORK_RIGHTS if version >= _NETWORK_SINCE else 0)
    size = ctypes.sizeof(ruleset) if version >= _NETWORK_SINCE else 8
    rules = _done(system.syscall(_CREATE_RULESET, ctypes.byref(ruleset), size, 0))
    for place in readable:
        _allow(system, rules, place, _READ)
    _allow(system, rules, str(folder), rights)
    _done(system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _done(system.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _allow(system: ctypes.CDLL, rules: int, place: str, rights: int) -> None:
    folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
    beneath = _Beneath(rights, folder)
    _done(system.syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(beneath), 0))
    os.close(folder)


def _done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
