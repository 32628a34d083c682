"""``billhook worker``: does what waits in the outbox."""

import click

from billhook.cli.session import application, program


@click.command()
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many pieces of work are done at once.",
)
def worker(processes: int) -> None:
    """Do jobs and send webhooks, until Ctrl-C.

    \b
    billhook worker --processes 4

    Without BILLHOOK_REDIS_URL it drains in its processes; with it, RQ does the work.
    Any number may run. Every command and “serve” drain by themselves when there is
    no Redis, so that one machine needs no worker.
    """
    with application() as found:
        app = found
    program().work(app, processes)
