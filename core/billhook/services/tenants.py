"""Tenants: made whole in one transaction, changed by their administrators, listed."""

import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.domain.states import Supply, TaxRounding
from billhook.domain.time_zones import only_time_zone, time_zones
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.tenants import TaxRegistration, Tenant
from billhook.plugins.registries import CHANNELS, DOCUMENT_FORMATS, TAX_ENGINES
from billhook.plugins.runtime import relay, runtime
from billhook.problems import Problem
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import (
    audit,
    brands,
    invitations,
    ledgers,
    outbox,
    plugins,
    schedules,
    series,
)
from billhook.services.contexts import context_of
from billhook.services.fields import Fields
from billhook.services.permissions import ADMIN
from billhook.services.preferences import provider_keys
from billhook.services.registrations import read_vat_id, refuse_known
from billhook.services.sets import insert_missing

DEFAULT_PACK = (
    "pricing_standard",
    "tax_rules",
    "render_pdf",
    "delivery_email",
    "einvoice_ubl",
)

SLUG_LENGTH = 40
LONGEST_CREDIT_DAYS = 3_650
LARGEST_CASH_ROUNDING = 10_000
FURTHEST_ADVANCE = timedelta(days=3_650)

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
class TenantChange:
    """New values; None leaves one as it is. Slug, country and currency never change."""

    name: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    subdivision: str | None = None
    extra: str | None = None
    email: str | None = None
    legal_id: str | None = None
    legal_id_scheme: str | None = None
    electronic_address: str | None = None
    electronic_scheme: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    channels: str | None = None
    """Keys by comma of how documents go out by themselves; "none" for only on demand."""
    formats: str | None = None
    """Keys by comma of the e-invoice formats that documents must pass; "none" for none."""
    time_zone: str | None = None
    language: str | None = None
    supplies: str | None = None
    tax_engine: str | None = None
    tax_rounding: str | None = None
    prices_include_tax: bool | None = None
    cash_rounding: int | None = None
    payment_days: int | None = None
    vat_id: str | None = None
    """One more registration for tax; those that stand stay."""


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
    _require(read, country=country, currency=currency)
    registration = None
    if country and wanted.vat_id:
        registration = read_vat_id(read, values["id"], country, wanted.vat_id)
    if read.problems:
        raise ValidationFailed(read.problems)
    return values, registration


def _require(read: Fields, **values: object) -> None:
    """Refuse what is empty and has no problem yet."""
    for path, value in values.items():
        if not value and not any(problem.path == path for problem in read.problems):
            read.refuse(path, "input.missing", _("This is needed. Fill it in."))


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


def _tax_engines(ctx: Context) -> list[str]:
    return sorted(relay(ctx).keys(TAX_ENGINES))


def _invite_administrator(ctx: Context, wanted: NewTenant) -> invitations.Invitation | None:
    if not wanted.admin_email:
        return None
    return invitations.invite(
        ctx, email=wanted.admin_email, name=wanted.admin_name or wanted.admin_email, role=ADMIN
    )


def change(ctx: Context, wanted: TenantChange) -> Context:
    """Change the tenant's settings, and return a context that knows them.

    Changing the time zone, the language or the way of rounding affects what comes
    after it alone. Raises ValidationFailed.
    """
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        row = session.scalars(
            select(Tenant).where(Tenant.id == ctx.tenant.id).with_for_update()
        ).one()
        values, registration = _read_change(ctx, row, wanted)
        for name, value in values.items():
            setattr(row, name, value)
        if registration is not None:
            refuse_known(registration)
            session.add(registration)
        row.version += 1
        session.flush()
        changed = [*values, *(["vat_id"] if registration is not None else [])]
        audit.record(ctx, "tenant.changed", "tenant", row.id, fields=" ".join(sorted(changed)))
    return replace(
        context_of(row.id, ctx.actor, ctx.permissions, request_id=ctx.request_id),
        clock=ctx.clock,
    )


def _read_change(
    ctx: Context, row: Tenant, wanted: TenantChange
) -> tuple[dict[str, Any], TaxRegistration | None]:
    read = Fields()
    texts = {
        "name": lambda text: read.text("name", text, limit=limits.NAME, is_required=True),
        "street": lambda text: read.text("street", text, limit=limits.NAME),
        "postal_code": lambda text: read.text("postal_code", text, limit=limits.CODE),
        "city": lambda text: read.text("city", text, limit=limits.NAME),
        "subdivision": lambda text: read.text("subdivision", text, limit=10),
        "extra": lambda text: read.text("extra", text, limit=limits.NAME),
        "email": lambda text: read.email("email", text),
        "legal_id": lambda text: read.text("legal_id", text, limit=limits.CODE),
        "legal_id_scheme": lambda code: read.identifier_scheme("legal_id_scheme", code),
        "electronic_address": lambda text: read.text(
            "electronic_address", text, limit=limits.NAME
        ),
        "electronic_scheme": lambda code: read.electronic_scheme("electronic_scheme", code),
        "contact_name": lambda text: read.text("contact_name", text, limit=limits.NAME),
        "phone": lambda text: read.text("phone", text, limit=limits.CODE),
        "channels": lambda keys: _keys(read, "channels", keys, relay(ctx).keys(CHANNELS)),
        "formats": lambda keys: _keys(read, "formats", keys, relay(ctx).keys(DOCUMENT_FORMATS)),
        "time_zone": lambda text: read.time_zone("time_zone", text),
        "language": lambda text: read.language("language", text),
        "supplies": lambda text: read.choice("supplies", text, Supply),
        "tax_rounding": lambda text: read.choice("tax_rounding", text, TaxRounding),
        "tax_engine": lambda text: read.one_of("tax_engine", text, _tax_engines(ctx)),
        "prices_include_tax": lambda flag: flag,
        "cash_rounding": lambda units: _within(
            read, "cash_rounding", units, LARGEST_CASH_ROUNDING
        ),
        "payment_days": lambda days: _within(read, "payment_days", days, LONGEST_CREDIT_DAYS),
    }
    given = {
        field.name: getattr(wanted, field.name)
        for field in fields(wanted)
        if getattr(wanted, field.name) is not None
    }
    vat_id = given.pop("vat_id", None)
    values = {name: texts[name](value) for name, value in given.items()}
    needed = {"time_zone", "language", "supplies", "tax_rounding"} & values.keys()
    _require(read, **{name: values[name] for name in needed})
    registration = None
    if vat_id is not None:
        registration = read_vat_id(read, row.id, row.country, vat_id)
    if read.problems:
        raise ValidationFailed(read.problems)
    return values, registration


def _keys(read: Fields, path: str, text: str, known: Collection[str]) -> list[str]:
    return provider_keys(read, path, text, known) or []


def _within(read: Fields, path: str, value: int, most: int) -> int:
    return read.whole(path, str(value), most=most) or 0


def advance_clock(ctx: Context, by: timedelta) -> Context:
    """Move a sandbox's time forward; it never goes back. Raises Conflict, ValidationFailed."""
    ctx.require("tenant.manage")
    if not ctx.tenant.is_sandbox:
        raise Conflict(
            _("Only a sandbox can move its clock. Open one with “tenant create --sandbox”.")
        )
    if not timedelta(0) < by <= FURTHEST_ADVANCE:
        raise ValidationFailed(
            [
                Problem(
                    code="tenant.clock_backward",
                    path="by",
                    message=_(
                        "A sandbox's clock moves forward only, by at most ten years at a time."
                    ),
                )
            ]
        )
    with ctx.transaction() as session:
        row = session.scalars(
            select(Tenant).where(Tenant.id == ctx.tenant.id).with_for_update()
        ).one()
        seconds = by // timedelta(seconds=1)
        row.clock_offset_seconds += seconds
        row.version += 1
        session.flush()
        audit.record(ctx, "tenant.clock_advanced", "tenant", row.id, seconds=seconds)
        schedules.begin(ctx)  # what the new time makes due
        outbox.bring_forward(ctx, timedelta(seconds=seconds))
    return context_of(row.id, ctx.actor, ctx.permissions, request_id=ctx.request_id)


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
