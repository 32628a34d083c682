"""Clients at the portal, for tests: contacts with accounts, and browsers in which they have logged in."""

from collections.abc import Sequence
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.ids import new_id
from billhook.models.clients import ClientCredential
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import passwords
from billhook.services.portal import clients
from billhook.services.portal.clients import Client
from billhook.testing.browser import Browser
from billhook.testing.members import PASSWORD

ALL = tuple(PortalRight)


def make_client(
    ctx: Context,
    customer_id: UUID,
    email: str,
    *,
    name: str = "Eve Client",
    rights: Sequence[PortalRight] = ALL,
) -> UUID:
    """Make a contact with an account, whose password is PASSWORD; return its id."""
    contact_id = new_id()
    with ctx.transaction() as session:
        session.add(
            Contact(
                tenant_id=ctx.tenant.id,
                id=contact_id,
                customer_id=customer_id,
                name=name,
                email=email,
                phone="",
                receives="",
                portal_rights=[right.value for right in rights],
            )
        )
        session.flush()
        session.add(
            ClientCredential(
                tenant_id=ctx.tenant.id,
                contact_id=contact_id,
                password_hash=_hash(),
                changed_at=SystemClock().now(),
            )
        )
    return contact_id


_hashes: list[str] = []


def _hash() -> str:
    """Hash the password once: that is slow on purpose."""
    if not _hashes:
        _hashes.append(passwords.hash_of(PASSWORD))
    return _hashes[0]


def client_of(ctx: Context, contact_id: UUID) -> Client:
    """Return a contact as services see them; enter it by `client.ctx.acting()`."""
    db.session.rollback()
    found = clients.of_contact(ctx, contact_id)
    assert found is not None
    return found


class PortalBrowser(Browser):
    """A browser at one tenant's portal: paths begin after `/portal/<tenant>`."""

    def __init__(self, client: FlaskClient, slug: str, *, address: str = "127.0.0.1") -> None:
        super().__init__(client, address=address)
        self.root = f"/portal/{slug}"

    def at(self, path: str) -> str:
        """Return a path of the portal as the server knows it."""
        return path if path.startswith(self.root) else f"{self.root}{path}"

    def log_in(self, email: str, password: str = PASSWORD, *, wanted: str = "") -> TestResponse:
        path = self.at("/log-in" + (f"?next={wanted}" if wanted else ""))
        return self.send(path, {"email": email, "password": password})

    def token(self, page: str = "/log-in") -> str:
        return super().token(self.at(page))

    def get(self, path: str, **options: object) -> TestResponse:
        return super().get(self.at(path), **options)

    def post(self, path: str, data: object = None, **options: object) -> TestResponse:
        return super().post(self.at(path), data, **options)  # type: ignore[arg-type]
