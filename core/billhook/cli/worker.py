"""``billhook worker``: does what waits in the outbox."""

import click

from billhook.cli.session import application, program


@click.command()
def worker() -> None:
    """Do events and jobs until Ctrl-C or SIGTERM.

    \b
    billhook worker

    Without BILLHOOK_REDIS_URL it drains in this process; with it, RQ does the work.
    Any number may run. Every command and “serve” drain by themselves when there is
    no Redis, so that one machine needs no worker.
    """
    with application() as found:
        app = found
    program().work(app)
