"""The warm process: it has the libraries and fonts loaded, and forks a process for every page.

`python -m billhook_render_pdf.keeper FOLDER` returns once it listens; the process
itself goes on in the background, and ends when nothing has come for a while.
"""

import gc
import os
import selectors
import shutil
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from billhook_render_pdf import bounds, fences, printing
from billhook_render_pdf.door import SOCKET, is_same_user
from billhook_render_pdf.wire import Answer, Gone, Outcome, receive_order, send_answer

PLACES = 2 * (os.cpu_count() or 1)
"""How many pages are printed at once; others wait at the door."""
_ENDINGS = {
    -signal.SIGXCPU: Outcome.TOO_LONG,
    -signal.SIGALRM: Outcome.TOO_LONG,
    -signal.SIGKILL: Outcome.TOO_LARGE,
}


@dataclass(slots=True)
class Printer:
    """A process that prints one page, as the keeper sees it."""

    pid: int
    customer: socket.socket
    folder: Path
    alive: int
    """A pipe that ends when the process does; a byte in it says that the answer has begun."""
    until: float
    is_overdue: bool = False
    is_answering: bool = False


class Keeper:
    """Waits for orders, forks printers, and tells a customer when one died."""

    def __init__(self, folder: Path, door: socket.socket) -> None:
        self._folder = folder
        self._door = door
        self._inode = (folder / SOCKET).stat().st_ino
        self._printers: dict[int, Printer] = {}
        self._selector = selectors.DefaultSelector()
        self._is_open = False

    def keep(self) -> None:
        """Serve until nobody has come for a while or the door is gone."""
        last = time.monotonic()
        while self._printers or (self._is_ours() and time.monotonic() - last < _seconds_idle()):
            self._mind_the_door()
            for key, _events in self._selector.select(timeout=1):
                last = time.monotonic()
                if key.data is None:
                    self._admit()
                else:
                    self._heard(key.data)
            self._end_the_overdue()
        if self._is_ours():
            (self._folder / SOCKET).unlink()
        self._door.close()

    def _is_ours(self) -> bool:
        with suppress(OSError):
            return (self._folder / SOCKET).stat().st_ino == self._inode
        return False

    def _mind_the_door(self) -> None:
        has_place = len(self._printers) < PLACES
        if has_place and not self._is_open:
            self._selector.register(self._door, selectors.EVENT_READ)
        if self._is_open and not has_place:
            self._selector.unregister(self._door)
        self._is_open = has_place

    def _admit(self) -> None:
        customer, _address = self._door.accept()
        if not is_same_user(customer):
            customer.close()
            return
        alive, theirs = os.pipe()
        folder = self._folder / f"page-{time.monotonic_ns()}"
        folder.mkdir(mode=0o700)
        pid = os.fork()
        if pid == 0:
            self._leave_to(customer, theirs)
            os.close(alive)
            _print(customer, folder, theirs)
        os.close(theirs)
        until = time.monotonic() + bounds.WALL.total_seconds()
        printer = Printer(pid=pid, customer=customer, folder=folder, alive=alive, until=until)
        self._printers[pid] = printer
        self._selector.register(alive, selectors.EVENT_READ, printer)

    def _leave_to(self, customer: socket.socket, pipe: int) -> None:
        """In a printer: close all that belongs to the keeper and to other pages."""
        self._selector.close()
        self._door.close()
        for printer in self._printers.values():
            printer.customer.close()
            os.close(printer.alive)

    def _heard(self, printer: Printer) -> None:
        if os.read(printer.alive, 1):
            printer.is_answering = True
            return
        self._selector.unregister(printer.alive)
        os.close(printer.alive)
        del self._printers[printer.pid]
        code = os.waitstatus_to_exitcode(os.waitpid(printer.pid, 0)[1])
        if code and not printer.is_answering:
            outcome = _ENDINGS.get(-signal.SIGALRM if printer.is_overdue else code)
            reason = "" if outcome else f"status {code}"
            with suppress(Gone):
                answer = Answer(outcome=outcome or Outcome.UNPRINTABLE, reason=reason)
                send_answer(printer.customer, answer)
        printer.customer.close()
        shutil.rmtree(printer.folder, ignore_errors=True)

    def _end_the_overdue(self) -> None:
        now = time.monotonic()
        for printer in self._printers.values():
            if now > printer.until:
                printer.is_overdue = True
                os.kill(printer.pid, signal.SIGKILL)


def _seconds_idle() -> float:
    return bounds.IDLE.total_seconds()


def _print(customer: socket.socket, folder: Path, pipe: int) -> NoReturn:
    """Be a printer: take an order, print it behind the fences, answer, end."""
    code = 1
    try:
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        fences.limit_use()
        customer.settimeout(bounds.WALL.total_seconds())
        order = receive_order(customer)
        fences.shut_in(folder)
        answer = printing.print_order(order, folder)
        os.write(pipe, b"a")
        send_answer(customer, answer)
        code = 0
    except Gone:
        code = 0  # nobody waits for it any more
    except BaseException:  # told by the status; the process has nobody to raise it to
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def listen(folder: Path) -> socket.socket:
    """Open the door: it appears whole, in place of one that a dead keeper left."""
    made = folder / f"{SOCKET}.{os.getpid()}"
    made.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(made))
    made.chmod(0o600)
    door.listen(128)
    made.rename(folder / SOCKET)
    return door


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0])
    printing.warm()
    door = listen(folder)
    if os.fork():
        os._exit(0)  # ready: whoever started us goes on
    gc.collect()
    gc.freeze()  # else the collector of each printer copies all memory
    gc.disable()
    Keeper(folder, door).keep()


if __name__ == "__main__":
    main(sys.argv[1:])
