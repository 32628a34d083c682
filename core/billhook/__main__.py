"""The program: the command line with the application that it starts.

``billhook`` and ``python -m billhook`` are both this. Only what a command needs
is imported, so that ``--help`` is quick.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from billhook.cli.main import billhook
from billhook.cli.session import Program

if TYPE_CHECKING:
    from flask import Flask

    from billhook.cli.session import Background
    from billhook.config import Config


def main() -> None:
    """Run the command line of this process."""
    billhook(prog_name="billhook", obj=PROGRAM)


def _create_app(config: "Config") -> "Flask":
    from billhook.app import create_app

    return create_app(config)


def _drain() -> int:
    from flask import current_app

    from billhook.app import SENDER
    from billhook.jobs.drainer import drain

    failed = drain().failed
    current_app.extensions[SENDER].send_due()
    return failed


def _work(app: "Flask", processes: int) -> None:
    from billhook.jobs.worker import work

    work(app, processes)


def _background(app: "Flask", config: "Config") -> Sequence["Background"]:
    """Return the drainer first: it forks, which threads do not like. With Redis, workers drain."""
    from billhook.app import DRAINER, SENDER
    from billhook.backlog import backlog_of

    draining = (app.extensions[DRAINER], app.extensions[SENDER]) if config.is_embedded else ()
    return *draining, backlog_of(app)


PROGRAM = Program(create_app=_create_app, drain=_drain, work=_work, background=_background)

if __name__ == "__main__":
    main()
