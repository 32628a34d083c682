"""``billhook serve``: the pages."""

import signal
import socket
from typing import TYPE_CHECKING

import click

from billhook.cli.session import application, configuration, program
from billhook.errors import Conflict
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from flask import Flask

HOST = "127.0.0.1"
MOST_CONNECTIONS = 4_000
"""Browsers keep theirs open while people read; a full house would shut the next one out."""
PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    envvar="BILLHOOK_PORT",
    help="Port; BILLHOOK_PORT.",
)


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@PORT
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    help="How many requests at once.",
)
def serve(host: str, port: int, threads: int) -> None:
    """Serve the pages, and without Redis do the work.

    \b
    billhook serve
    BILLHOOK_PORT=9000 billhook serve

    Next: open the address that it prints; billhook people invite makes a log-in.
    """
    refuse_taken(host, port)
    with application() as found:
        app = found
    click.echo(_("Serving on http://%(host)s:%(port)s – Ctrl-C stops.", host=host, port=port))
    answer(app, host=host, port=port, threads=threads)


def refuse_taken(host: str, port: int) -> None:
    """Raises Conflict where another program listens, before anything that takes time."""
    try:
        family, *_kind, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Conflict(
            _(
                "Nothing can listen on %(host)s:%(port)s: %(reason)s. Stop what runs there, or "
                "take another port, such as BILLHOOK_PORT=%(other)s",
                host=host,
                port=port,
                reason=error.strerror,
                other=9000 if port != 9000 else 8000,
            )
        ) from None


def answer(app: "Flask", *, host: str, port: int, threads: int) -> None:
    """Answer requests, and without Redis do the jobs, until Ctrl-C or SIGTERM."""
    import waitress

    working = program().background(app, configuration())
    for one in working:
        one.start()
    for told_to_stop in (signal.SIGINT, signal.SIGTERM):  # also where a shell had them ignored
        signal.signal(told_to_stop, signal.default_int_handler)
    try:
        waitress.serve(
            app,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            connection_limit=MOST_CONNECTIONS,
            backlog=MOST_CONNECTIONS,
            asyncore_use_poll=True,  # select() ends at 1,024
        )
    finally:
        for one in reversed(working):
            one.stop()
