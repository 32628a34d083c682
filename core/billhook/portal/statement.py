"""The statement of open items: what is to be paid as of today, as page and as PDF."""

from flask import Blueprint
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.i18n import gettext as _
from billhook.portal.access import client, here
from billhook.portal.rendering import page
from billhook.services.portal import clients, statements
from billhook.services.presenting.paying import grouped
from billhook.throttling import limiter

blueprint = Blueprint("statement", __name__)

PER_CLIENT = "10 per minute"
"""How often a client can have a PDF made: each takes the machine's full attention for a moment."""


def _payer() -> str:
    return f"statement {here().customer_id}"


@blueprint.get("/statement")
@client(clients.SEE)
def show() -> str:
    """Show what is open, and for how long."""
    seen = statements.seen(here())
    return page(
        "portal/statement.html",
        title=_("Statement"),
        statement=seen.statement,
        accounts=seen.accounts,
        grouped=grouped,
    )


@blueprint.get("/statement.pdf")
@client(clients.SEE)
def pdf() -> Response:
    """Print what is open."""
    with limiter.limit(PER_CLIENT, key_func=_payer):
        made = statements.printed(here())
    return downloads.saved(made)
