"""Registrations for tax, from the number that a tenant gives."""

import re
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain import tax_numbers
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.tenants import TaxRegistration
from billhook.problems import Problem
from billhook.services.fields import Fields

_NUMBER = re.compile(r"[0-9A-Z+*]{4,40}", re.ASCII)
_COUNTRY_OF_PREFIX = {"EL": "GR", "XI": "GB"}


def read_vat_id(
    read: Fields, tenant_id: UUID, country: str, vat_id: str
) -> TaxRegistration | None:
    """Check the number; its prefix tells the country, else it is the tenant's own."""
    number = tax_numbers.check(country, vat_id.strip(), path="vat_id")
    if isinstance(number, Problem):
        read.problems.append(number)
        return None
    if not _NUMBER.fullmatch(number):
        read.refuse(
            "vat_id",
            "tax_number.malformed",
            _("“%(number)s” is not a tax number.", number=number[: limits.CODE]),
        )
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


def refuse_known(registration: TaxRegistration) -> None:
    """Raises ValidationFailed where the tenant in scope has the number already."""
    known = db.session.scalar(
        select(TaxRegistration.id).where(
            TaxRegistration.country == registration.country,
            TaxRegistration.number == registration.number,
        )
    )
    if known is not None:
        raise ValidationFailed(
            [
                Problem(
                    code="tenant.vat_id_known",
                    path="vat_id",
                    message=_(
                        "The number %(number)s is registered already.", number=registration.number
                    ),
                )
            ]
        )
