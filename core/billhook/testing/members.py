"""Tenants with people in them, for tests: made by the services that people use."""

from dataclasses import dataclass
from uuid import UUID

from billhook.sdk.context import Context
from billhook.services import invitations, tenants
from billhook.services.contexts import member_context, operator_context
from billhook.services.permissions import ADMIN

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person who works in a tenant."""

    person_id: UUID
    tenant_id: UUID
    email: str
    password: str = PASSWORD

    @property
    def ctx(self) -> Context:
        """Return their context, as it is now."""
        return member_context(self.person_id, self.tenant_id, address="192.0.2.7")


def open_tenant(slug: str = "shop", **wanted: object) -> Context:
    """Open a tenant with the plugins that are installed; return the operator's context."""
    given = {
        "slug": slug,
        "name": f"{slug.title()} Ltd",
        "country": "GB",
        "currency": "GBP",
        "vat_id": "GB980780684",
        **wanted,
    }
    return tenants.create(tenants.NewTenant(**given)).context  # type: ignore[arg-type]


def invite(slug: str, email: str, *, role: str = ADMIN) -> str:
    """Invite somebody as the operator; return the token of their link."""
    ctx = operator_context(slug)
    with ctx.acting():
        invitation = invitations.invite(ctx, email=email, name=email.partition("@")[0], role=role)
    return invitation.link.rpartition("/")[2]


def join(slug: str, email: str, *, role: str = ADMIN, password: str = PASSWORD) -> Somebody:
    """Let somebody be invited and take their seat."""
    person_id = invitations.accept(invite(slug, email, role=role), password)
    return Somebody(
        person_id=person_id,
        tenant_id=operator_context(slug).tenant.id,
        email=email,
        password=password,
    )
