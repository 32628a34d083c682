"""What to do in Billhook about a broken rule: the likely ones; others show their own text alone.

Keys are ids of rules as EN 16931 and Peppol publish them.
"""

from dataclasses import dataclass

from billhook_einvoice_ubl.texts import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Advice:
    """The business term that is at fault, and what to do."""

    term: str
    text: object  # translated when it is shown


def advice_on(rule: str) -> Advice | None:
    """Return the advice on a rule, by its id, else by the family that it belongs to."""
    if exact := _BY_RULE.get(rule):
        return exact
    return next((found for start, found in _BY_FAMILY.items() if rule.startswith(start)), None)


def no_advice(_rule: str) -> None:
    """Advise nothing: about a file that somebody else wrote."""


def words(advice: Advice) -> str:
    """Return the advice in the language in force."""
    return str(advice.text)


_OUR_VAT_ID = _(
    "Register your tax number: billhook tenant set --vat-id, with the code of the country in front."
)
_THEIR_VAT_ID = _(
    "Give the customer its tax number (billhook import customers, column tax_number), and"
    " register your own: billhook tenant set --vat-id."
)
_OUR_IDENTITY = _(
    "Say who you are: billhook tenant set --vat-id or --legal-id, the number in the trade register."
)
_REASON = _(
    "Give the discount or surcharge a reason: on the charge, column discount_reason, or on the"
    " draft."
)
_EXEMPTION = _(
    "Say why no tax is charged: billhook plugin settings tax_rules exemption_reason=…, and where"
    " there is one exemption_code=…"
)
_SEPARATE_O = _(
    "Sales that are not subject to tax need a document of their own: give the customer the"
    " consolidation “charge” (billhook import customers, column consolidation), or bill them in a"
    " run of their own."
)
_REPORT = _(
    "Billhook writes this itself, so this is a mistake of the plugin einvoice_ubl: please report"
    " it with the document."
)
_TAX_ROUNDING = _(
    "Tax was rounded on each line, which EN 16931 does not allow to differ that far: billhook"
    " tenant set --tax-rounding group."
)
_OUR_CONTACT = _("Name a contact: billhook tenant set --contact-name --phone --email.")
_OUR_ADDRESS = _("Complete your address: billhook tenant set --street --postal-code --city.")
_THEIR_ADDRESS = _(
    "Complete the customer's address: billhook import customers, columns street, postal_code,"
    " city."
)
_THEIR_ENDPOINT = _(
    "Give the customer an electronic address with its scheme: billhook import customers, columns"
    " electronic_address and electronic_scheme."
)
_OUR_ENDPOINT = _(
    "Say from where e-invoices come: billhook tenant set --electronic-address --electronic-scheme."
)
_LEGAL_SCHEME = _(
    "The scheme of a number in the trade register is a code of ISO 6523, such as 0002: billhook"
    " tenant set --legal-id-scheme; billhook import customers, column legal_id_scheme."
)
_BANK = _("Put a bank account on the brand: billhook brand set.")
_DELIVERY = _(
    "Say where the goods went: a charge takes a country of delivery, as column delivery_country"
    " of billhook import charges."
)
_TEXT = _("Give the line a description: on the charge, or as the product's name.")

SCHEMA = "UBL-XSD"
"""What a broken schema is called beside the rules."""

_BY_RULE: dict[str, Advice] = {
    SCHEMA: Advice("", _REPORT),
    "BR-02": Advice("BT-1", _REPORT),
    "BR-06": Advice("BT-27", _("Name your company: billhook tenant set --name.")),
    "BR-07": Advice("BT-44", _("Name the customer: billhook import customers, column name.")),
    "BR-09": Advice("BT-40", _OUR_ADDRESS),
    "BR-11": Advice(
        "BT-55", _("Give the customer a country: billhook import customers, column country.")
    ),
    "BR-16": Advice("BG-25", _("A document needs a line. Discard the draft.")),
    "BR-25": Advice("BT-153", _TEXT),
    "BR-27": Advice(
        "BT-146", _("A price is never negative. Enter a negative quantity, or a discount.")
    ),
    "BR-29": Advice("BG-14", _("A period ends before it begins. Correct it on the charge.")),
    "BR-30": Advice("BG-26", _("A period ends before it begins. Correct it on the charge.")),
    "BR-33": Advice("BT-97", _REASON),
    "BR-38": Advice("BT-104", _REASON),
    "BR-42": Advice("BT-139", _REASON),
    "BR-44": Advice("BT-144", _REASON),
    "BR-50": Advice("BT-84", _BANK),
    "BR-52": Advice("BT-122", _("Give the attachment a file name.")),
    "BR-57": Advice("BT-80", _DELIVERY),
    "BR-61": Advice("BT-84", _BANK),
    "BR-62": Advice("BT-34", _OUR_ENDPOINT),
    "BR-63": Advice("BT-49", _THEIR_ENDPOINT),
    "BR-CO-09": Advice(
        "BT-31",
        _(
            "A tax number begins with the code of its country, as in DE136695976. Correct yours"
            " (billhook tenant set --vat-id) or the customer's (column tax_number)."
        ),
    ),
    "BR-CO-17": Advice("BT-117", _TAX_ROUNDING),
    "BR-CO-21": Advice("BT-97", _REASON),
    "BR-CO-22": Advice("BT-104", _REASON),
    "BR-CO-23": Advice("BT-139", _REASON),
    "BR-CO-24": Advice("BT-144", _REASON),
    "BR-CO-26": Advice("BT-31", _OUR_IDENTITY),
    "BR-S-09": Advice("BT-117", _TAX_ROUNDING),
    "BR-AE-02": Advice("BT-48", _THEIR_VAT_ID),
    "BR-IC-02": Advice("BT-48", _THEIR_VAT_ID),
    "BR-IC-11": Advice("BT-72", _("Give the charge a date or a period of supply.")),
    "BR-IC-12": Advice("BT-80", _DELIVERY),
    "BR-AE-10": Advice("BT-120", _EXEMPTION),
    "BR-E-10": Advice("BT-120", _EXEMPTION),
    "BR-G-10": Advice("BT-120", _EXEMPTION),
    "BR-IC-10": Advice("BT-120", _EXEMPTION),
    "BR-O-10": Advice("BT-120", _EXEMPTION),
    "BR-O-11": Advice("BT-118", _SEPARATE_O),
    "BR-O-12": Advice("BT-151", _SEPARATE_O),
    "BR-O-13": Advice("BT-95", _SEPARATE_O),
    "BR-O-14": Advice("BT-102", _SEPARATE_O),
    "BR-CL-04": Advice("BT-5", _("Bill in a currency of ISO 4217.")),
    "BR-CL-10": Advice("BT-29", _LEGAL_SCHEME),
    "BR-CL-11": Advice("BT-30", _LEGAL_SCHEME),
    "BR-CL-14": Advice(
        "BT-55", _("Countries are codes of ISO 3166, such as DE. Correct yours or the customer's.")
    ),
    "BR-CL-22": Advice(
        "BT-121",
        _(
            "The code of an exemption must be of the VATEX list: billhook plugin settings tax_rules"
            " exemption_code=VATEX-EU-132-1I."
        ),
    ),
    "BR-CL-25": Advice(
        "BT-34",
        _(
            "The scheme of an electronic address is a code of the EAS list, such as 0088 for a"
            " GLN: billhook tenant set --electronic-scheme; column electronic_scheme of customers."
        ),
    ),
    "PEPPOL-EN16931-R003": Advice(
        "BT-10",
        _(
            "Give the customer a buyer reference (billhook import customers, column"
            " buyer_reference) or the charge a purchase order (column purchase_order)."
        ),
    ),
    "PEPPOL-EN16931-R010": Advice("BT-49", _THEIR_ENDPOINT),
    "PEPPOL-EN16931-R020": Advice("BT-34", _OUR_ENDPOINT),
    "PEPPOL-EN16931-R061": Advice("BT-89", _BANK),
    "PEPPOL-EN16931-R110": Advice("BG-26", _("Correct the period on the charge.")),
    "PEPPOL-EN16931-R111": Advice("BG-26", _("Correct the period on the charge.")),
    "PEPPOL-EN16931-CL008": Advice("BT-34", _OUR_ENDPOINT),
    "DE-R-001": Advice("BG-16", _BANK),
    "DE-R-002": Advice("BG-6", _OUR_CONTACT),
    "DE-R-003": Advice("BT-37", _OUR_ADDRESS),
    "DE-R-004": Advice("BT-38", _OUR_ADDRESS),
    "DE-R-005": Advice("BT-41", _OUR_CONTACT),
    "DE-R-006": Advice("BT-42", _OUR_CONTACT),
    "DE-R-007": Advice("BT-43", _OUR_CONTACT),
    "DE-R-008": Advice("BT-52", _THEIR_ADDRESS),
    "DE-R-009": Advice("BT-53", _THEIR_ADDRESS),
    "DE-R-015": Advice(
        "BT-10",
        _(
            "A German customer needs a buyer reference, for authorities the Leitweg-ID: billhook"
            " import customers, column buyer_reference."
        ),
    ),
}

_BY_FAMILY: dict[str, Advice] = {
    "BR-S-0": Advice("BT-31", _OUR_VAT_ID),
    "BR-Z-0": Advice("BT-31", _OUR_VAT_ID),
    "BR-E-0": Advice("BT-31", _OUR_VAT_ID),
    "BR-G-0": Advice("BT-31", _OUR_VAT_ID),
    "BR-AE-0": Advice("BT-48", _THEIR_VAT_ID),
    "BR-IC-0": Advice("BT-48", _THEIR_VAT_ID),
    "BR-CO-1": Advice("BG-22", _REPORT),
    "BR-DEC-": Advice("BT-5", _REPORT),
}
