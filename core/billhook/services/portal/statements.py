"""A client's statement of open items, as of today."""

from dataclasses import dataclass

from billhook.domain.brands import BankAccount
from billhook.domain.statements import Statement
from billhook.services import statement_papers, statements
from billhook.services.portal import clients, log
from billhook.services.portal.clients import Client
from billhook.services.portal.log import PortalAct
from billhook.services.presenting.paying import accounts_of
from billhook.services.rendering import RenderedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A statement, and where the money goes."""

    statement: Statement
    accounts: tuple[BankAccount, ...]
    """Those of the brand that take a currency in which something is to be paid."""


def seen(client: Client) -> Seen:
    """Return what the client pays, and note that it was seen."""
    client.require(clients.SEE)
    statement = statements.read(client.ctx, client.customer_id, client.customer_ids)
    brand = statement_papers.brand_of(client.ctx, statement)
    log.note(client, PortalAct.STATEMENT_SEEN)
    return Seen(statement=statement, accounts=accounts_of(brand, statement))


def printed(client: Client) -> RenderedFile:
    """Render the statement in the client's language; outside any transaction.

    Raises PluginUnavailable, PluginFailed, Retryable, Rejected, ThemeMissing.
    """
    client.require(clients.SEE)
    statement = statements.read(client.ctx, client.customer_id, client.customer_ids)
    made = statement_papers.rendered(client.ctx, statement, language=client.language)
    log.note(client, PortalAct.STATEMENT_DOWNLOADED)
    return made
