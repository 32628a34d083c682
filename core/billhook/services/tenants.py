"""Tenants: made whole in one transaction, listed, found."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.domain.states import Supply
from billhook.domain.time_zones import only_time_zone, time_zones
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.tenants import TaxRegistration, Tenant
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import (
    audit,
    brands,
    invitations,
    ledgers,
    plugins,
    schedules,
    series,
)
from billhook.services.contexts import context_of
from billhook.services.fields import Fields
from billhook.services.permissions import ADMIN
from billhook.services.registrations import read_vat_id
from billhook.services.sets import insert_missing

DEFAULT_PACK = (
    "pricing_standard",
    "tax_rules",
    "render_pdf",
    "delivery_email",
    "einvoice_ubl",
)

SLUG_LENGTH = 40

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """What is asked of whoever opens a tenant."""

    slug: str
    name: str
    country: str
    currency: str
    admin_email: str = ""
    admin_name: str = ""
    vat_id: str = ""
    supplies: str = Supply.SERVICE.value
    time_zone: str = ""
    """Empty for the country's, where all its clocks agree."""
    language: str = "en"
    pack: tuple[str, ...] = DEFAULT_PACK
    """Plugins to enable; those that are not installed are left out."""
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantEntry:
    """A tenant in a list."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    time_zone: str
    language: str
    is_sandbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedTenant:
    """What was made, and how its administrator gets in."""

    context: Context
    left_out: tuple[str, ...]
    """Plugins of the pack that are not installed."""
    warnings: tuple[Problem, ...]
    invitation: invitations.Invitation | None


def create(wanted: NewTenant) -> CreatedTenant:
    """Open a tenant with its books, series, plugins and administrator: all of it or nothing.

    Raises ValidationFailed, and what enabling a plugin raises.
    """
    values, registration = _read(wanted)
    tenant_id: UUID = values["id"]
    pack = [name for name in runtime().host.installed if name in wanted.pack]  # in their order
    operator = Actor(kind=ActorKind.OPERATOR)
    with tenant_scope(tenant_id), transaction() as session:
        insert_missing(Tenant, [values])  # waits for another who is taking the same slug
        if session.get(Tenant, tenant_id) is None:
            raise ValidationFailed([_slug_taken(wanted.slug)])
        if registration is not None:
            session.add(registration)
            session.flush()
        ctx = context_of(tenant_id, operator)
        ledgers.open_books(ctx)
        series.create_defaults(ctx)
        brands.create_default(ctx)
        audit.record(ctx, "tenant.created", "tenant", tenant_id, slug=wanted.slug)
        schedules.begin(ctx)
        warnings = [problem for name in pack for problem in plugins.enable(ctx, name)]
        invitation = _invite_administrator(ctx, wanted)
        made = context_of(tenant_id, operator)
    return CreatedTenant(
        context=made,
        left_out=tuple(name for name in wanted.pack if name not in pack),
        warnings=tuple(warnings),
        invitation=invitation,
    )


def _read(wanted: NewTenant) -> tuple[dict[str, Any], TaxRegistration | None]:
    """Turn what was asked for into a row's values and a registration. Raises ValidationFailed."""
    read = Fields()
    country = read.country("country", wanted.country)
    currency = read.currency("currency", wanted.currency)
    values: dict[str, Any] = {
        "id": new_id(),
        "slug": _slug(read, wanted.slug),
        "name": read.text("name", wanted.name, limit=limits.NAME, is_required=True),
        "country": country,
        "currency": currency,
        "time_zone": _zone(read, country, wanted.time_zone),
        "language": read.language("language", wanted.language) or "en",
        "supplies": (read.choice("supplies", wanted.supplies, Supply) or Supply.SERVICE).value,
        "is_sandbox": wanted.is_sandbox,
        "created_at": SystemClock().now(),
    }
    read.require(country=country, currency=currency)
    registration = None
    if country and wanted.vat_id:
        registration = read_vat_id(read, values["id"], country, wanted.vat_id)
    if read.problems:
        raise ValidationFailed(read.problems)
    return values, registration


def _slug(read: Fields, slug: str) -> str:
    if len(slug) <= SLUG_LENGTH and _SLUG.fullmatch(slug):
        return slug
    read.refuse(
        "slug",
        "tenant.slug_malformed",
        _(
            "“%(slug)s” cannot name a tenant. Use small letters, digits and single hyphens, a "
            "letter first, at most %(length)s characters, such as shop or acme-gmbh.",
            slug=slug[:80],
            length=SLUG_LENGTH,
        ),
    )
    return ""


def _slug_taken(slug: str) -> Problem:
    return Problem(
        code="tenant.slug_taken",
        path="slug",
        message=_("There is a tenant “%(slug)s” already. Choose another name.", slug=slug),
    )


def _zone(read: Fields, country: str, wanted: str) -> str:
    """Read the zone, or take the country's where all its clocks agree."""
    if wanted.strip() or not country:
        return read.time_zone("time_zone", wanted)
    zone = only_time_zone(country)
    if zone is None:
        read.refuse(
            "time_zone",
            "tenant.time_zone_missing",
            _(
                "The country %(country)s has several time zones. Name yours, such as %(example)s.",
                country=country,
                example=next(iter(time_zones(country)), "Europe/Berlin"),
            ),
        )
    return zone or ""


def _invite_administrator(ctx: Context, wanted: NewTenant) -> invitations.Invitation | None:
    if not wanted.admin_email:
        return None
    return invitations.invite(
        ctx, email=wanted.admin_email, name=wanted.admin_name or wanted.admin_email, role=ADMIN
    )


def listing() -> list[TenantEntry]:
    """Return all tenants, by slug: for the operator, who has the machine."""
    return [_entry(row) for row in db.session.scalars(select(Tenant).order_by(Tenant.slug))]


def find(slug: str) -> TenantEntry:
    """Return a tenant by its slug. Raises NotFound."""
    row = db.session.scalar(select(Tenant).where(Tenant.slug == slug))
    if row is None:
        raise NotFound(_("tenant"), slug)
    return _entry(row)


def _entry(row: Tenant) -> TenantEntry:
    return TenantEntry(
        id=row.id,
        slug=row.slug,
        name=row.name,
        country=row.country,
        currency=row.currency,
        time_zone=row.time_zone,
        language=row.language,
        is_sandbox=row.is_sandbox,
    )
