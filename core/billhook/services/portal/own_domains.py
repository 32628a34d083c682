"""Own domains that are proved: which tenant's portal a host name is, and which name a portal has."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.models.portal import PortalDomain
from billhook.models.tenants import Tenant
from billhook.sdk.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a host name leads."""

    slug: str
    """The tenant's."""
    brand_id: UUID | None
    """Whose face strangers see there; the default brand's where empty."""


def proved() -> dict[str, Place]:
    """Return all proved domains of the installation with where each leads; before any tenant is known."""
    rows = db.session.execute(
        select(PortalDomain.domain, Tenant.slug, PortalDomain.brand_id)
        .join(Tenant, Tenant.id == PortalDomain.tenant_id)
        .where(PortalDomain.verified_at.is_not(None))
    )
    return {row.domain: Place(slug=row.slug, brand_id=row.brand_id) for row in rows}


def is_proved(domain: str) -> bool:
    """Tell whether a portal of the installation answers at a domain, as it is now."""
    found = select(PortalDomain.domain).where(
        PortalDomain.domain == domain, PortalDomain.verified_at.is_not(None)
    )
    return db.session.scalar(found) is not None


def domain_of(ctx: Context, brand_id: UUID | None = None) -> str:
    """Return the domain of the tenant's portal: the brand's, else one for all, else any; empty for none."""
    rows = db.session.execute(
        select(PortalDomain.domain, PortalDomain.brand_id)
        .where(PortalDomain.tenant_id == ctx.tenant.id, PortalDomain.verified_at.is_not(None))
        .order_by(PortalDomain.verified_at, PortalDomain.domain)
    ).all()
    wanted = (brand_id, None) if brand_id else (None,)
    chosen = (row.domain for brand in wanted for row in rows if row.brand_id == brand)
    return next(chosen, rows[0].domain if rows else "")
