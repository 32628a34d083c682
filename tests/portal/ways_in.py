"""What the tests of the way in share: links out of mails, apps, and browsers behind them."""

import re
from uuid import UUID

import pyotp
from sqlalchemy import select, update

from billhook.backlog import EXTENSION
from billhook.db import db
from billhook.models.clients import ClientFactor
from billhook.portal import resetting
from billhook.services import contacts
from billhook.services.contacts import ContactInput
from billhook.services.portal import factors, logging_in, sessions
from billhook.services.portal.clients import Client
from billhook.testing.members import PASSWORD
from billhook.testing.portals import PortalBrowser

ANOTHER = "another long password"
LINK = re.compile(r"https?://[^\s\"<>]+/portal/[a-z]+(/(?:invitation|reset)/[\w-]+)")


def link_in(memo) -> str:
    """Return the path of the link in a mail, below the portal's root."""
    found = LINK.search(memo.message.text)
    assert found, memo.message.text
    return found[1]


def entered(ctx, email: str, password: str = PASSWORD) -> Client:
    """Log a contact in, and return them as their session has them."""
    found = sessions.resume(ctx, logging_in.log_in(ctx, email, password))
    assert found is not None
    return found


def set_up_app(ctx, email: str) -> tuple[pyotp.TOTP, list[str]]:
    """Give a contact an authenticator app; return it and the recovery codes."""
    client = entered(ctx, email)
    with client.ctx.acting():
        app = pyotp.TOTP(factors.offer(client).secret)
        codes = factors.confirm(client, app.now())
    return app, codes


def fresh_code(ctx, app: pyotp.TOTP, contact_id: UUID) -> str:
    """Return a code that was not taken yet: all that were are forgotten."""
    with ctx.acting(), ctx.transaction() as session:
        session.execute(
            update(ClientFactor).where(ClientFactor.contact_id == contact_id).values(uses=0)
        )
    return app.now()


def newcomer_of(office) -> UUID:
    """Add a contact of Ann's whom nobody invited yet."""
    given = ContactInput(name="Zoe Ann", email="zoe@ann.example")
    return contacts.add(office.ctx, office.kept.customers["ann"], given).id


def session_of(browser: PortalBrowser) -> str:
    """Return the token of a browser's session."""
    (found,) = (
        one.value for one in browser.client._cookies.values() if one.key == "billhook_client"
    )
    return found


def settle() -> None:
    """Wait until what forms asked for is looked up."""
    resetting.desk.submit(lambda: None).result(timeout=30)


def write_late(office) -> None:
    """Write what was noted, as the server does within a second."""
    office.app.extensions[EXTENSION].flush()
    db.session.rollback()


def rows(kind, contact_id: UUID) -> int:
    """Count a contact's rows of a table."""
    db.session.rollback()
    return len(db.session.scalars(select(kind).where(kind.contact_id == contact_id)).all())
