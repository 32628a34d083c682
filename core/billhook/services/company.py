"""A company's own settings: read as a whole, changed by its administrators."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain import addresses
from billhook.domain.states import Supply, TaxRounding
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.tenants import TaxRegistration, Tenant
from billhook.plugins.registries import CHANNELS, DOCUMENT_FORMATS, TAX_ENGINES
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.contexts import context_of
from billhook.services.fields import Fields
from billhook.services.preferences import provider_keys
from billhook.services.registrations import read_vat_id, refuse_known

LONGEST_CREDIT_DAYS = 3_650
LARGEST_CASH_ROUNDING = 10_000
LONGEST_RETENTION = 100

_NEEDED = frozenset({"time_zone", "language", "supplies", "tax_rounding"})
Reader = Callable[[Any], Any]


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
    retention_years: int | None = None
    vat_id: str | None = None
    """One more registration for tax; those that stand stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySettings:
    """All that a company says about itself."""

    name: str
    country: str
    street: str
    postal_code: str
    city: str
    subdivision: str
    extra: str
    email: str
    legal_id: str
    legal_id_scheme: str
    electronic_address: str
    electronic_scheme: str
    contact_name: str
    phone: str
    channels: tuple[str, ...]
    formats: tuple[str, ...]
    currency: str
    time_zone: str
    language: str
    supplies: str
    tax_engine: str
    tax_rounding: str
    prices_include_tax: bool
    cash_rounding: int
    payment_days: int
    retention_years: int
    requires_second_factor: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyChoices:
    """What of the plugins that are on can be chosen."""

    tax_engines: tuple[str, ...]
    channels: tuple[str, ...]
    formats: tuple[str, ...]


def settings(ctx: Context) -> CompanySettings:
    """Return the settings as they stand now."""
    ctx.require("tenant.view")
    row = db.session.scalars(select(Tenant).where(Tenant.id == ctx.tenant.id)).one()
    values = {field.name: getattr(row, field.name) for field in fields(CompanySettings)}
    return CompanySettings(
        **{**values, "channels": tuple(row.channels), "formats": tuple(row.formats)}
    )


def choices(ctx: Context) -> CompanyChoices:
    """Return what the company can choose from."""
    way = relay(ctx)
    return CompanyChoices(
        tax_engines=tuple(sorted(way.keys(TAX_ENGINES))),
        channels=tuple(way.keys(CHANNELS)),
        formats=tuple(way.keys(DOCUMENT_FORMATS)),
    )


def change(ctx: Context, wanted: TenantChange, *, version: int | None = None) -> Context:
    """Change the settings, and return a context that knows them.

    Changing the time zone, the language or the way of rounding affects what comes
    after it alone. Raises ValidationFailed, and Conflict where they are no longer
    of the version that they were read in.
    """
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        row = session.scalars(
            select(Tenant).where(Tenant.id == ctx.tenant.id).with_for_update()
        ).one()
        if version is not None and row.version != version:
            raise Conflict(_("Somebody else changed these settings just now."))
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
    """Return the columns that a change sets, and a registration. Raises ValidationFailed."""
    read = Fields()
    readers = {**_of_the_seller(read), **_of_billing(ctx, read)}
    given = {
        field.name: getattr(wanted, field.name)
        for field in fields(wanted)
        if getattr(wanted, field.name) is not None
    }
    vat_id = given.pop("vat_id", None)
    if part := given.get("subdivision", "").strip():  # one that is there has to be one
        read.problems += addresses.problems(row.country, part)
    values = {name: readers[name](value) for name, value in given.items()}
    read.require(**{name: values[name] for name in _NEEDED & values.keys()})
    registration = None
    if vat_id is not None:
        registration = read_vat_id(read, row.id, row.country, vat_id)
    if read.problems:
        raise ValidationFailed(read.problems)
    return values, registration


def _of_the_seller(read: Fields) -> Mapping[str, Reader]:
    """Return how to read what documents say about the seller."""
    return {
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
    }


def _of_billing(ctx: Context, read: Fields) -> Mapping[str, Reader]:
    """Return how to read what holds for documents from now on."""
    known = choices(ctx)
    return {
        "channels": lambda keys: _keys(read, "channels", keys, known.channels),
        "formats": lambda keys: _keys(read, "formats", keys, known.formats),
        "time_zone": lambda text: read.time_zone("time_zone", text),
        "language": lambda text: read.language("language", text),
        "supplies": lambda text: read.choice("supplies", text, Supply),
        "tax_rounding": lambda text: read.choice("tax_rounding", text, TaxRounding),
        "tax_engine": lambda text: read.one_of("tax_engine", text, known.tax_engines),
        "prices_include_tax": lambda flag: flag,
        "cash_rounding": lambda units: _within(
            read, "cash_rounding", units, LARGEST_CASH_ROUNDING
        ),
        "payment_days": lambda days: _within(read, "payment_days", days, LONGEST_CREDIT_DAYS),
        "retention_years": lambda years: _within(
            read, "retention_years", years, LONGEST_RETENTION
        ),
    }


def _keys(read: Fields, path: str, text: str, known: Collection[str]) -> list[str]:
    return provider_keys(read, path, text, known) or []


def _within(read: Fields, path: str, value: int, most: int) -> int:
    return read.whole(path, str(value), most=most) or 0
