"""What a client says of itself: the fields that are decided on as one, and what each of them holds.

An address is one field: nobody approves a city without its street. What depends on the
country waits with it, since it is checked against it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from babel.support import LazyProxy

from billhook.domain.electronic_addresses import SCHEMES
from billhook.domain.parties import Address
from billhook.i18n import current_language
from billhook.i18n import lazy_gettext as _
from billhook.language_names import language_name
from billhook.models.customers import Customer
from billhook.services.customer_batches import CustomerInput
from billhook.services.presenting.addresses import address_lines
from billhook.services.presenting.formats import Formats


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileField:
    """Columns of a customer that change together."""

    name: str
    label: LazyProxy
    columns: tuple[str, ...]


FIELDS = (
    ProfileField(name="name", label=_("Name"), columns=("name",)),
    ProfileField(
        name="address",
        label=_("Address"),
        columns=("street", "extra", "postal_code", "city", "subdivision", "country"),
    ),
    ProfileField(name="tax_number", label=_("Tax number"), columns=("tax_number",)),
    ProfileField(
        name="legal_id",
        label=_("Number in the trade register"),
        columns=("legal_id", "legal_id_scheme"),
    ),
    ProfileField(name="email", label=_("E-mail address for documents"), columns=("email",)),
    ProfileField(name="phone", label=_("Phone"), columns=("phone",)),
    ProfileField(name="contact_name", label=_("Contact person"), columns=("contact_name",)),
    ProfileField(name="purchase_order", label=_("Order number"), columns=("purchase_order",)),
    ProfileField(name="buyer_reference", label=_("Buyer reference"), columns=("buyer_reference",)),
    ProfileField(
        name="electronic_address",
        label=_("Electronic address"),
        columns=("electronic_scheme", "electronic_address"),
    ),
    ProfileField(name="language", label=_("Language of documents"), columns=("language",)),
)

LABELS: Mapping[str, LazyProxy] = {
    "name": _("Name"),
    "street": _("Street and number"),
    "extra": _("Second line"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "subdivision": _("State, province or region"),
    "country": _("Country"),
    "tax_number": _("Tax number"),
    "legal_id": _("Number in the trade register"),
    "legal_id_scheme": _("Scheme of the number in the trade register"),
    "email": _("E-mail address for documents"),
    "phone": _("Phone"),
    "contact_name": _("Contact person"),
    "purchase_order": _("Your order number"),
    "buyer_reference": _("Buyer reference"),
    "electronic_scheme": _("Scheme of the electronic address"),
    "electronic_address": _("Electronic address"),
    "language": _("Language of documents"),
}
"""What people call each column."""

COLUMNS = tuple(column for field in FIELDS for column in field.columns)


def stored(row: Customer) -> dict[str, str]:
    """Return what a customer holds of all that a client says of itself."""
    return {column: getattr(row, column) for column in COLUMNS}


def said(column: str, value: str) -> str:
    """Return a value as people read it: the names of countries, languages and schemes."""
    match column:
        case "country":
            names = Locale.parse(current_language(), sep="-").territories
            return str(names.get(value, value))
        case "language":
            return language_name(value)
        case "electronic_scheme" if value in SCHEMES:
            return f"{value} – {SCHEMES[value]}"
        case _:
            return value


def lines(field: ProfileField, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a field holds as people read it: an address by the custom of its country."""
    if field.name != "address":
        return tuple(said(column, values[column]) for column in field.columns if values[column])
    formats = Formats(locale=Locale.parse(current_language(), sep="-"), currency="")
    return address_lines(Address(**only(values, field.columns)), formats, is_abroad=True)


def names_of(columns: Collection[str]) -> tuple[str, ...]:
    """Return the names of the fields that some columns belong to, in their order."""
    return tuple(field.name for field in FIELDS if not set(field.columns).isdisjoint(columns))


def columns_of(names: Collection[str]) -> set[str]:
    """Return the columns of the fields that are named."""
    return {column for field in FIELDS if field.name in names for column in field.columns}


def waiting_columns(changed: Collection[str], approvals: Collection[str]) -> set[str]:
    """Return which of the changed columns wait for a yes; `approvals` names the marked fields."""
    waiting = set(changed) & columns_of(approvals)
    if "country" in waiting:
        waiting |= set(changed) & {"tax_number"}
    return waiting


def only(values: Mapping[str, str], columns: Collection[str]) -> dict[str, str]:
    """Return the values of some columns."""
    return {column: value for column, value in values.items() if column in columns}


def input_of(row: Customer, values: Mapping[str, str]) -> CustomerInput:
    """Return values by columns as an input for the customer."""
    given: dict[str, Any] = only(values, COLUMNS)
    return CustomerInput(reference=row.reference, **given)
