"""Contexts: who acts in which tenant, made from rows once per act.

The operator and jobs may do all; a member what their role allows. A tenant is
found by its slug or its id; whoever has no seat in it finds nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from billhook.clock import Clock, SystemClock, today
from billhook.db import db, tenant_scope
from billhook.domain.parties import Address, Party
from billhook.domain.states import Reach, Supply, TaxRounding
from billhook.domain.tax import Registration
from billhook.domain.totals import TotalsOptions
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.people import Member, RoleRow
from billhook.models.tenants import TaxRegistration, Tenant
from billhook.plugins import activation
from billhook.plugins.runtime import runtime
from billhook.scoping import CustomerScope
from billhook.sdk.context import Actor, ActorKind, Context, TenantSnapshot
from billhook.services.permissions import ADMIN, NAMES, granted, within_scope


def operator_context(slug: str) -> Context:
    """Return the context of whoever has the machine. Raises NotFound."""
    tenant = db.session.scalar(select(Tenant).where(Tenant.slug == slug))
    if tenant is None:
        raise NotFound(_("tenant"), slug)
    return context_of(tenant.id, Actor(kind=ActorKind.OPERATOR))


def member_context(
    person_id: UUID, tenant_id: UUID, *, address: str = "", request_id: UUID | None = None
) -> Context:
    """Return the context of a person in a tenant where they have an active seat.

    Raises NotFound, the same for a tenant without their seat and for none at all.
    """
    with tenant_scope(tenant_id):
        seat = db.session.execute(_seat(), {"person_id": person_id}).one_or_none()
        if seat is None:
            raise NotFound(_("tenant"), tenant_id)
        plugins = activation.enabled(tenant_id)
        permissions = granted(seat.role, _permissions_of(plugins), own=seat.permissions)
        scope = _scope(person_id, seat.role, seat.scope, seat.scope_tags)
        tenant = seat.Tenant
        clock = clock_of(tenant)
        return Context(
            tenant=_snapshot(tenant, today(clock, tenant.time_zone), plugins),
            actor=Actor(kind=ActorKind.PERSON, id=person_id, address=address),
            clock=clock,
            ports=runtime().ports,
            permissions=within_scope(permissions) if scope else permissions,
            request_id=request_id,
            scope=scope,
        )


@cache
def _seat() -> Select[Any]:
    """Build the statement once: every request sends it."""
    return (
        select(Member.role, Member.scope, Member.scope_tags, RoleRow.permissions, Tenant)
        .join(Tenant, Tenant.id == Member.tenant_id)
        .outerjoin(RoleRow, RoleRow.code == Member.role)
        .where(Member.person_id == bindparam("person_id"), Member.is_active)
        .execution_options(populate_existing=True)
    )


def _scope(person_id: UUID, role: str, reach: str, tags: Sequence[str]) -> CustomerScope | None:
    """Return whose customers a member sees; administrators see all."""
    if role == ADMIN or reach == Reach.ALL:
        return None
    return CustomerScope(person_id=person_id, tags=tuple(tags) if reach == Reach.TAGS else ())


def context_of(
    tenant_id: UUID,
    actor: Actor,
    permissions: frozenset[str] | None = None,
    *,
    request_id: UUID | None = None,
    clock: Clock | None = None,
) -> Context:
    """Return the context of an actor; without permissions it may do all. Raises NotFound."""
    with tenant_scope(tenant_id):
        return context_in(
            _tenant(tenant_id), actor, permissions, request_id=request_id, clock=clock
        )


def context_in(
    tenant: Tenant,
    actor: Actor,
    permissions: frozenset[str] | None,
    *,
    request_id: UUID | None = None,
    clock: Clock | None = None,
) -> Context:
    """Return the context of an actor in a tenant that was just read, inside its scope."""
    told = clock or clock_of(tenant)
    plugins = activation.enabled(tenant.id)
    return Context(
        tenant=_snapshot(tenant, today(told, tenant.time_zone), plugins),
        actor=actor,
        clock=told,
        ports=runtime().ports,
        permissions=permissions,
        request_id=request_id,
    )


def _tenant(tenant_id: UUID) -> Tenant:
    tenant = db.session.get(Tenant, tenant_id, populate_existing=True)
    if tenant is None:
        raise NotFound(_("tenant"), tenant_id)
    return tenant


def clock_of(tenant: Tenant) -> Clock:
    """Return the machine's clock, moved for a sandbox."""
    if not tenant.is_sandbox:
        return SystemClock()
    return SystemClock(timedelta(seconds=tenant.clock_offset_seconds))


def _snapshot(tenant: Tenant, on: date, plugins: frozenset[str]) -> TenantSnapshot:
    registrations = _registrations()
    return TenantSnapshot(
        id=tenant.id,
        slug=tenant.slug,
        party=_seller(tenant, registrations, on),
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        language=tenant.language,
        supplies=Supply(tenant.supplies),
        tax_engine=tenant.tax_engine,
        totals=TotalsOptions(
            tax_rounding=TaxRounding(tenant.tax_rounding),
            prices_include_tax=tenant.prices_include_tax,
            cash_rounding=tenant.cash_rounding,
        ),
        payment_days=tenant.payment_days,
        is_sandbox=tenant.is_sandbox,
        registrations=registrations,
        plugins=plugins,
        version=tenant.version,
        channels=tuple(tenant.channels),
        formats=tuple(tenant.formats),
        requires_second_factor=tenant.requires_second_factor,
    )


def _seller(tenant: Tenant, registrations: tuple[Registration, ...], on: date) -> Party:
    """Print the number of the seat's own country and state, else that of another place."""
    numbers = sorted(
        (r for r in registrations if r.scheme in ("vat", "gst") and r.number and r.covers(on)),
        key=lambda one: (one.country != tenant.country, one.subdivision != tenant.subdivision),
    )
    return Party(
        name=tenant.name,
        address=Address(
            country=tenant.country,
            street=tenant.street,
            extra=tenant.extra,
            postal_code=tenant.postal_code,
            city=tenant.city,
            subdivision=tenant.subdivision,
        ),
        tax_number=numbers[0].number if numbers else "",
        legal_id=tenant.legal_id,
        legal_id_scheme=tenant.legal_id_scheme,
        electronic_address=tenant.electronic_address,
        electronic_scheme=tenant.electronic_scheme,
        contact_name=tenant.contact_name,
        phone=tenant.phone,
        email=tenant.email,
        language=tenant.language,
    )


def _registrations() -> tuple[Registration, ...]:
    rows = db.session.scalars(_registered())
    return tuple(
        Registration(
            id=row.id,
            country=row.country,
            subdivision=row.subdivision,
            scheme=row.scheme,
            number=row.number,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    )


@cache
def _registered() -> Select[tuple[TaxRegistration]]:
    """Build the statement once: every request sends it."""
    return select(TaxRegistration).order_by(TaxRegistration.id)


def _permissions_of(plugins: frozenset[str]) -> list[str]:
    return [permission.name for permission in runtime().host.relay(plugins).permissions()]


def key_context(
    tenant_id: UUID, key_id: UUID, scopes: Iterable[str], *, address: str, request_id: UUID
) -> Context:
    """Return the context of an API key; what core and enabled plugins no longer know is no scope."""
    ctx = context_of(
        tenant_id,
        Actor(kind=ActorKind.API_KEY, id=key_id, address=address),
        frozenset(),
        request_id=request_id,
    )
    known = NAMES.union(_permissions_of(ctx.tenant.plugins))
    return replace(ctx, permissions=known.intersection(scopes))
