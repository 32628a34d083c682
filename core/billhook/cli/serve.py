"""``billhook serve``: the pages."""

import signal

import click

from billhook.cli.session import application, configuration, program
from billhook.i18n import gettext as _


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    envvar="BILLHOOK_PORT",
    help="Port; BILLHOOK_PORT.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    help="How many requests at once.",
)
def serve(host: str, port: int, threads: int) -> None:
    """Serve the pages, and without Redis do the jobs, too.

    \b
    billhook serve
    BILLHOOK_PORT=9000 billhook serve

    Next: open the address that it prints; billhook people invite makes a log-in.
    """
    import waitress

    with application() as found:
        app, is_embedded = found, configuration().is_embedded
    drainer = program().drainer(app) if is_embedded else None
    if drainer is not None:
        drainer.start()
    for told_to_stop in (signal.SIGINT, signal.SIGTERM):  # also where a shell had them ignored
        signal.signal(told_to_stop, signal.default_int_handler)
    click.echo(_("Serving on http://%(host)s:%(port)s – Ctrl-C stops.", host=host, port=port))
    try:
        waitress.serve(app, host=host, port=port, threads=threads, ident=None)
    finally:
        if drainer is not None:
            drainer.stop()
