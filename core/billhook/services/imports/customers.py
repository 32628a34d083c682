"""Rows of customers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from billhook.i18n import lazy_gettext as _
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import customers, preferences
from billhook.services.customers import CustomerInput, Upserted
from billhook.services.imports.columns import Column
from billhook.services.imports.outcomes import Outcome
from billhook.services.preferences import PreferenceChange

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
    Column(
        field="legal_id",
        synonyms=("company_number", "registration_number"),
        hint=_("Number in the trade register."),
    ),
    Column(field="legal_id_scheme", hint=_("Its ISO 6523 code, such as 0002 for SIRENE.")),
    Column(
        field="electronic_address",
        synonyms=("peppol_id", "endpoint_id"),
        hint=_("Where e-invoices go, such as a GLN."),
    ),
    Column(
        field="electronic_scheme",
        synonyms=("eas", "endpoint_scheme"),
        hint=_("Scheme of the electronic address by the EAS list, such as 0088."),
    ),
    Column(field="contact_name", hint=_("Whom documents name as contact.")),
    Column(field="phone", synonyms=("telephone",), hint=_("The contact's phone.")),
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
    Column(field="brand", hint=_("Code of the brand; the default one where it is empty.")),
    Column(
        field="channels",
        hint=_("How documents go out by themselves: keys by comma, none, or empty for yours."),
    ),
    Column(
        field="formats",
        hint=_("E-invoice formats that documents must pass: keys by comma, none, or empty."),
    ),
    Column(field="tone", hint=_("How mails speak: formal or friendly.")),
)


_PREFERENCES = ("brand", "channels", "formats", "tone")


def take(ctx: Context, rows: Sequence[Mapping[str, str]], *, source: str) -> list[Outcome]:
    """Create customers, or change those of the same reference."""
    reader = preferences.Reader(ctx)
    read = [reader.read(PreferenceChange(**_only(row, _PREFERENCES))) for row in rows]
    kept = [place for place, (_values, problems) in enumerate(read) if not problems]
    answers = dict(
        zip(
            kept,
            customers.upsert(ctx, [_customer(rows[place]) for place in kept]),
            strict=True,
        )
    )
    changed = preferences.store(
        ctx,
        {one.id: read[place][0] for place, one in answers.items() if one.id and read[place][0]},
    )
    return [
        _outcome(answers.get(place), problems, changed)
        for place, (_values, problems) in enumerate(read)
    ]


def _only(row: Mapping[str, str], names: Collection[str]) -> dict[str, Any]:
    return {name: text for name, text in row.items() if name in names}


def _customer(row: Mapping[str, str]) -> CustomerInput:
    return CustomerInput(**_only(row, row.keys() - set(_PREFERENCES)))


def _outcome(
    answer: Upserted | None, problems: tuple[Problem, ...], changed: Collection[UUID]
) -> Outcome:
    if answer is None:
        return Outcome("refused", problems)
    if answer.state == "unchanged" and answer.id in changed:
        return Outcome("changed")
    return Outcome(answer.state, answer.problems)
