"""The warm process: started once, found by all, replaced when it is gone, and gone when nobody comes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest

from billhook.errors import Retryable
from billhook_render_pdf import bounds, fonts, keeper, ordering
from billhook_render_pdf.wire import Order

GOOD = "<p>Good</p>"
PRINT = """
import sys
from pathlib import Path
from billhook_render_pdf import ordering
from billhook_render_pdf.wire import Order
ordering.private_folder = lambda: Path(sys.argv[1])
print(ordering.printed(Order(html=b"<p>Good</p>")).outcome)
"""


def folder() -> Path:
    return ordering.private_folder()


def test_several_that_come_at_once_start_one_keeper(keepers):
    comers = [
        subprocess.Popen([sys.executable, "-c", PRINT, str(folder())], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [comer.communicate()[0].strip() for comer in comers] == [b"printed"] * 4
    assert len(keepers()) == 1


def test_a_keeper_that_was_killed_is_replaced(rendered, keepers):
    assert rendered(GOOD).content
    (first,) = keepers()
    os.kill(first, signal.SIGKILL)
    assert rendered(GOOD).content
    (second,) = keepers()
    assert second != first


def test_one_that_goes_twice_is_worth_another_try_later(rendered, private_keeper, monkeypatch):
    def hangs_up(*_arguments):
        here, there = socket.socketpair()
        there.close()
        return here

    monkeypatch.setattr(ordering, "_connected", hangs_up)
    with pytest.raises(Retryable, match="tried again"):
        rendered(GOOD)


def test_it_ends_when_nobody_comes(private_keeper):
    pid = private_keeper(IDLE=timedelta(seconds=0.2))
    assert os.waitpid(pid, 0) == (pid, 0)
    assert not (folder() / keeper.SOCKET).exists()


def test_it_ends_when_its_folder_is_gone(private_keeper):
    pid = private_keeper(IDLE=timedelta(hours=1))
    (folder() / keeper.SOCKET).unlink()
    assert os.waitpid(pid, 0) == (pid, 0)


def test_it_knows_no_secrets(rendered, keepers, monkeypatch):
    monkeypatch.setenv("BILLHOOK_SECRET_KEYS", "hush")
    rendered(GOOD)
    (pid,) = keepers()
    assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_nothing_is_left_of_a_page(rendered, private_keeper):
    rendered('<img src="resource:a.png"/><p>x</p>', {"a.png": b"x"})
    deadline = time.monotonic() + 10
    while list(folder().glob("page-*")) and time.monotonic() < deadline:
        time.sleep(0.01)  # the answer comes before the keeper has cleared up
    assert not list(folder().glob("page-*"))


def test_a_folder_that_others_may_enter_is_not_used(monkeypatch, tmp_path, rendered):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ordering.private_folder().chmod(0o755)
    with pytest.raises(Retryable, match="belongs to somebody else"):
        rendered(GOOD)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_gets_no_answer(private_keeper):
    private_keeper()
    folder().chmod(0o711)
    (folder() / keeper.SOCKET).chmod(0o666)
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setresuid(65534, 65534, 65534)
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(folder() / keeper.SOCKET))
            line.settimeout(10)
            os.write(writing, b"hung up" if line.recv(1) == b"" else b"answered")
        os._exit(0)
    assert os.read(reading, 100) == b"hung up"
    os.wait()


def test_a_printer_that_takes_too_long_is_ended_by_the_keeper(private_keeper):
    private_keeper(WALL=timedelta(seconds=1), MEMORY_BYTES=16 * bounds.MEMORY_BYTES)
    endless = Order(html=b"<p>" + b"x" * 3_000_000)
    assert ordering.printed(endless).outcome == "too_long"
    assert ordering.printed(Order(html=GOOD.encode())).outcome == "printed"


def test_a_batch_is_answered_in_order(page, private_keeper):
    from billhook_render_pdf.renderer import PdfRenderer

    answers = PdfRenderer(None).render([page(f"<p>{n}</p>" * n) for n in (1, 50, 3, 2)])
    sizes = [len(answer.content) for answer in answers]
    assert sizes[1] == max(sizes)
    assert PdfRenderer(None).render([]) == []


def test_missing_fonts_are_said_plainly(rendered, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(Retryable, match="fonts for PDFs are not installed"):
        rendered(GOOD)
