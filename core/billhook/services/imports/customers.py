"""Rows of customers."""

from collections.abc import Mapping, Sequence

from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import customers
from billhook.services.customers import CustomerInput
from billhook.services.imports.columns import Column
from billhook.services.imports.outcomes import Outcome

COLUMNS: tuple[Column, ...] = (
    Column(
        field="reference",
        synonyms=("customer", "customer_reference", "customer_no", "customer_number", "code"),
        is_required=True,
        hint=_("Your own code of the customer. A known one is updated."),
    ),
    Column(
        field="name",
        synonyms=("customer_name", "company", "company_name"),
        hint=_("What documents print. Needed for a new customer."),
    ),
    Column(
        field="country",
        synonyms=("country_code",),
        hint=_("ISO 3166 code of two letters. Needed for a new customer."),
    ),
    Column(
        field="subdivision",
        synonyms=("state", "province", "region"),
        hint=_("ISO 3166-2 code without the country, such as CA."),
    ),
    Column(field="street", synonyms=("address", "street_1"), hint=_("Street and number.")),
    Column(field="extra", synonyms=("address_2", "street_2"), hint=_("A second address line.")),
    Column(field="postal_code", synonyms=("postcode", "zip", "zip_code"), hint=_("Postal code.")),
    Column(field="city", synonyms=("town",), hint=_("City.")),
    Column(field="email", synonyms=("e_mail", "mail"), hint=_("Where documents go.")),
    Column(
        field="tax_number",
        synonyms=("vat_id", "vat_number", "vat", "tax_id", "uid"),
        hint=_("Checked by format and check digit. A customer without one is a consumer."),
    ),
    Column(field="currency", hint=_("ISO 4217 code; yours where it is empty.")),
    Column(
        field="language",
        synonyms=("lang", "locale"),
        hint=_("Tag such as de or pt-BR; yours where it is empty."),
    ),
    Column(
        field="time_zone",
        synonyms=("timezone", "zone"),
        hint=_("IANA name such as Europe/Berlin; yours where it is empty."),
    ),
    Column(
        field="consolidation",
        hint=_("How charges become documents: run (default), group, charge, month or quarter."),
    ),
    Column(
        field="payment_days",
        synonyms=("payment_terms", "terms"),
        hint=_("Days until payment is due; yours where it is empty."),
    ),
    Column(
        field="purchase_order",
        synonyms=("po", "po_number"),
        hint=_("Order number that every document shows."),
    ),
    Column(field="buyer_reference", hint=_("The buyer's own reference, such as a Leitweg-ID.")),
    Column(
        field="payer",
        synonyms=("bill_to", "parent"),
        hint=_("Reference of the customer who pays; it stands in a row before."),
    ),
    Column(field="is_active", synonyms=("active",), hint=_("yes or no.")),
)


def take(ctx: Context, rows: Sequence[Mapping[str, str]], *, source: str) -> list[Outcome]:
    """Create customers, or change those of the same reference."""
    answers = customers.upsert(ctx, [CustomerInput(**row) for row in rows])
    return [Outcome(answer.state, answer.problems) for answer in answers]
