"""What a process that prints cannot do, by each fence alone."""

import ctypes
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from billhook_render_pdf import fences

HAS_LANDLOCK = ctypes.CDLL(None).syscall(fences._CREATE_RULESET, None, 0, 1) > 0


def forked(work: Callable[[], object]) -> str:
    """Do something in a process of its own; return the name of the error, or nothing."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        told = b""
        try:
            work()
        except BaseException as error:
            told = type(error).__name__.encode()
        os.write(writing, told)
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answer:
        told = answer.read().decode()
    os.waitpid(pid, 0)
    return told


ACTS = {
    "read a file": lambda: Path("/etc/hostname").read_bytes(),
    "read by descriptor": lambda: os.open("/etc/hostname", os.O_RDONLY),
    "write elsewhere": lambda: Path("/tmp/billhook-escaped").write_bytes(b"x"),
    "call": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
    "look a name up": lambda: socket.getaddrinfo("localhost", 80),
    "start a program": lambda: subprocess.run(["/bin/true"]),
    "run a command": lambda: os.system("true"),
    "fork": os.fork,
    "load a library": lambda: ctypes.CDLL("libc.so.6"),
    "climb out": lambda: Path(os.getcwd(), "../../../../etc/hostname").read_bytes(),
}


@pytest.mark.parametrize("act", ACTS)
def test_shut_in_it_cannot(act, tmp_path):
    def work():
        fences.shut_in(tmp_path)
        ACTS[act]()

    assert forked(work) == "PermissionError"


@pytest.mark.skipif(not HAS_LANDLOCK, reason="this kernel has no Landlock")
@pytest.mark.parametrize("act", ["read a file", "read by descriptor", "write elsewhere"])
def test_the_kernel_alone_holds_files_back(act, tmp_path):
    def work():
        fences._restrict_by_kernel([str(tmp_path)], tmp_path)
        ACTS[act]()

    assert forked(work) == "PermissionError"


def test_it_can_do_its_work(tmp_path):
    def work():
        fences.shut_in(tmp_path)
        (tmp_path / "picture.png").write_bytes(b"x")
        assert (tmp_path / "picture.png").read_bytes() == b"x"
        import wave  # noqa: F401

    assert "wave" not in sys.modules
    assert forked(work) == ""


def test_what_it_uses_is_limited(tmp_path):
    def work():
        fences.limit_use()
        bytearray(2 * 1024**3)

    assert forked(work) == "MemoryError"
