"""Registrations for tax: where the tenant may charge it, from when until when."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain import tax_numbers
from billhook.domain.tax import SCHEMES, Registration, usual_scheme
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.tenants import TaxRegistration, Tenant
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.contexts import context_of
from billhook.services.fields import Fields

_NUMBER = re.compile(r"[0-9A-Z+*]{4,40}", re.ASCII)
_SUBDIVISION = re.compile(r"[0-9A-Z]{1,3}", re.ASCII)
_COUNTRY_OF_PREFIX = {"EL": "GR", "XI": "GB"}
_CHECKED_SCHEMES = frozenset({"vat", "gst"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """What is asked of whoever registers for tax somewhere."""

    place: str
    """ISO 3166 code of a country, with that of a state or province where it registers there."""
    scheme: str = ""  # empty for the usual one of the place
    number: str = ""
    valid_from: date | None = None
    until: date | None = None
    """The last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationChange:
    """A registration as it shall be; place and scheme stay."""

    number: str = ""
    valid_from: date | None = None
    until: date | None = None
    """The last day; until further notice where it is left out."""


def register(ctx: Context, wanted: NewRegistration) -> Context:
    """Add a registration, and return a context that knows it. Raises ValidationFailed."""
    add(ctx, wanted)
    return _again(ctx)


def add(ctx: Context, wanted: NewRegistration) -> Registration:
    """Add a registration, and return it.

    What was issued stays as it is; lines whose tax date the registration covers are
    taxed by it from now on. Raises ValidationFailed.
    """
    ctx.require("tenant.manage")
    row = _read(ctx, wanted)
    with ctx.transaction() as session:
        _lock_tenant(ctx).version += 1
        refuse_known(row, path="number")
        session.add(row)
        session.flush()
        audit.record(ctx, "tax_registration.added", "tax_registration", row.id)
        return Registration(
            id=row.id,
            country=row.country,
            subdivision=row.subdivision,
            scheme=row.scheme,
            number=row.number,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )


def change(ctx: Context, registration_id: UUID, wanted: RegistrationChange) -> Context:
    """Change a registration's number and days, and return a context that knows them.

    What was issued stays as it is. Raises NotFound, ValidationFailed.
    """
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        _lock_tenant(ctx).version += 1
        row = _row(registration_id)
        changed = _read_change(ctx, row, wanted)
        refuse_known(changed, path="number")
        row.number = changed.number
        row.valid_from, row.valid_to = changed.valid_from, changed.valid_to
        session.flush()
        audit.record(ctx, "tax_registration.changed", "tax_registration", row.id)
    return _again(ctx)


def _read_change(
    ctx: Context, row: TaxRegistration, wanted: RegistrationChange
) -> TaxRegistration:
    """Return what the row would be. Raises ValidationFailed."""
    read = Fields()
    number = _read_number(read, row.country, row.scheme, wanted.number)
    if read.problems:
        raise ValidationFailed(read.problems)
    return TaxRegistration(
        tenant_id=ctx.tenant.id,
        id=row.id,
        country=row.country,
        subdivision=row.subdivision,
        scheme=row.scheme,
        number=number,
        valid_from=wanted.valid_from,
        valid_to=_end(wanted.valid_from, wanted.until) if wanted.until else None,
    )


def _row(registration_id: UUID) -> TaxRegistration:
    row = db.session.scalar(select(TaxRegistration).where(TaxRegistration.id == registration_id))
    if row is None:
        raise NotFound(_("tax registration"), registration_id)
    return row


def end(ctx: Context, registration_id: UUID, *, until: date) -> Context:
    """Let a registration end with a day, its last. Raises NotFound, ValidationFailed."""
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        _lock_tenant(ctx).version += 1
        row = _row(registration_id)
        row.valid_to = _end(row.valid_from, until)
        session.flush()
        audit.record(ctx, "tax_registration.ended", "tax_registration", row.id)
    return _again(ctx)


def _lock_tenant(ctx: Context) -> Tenant:
    return db.session.scalars(
        select(Tenant).where(Tenant.id == ctx.tenant.id).with_for_update()
    ).one()


def _again(ctx: Context) -> Context:
    known = context_of(ctx.tenant.id, ctx.actor, ctx.permissions, request_id=ctx.request_id)
    return replace(known, clock=ctx.clock)


def _read(ctx: Context, wanted: NewRegistration) -> TaxRegistration:
    """Turn what was asked for into a row. Raises ValidationFailed."""
    read = Fields()
    given, _dash, part = wanted.place.strip().upper().partition("-")
    country = read.country("place", given)
    if not given:
        read.refuse("place", "input.missing", _("This is needed. Fill it in."))
    if part and not _SUBDIVISION.fullmatch(part):
        read.refuse(
            "place",
            "tax_registration.place_malformed",
            _("“%(place)s” is no place. Write such as CA or CA-QC.", place=wanted.place[:20]),
        )
    scheme = wanted.scheme or usual_scheme(country, part)
    read.one_of("scheme", scheme, SCHEMES)
    number = _read_number(read, country, scheme, wanted.number) if country else ""
    if read.problems:
        raise ValidationFailed(read.problems)
    return TaxRegistration(
        tenant_id=ctx.tenant.id,
        id=new_id(),
        country=country,
        subdivision=part,
        scheme=scheme,
        number=number,
        valid_from=wanted.valid_from,
        valid_to=_end(wanted.valid_from, wanted.until) if wanted.until else None,
    )


def _read_number(read: Fields, country: str, scheme: str, given: str) -> str:
    """Check the numbers of schemes that the core knows; others only by what they are made of."""
    if not given.strip():
        return ""
    number: str | Problem = re.sub(r"[\s./-]", "", given).upper()
    if scheme in _CHECKED_SCHEMES:
        number = tax_numbers.check(country, given.strip(), path="number")
    if isinstance(number, Problem):
        read.problems.append(number)
        return ""
    if not _NUMBER.fullmatch(number):
        _refuse_number(read, "number", number)
    return number


def _end(start: date | None, until: date) -> date:
    """Return the first day on which it no longer holds. Raises ValidationFailed."""
    if start is not None and until < start:
        raise ValidationFailed(
            [
                Problem(
                    code="tax_registration.ends_before_it_begins",
                    path="until",
                    message=_(
                        "The registration begins on %(start)s. Let it end on that day or later.",
                        start=start.isoformat(),
                    ),
                )
            ]
        )
    return until + timedelta(days=1)


def _refuse_number(read: Fields, path: str, number: str) -> None:
    read.refuse(
        path,
        "tax_number.malformed",
        _("“%(number)s” is not a tax number.", number=number[: limits.CODE]),
    )


def read_vat_id(
    read: Fields, tenant_id: UUID, country: str, vat_id: str
) -> TaxRegistration | None:
    """Check the number; its prefix tells the country, else it is the tenant's own."""
    number = tax_numbers.check(country, vat_id.strip(), path="vat_id")
    if isinstance(number, Problem):
        read.problems.append(number)
        return None
    if not _NUMBER.fullmatch(number):
        _refuse_number(read, "vat_id", number)
        return None
    prefix = number[:2] if number[:2] in tax_numbers.PREFIXES else country
    is_shared = country == "LI" and prefix == "CH"  # Liechtenstein's numbers are Swiss
    return TaxRegistration(
        tenant_id=tenant_id,
        id=new_id(),
        country=country if is_shared else _COUNTRY_OF_PREFIX.get(prefix, prefix),
        subdivision="",
        scheme="vat",
        number=number,
    )


def refuse_known(registration: TaxRegistration, *, path: str = "vat_id") -> None:
    """Raises ValidationFailed where the tenant in scope has the number already."""
    alike = _CHECKED_SCHEMES if registration.scheme in _CHECKED_SCHEMES else {registration.scheme}
    known = db.session.scalar(
        select(TaxRegistration.id).where(
            TaxRegistration.country == registration.country,
            TaxRegistration.subdivision == registration.subdivision,
            TaxRegistration.scheme.in_(alike),
            TaxRegistration.number == registration.number,
            TaxRegistration.id != registration.id,
        )
    )
    if known is None:
        return
    message = _("The number %(number)s is registered already.", number=registration.number)
    if not registration.number:
        message = _("There is a registration there already. Give this one a number.")
    raise ValidationFailed([Problem(code="tenant.vat_id_known", path=path, message=message)])
