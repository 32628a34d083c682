"""The program: the command line with the application that it starts.

``billhook`` and ``python -m billhook`` are both this. Only what a command needs
is imported, so that ``--help`` is quick.
"""

from typing import TYPE_CHECKING

from billhook.cli.main import billhook
from billhook.cli.session import Program

if TYPE_CHECKING:
    from flask import Flask

    from billhook.cli.session import Drainer
    from billhook.config import Config


def main() -> None:
    """Run the command line of this process."""
    billhook(prog_name="billhook", obj=PROGRAM)


def _create_app(config: "Config") -> "Flask":
    from billhook.app import create_app

    return create_app(config)


def _drain() -> int:
    from billhook.jobs.drainer import drain

    return drain().failed


def _work(app: "Flask", processes: int) -> None:
    from billhook.jobs.worker import work

    work(app, processes)


def _drainer(app: "Flask") -> "Drainer":
    from billhook.app import DRAINER

    drainer: Drainer = app.extensions[DRAINER]
    return drainer


PROGRAM = Program(create_app=_create_app, drain=_drain, work=_work, drainer=_drainer)

if __name__ == "__main__":
    main()
