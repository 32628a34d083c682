"""The portal's door: whose portal an address is, before anybody has said who they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from billhook import limits
from billhook.db import db, tenant_scope
from billhook.models.tenants import Tenant
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services.contexts import context_in
from billhook.services.portal import settings
from billhook.services.portal.settings import PortalSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A tenant's portal as somebody who has not logged in finds it."""

    ctx: Context
    """Of a guest, who may do nothing."""
    settings: PortalSettings


@contextmanager
def opened(
    slug: str, *, address: str = "", request_id: UUID | None = None
) -> Iterator[Portal | None]:
    """Let the block act at a tenant's portal; None where there is no such tenant, or it keeps it closed."""
    tenant = _tenant_of(slug)
    if tenant is None:
        yield None
        return
    actor = Actor(kind=ActorKind.GUEST, address=address)
    with tenant_scope(tenant.id):
        ctx = context_in(tenant, actor, frozenset(), request_id=request_id)
        found = Portal(ctx=ctx, settings=settings.current())
        if found.settings.is_open:
            with ctx.acting():
                yield found
            return
    yield None


def _tenant_of(slug: str) -> Tenant | None:
    return db.session.scalar(_by_slug(), {"wanted": slug}) if len(slug) <= limits.CODE else None


@cache
def _by_slug() -> Select[tuple[Tenant]]:
    """Build the statement once: every request sends it."""
    return (
        select(Tenant)
        .where(Tenant.slug == bindparam("wanted"))
        .execution_options(populate_existing=True)
    )
