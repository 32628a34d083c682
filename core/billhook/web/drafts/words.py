"""What the editor offers to choose from, and what it calls the parts of a draft."""

from collections.abc import Sequence
from functools import lru_cache

from babel import Locale

from billhook import i18n
from billhook.domain.countries import COUNTRIES
from billhook.domain.states import Supply
from billhook.i18n import gettext as _
from billhook.money import MINOR_DIGITS
from billhook.services.draft_editing.differences import Part
from billhook.services.draft_editing.inputs import AdjustmentChoice
from billhook.services.presenting.texts import LANGUAGES

Choices = Sequence[tuple[str, str]]

BT_INPUTS = {
    "BT-1": "",
    "BT-2": "issue_on",
    "BT-5": "currency",
    "BT-9": "payment_days",
    "BT-10": "buyer_reference",
    "BT-13": "purchase_order",
    "BT-20": "terms",
    "BT-22": "note",
    "BT-80": "delivery_country",
    "BT-97": "adjustments-0-reason",
    "BT-104": "adjustments-0-reason",
}
"""At which input a problem with a term of EN 16931 stands; the customer's are the customer's."""


def input_of(path: str) -> str:
    """Return the input that a problem's path means: the path itself, but for business terms."""
    if path.startswith(("BT-44", "BT-46", "BT-47", "BT-48", "BT-49", "BT-5")) and path != "BT-5":
        return "customer"
    return BT_INPUTS.get(path, path)


def adjustments() -> Choices:
    return [
        (AdjustmentChoice.DISCOUNT_PERCENT.value, _("Discount in %")),
        (AdjustmentChoice.DISCOUNT_AMOUNT.value, _("Discount, amount")),
        (AdjustmentChoice.SURCHARGE_PERCENT.value, _("Surcharge in %")),
        (AdjustmentChoice.SURCHARGE_AMOUNT.value, _("Surcharge, amount")),
    ]


def supplies() -> Choices:
    return [
        ("", _("As the product, else the company’s usual")),
        (Supply.GOODS.value, _("Goods")),
        (Supply.SERVICE.value, _("Service")),
        (Supply.ELECTRONIC_SERVICE.value, _("Electronic service")),
    ]


def tax_categories(present: str) -> Choices:
    """Return the usual categories, and the one that is there though it is another."""
    known = [
        ("", _("As the product, else standard")),
        ("standard", _("Standard rate")),
        ("reduced", _("Reduced rate")),
        ("second_reduced", _("Second reduced rate")),
        ("super_reduced", _("Super-reduced rate")),
        ("parking", _("Parking rate")),
        ("higher", _("Higher rate")),
        ("zero", _("Zero rate")),
        ("exempt", _("Exempt")),
    ]
    return known if present in dict(known) else [*known, (present, present)]


def languages(customers: str) -> Choices:
    """Return the languages that documents are written in; empty is the customer's."""
    locale = Locale.parse(i18n.current_language(), sep="-")
    named = [(code, locale.languages.get(code, code)) for code in LANGUAGES]
    usual = locale.languages.get(customers.partition("-")[0], customers)
    first = _("The customer’s: %(language)s", language=usual) if customers else _("The customer’s")
    return [("", first), *named]


def currencies() -> Sequence[str]:
    return sorted(MINOR_DIGITS)


def countries() -> Choices:
    return _countries(i18n.current_language())


@lru_cache(maxsize=32)
def _countries(language: str) -> Choices:
    locale = Locale.parse(language, sep="-")
    named = ((code, locale.territories.get(code, code)) for code in COUNTRIES)
    return sorted(named, key=lambda one: one[1])


def units() -> Choices:
    """Return units by their codes of UN/ECE Recommendation 20."""
    return [
        ("C62", _("one")),
        ("HUR", _("hour")),
        ("DAY", _("day")),
        ("WEE", _("week")),
        ("MON", _("month")),
        ("ANN", _("year")),
        ("KGM", _("kilogram")),
        ("TNE", _("tonne")),
        ("MTR", _("metre")),
        ("KMT", _("kilometre")),
        ("MTK", _("square metre")),
        ("LTR", _("litre")),
        ("KWH", _("kilowatt hour")),
        ("LS", _("lump sum")),
    ]


def part(wanted: Part) -> str:
    """Return what a part of a draft is called on its form."""
    return {
        Part.CUSTOMER: _("Customer"),
        Part.CURRENCY: _("Currency"),
        Part.LINES: _("Lines"),
        Part.ADJUSTMENTS: _("Discounts and surcharges"),
        Part.NOTE: _("Note"),
        Part.TERMS: _("Payment terms"),
        Part.PURCHASE_ORDER: _("Purchase order"),
        Part.BUYER_REFERENCE: _("Buyer reference"),
        Part.PAYMENT_DAYS: _("Days to pay"),
        Part.ISSUE_ON: _("Date of issue"),
        Part.LANGUAGE: _("Language"),
        Part.BRAND: _("Brand"),
        Part.DELIVERY_COUNTRY: _("Delivered to"),
        Part.FIELDS: _("Own fields"),
    }[wanted]
