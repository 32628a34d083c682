"""What a file of charges can say."""

from billhook.i18n import lazy_gettext as _
from billhook.services.imports.columns import Column

COLUMNS: tuple[Column, ...] = (
    Column(
        field="customer",
        synonyms=("customer_reference", "customer_no", "customer_number"),
        is_required=True,
        hint=_("Reference of a stored customer."),
    ),
    Column(
        field="reference",
        synonyms=("charge", "charge_reference"),
        is_required=True,
        hint=_("Your own code of the charge, for ever its own."),
    ),
    Column(
        field="source",
        hint=_("Where the charge comes from; csv where neither this nor --source says."),
    ),
    Column(
        field="date",
        synonyms=("charged_on", "charge_date", "supply_date"),
        is_required=True,
        hint=_("Day of supply: 2026-11-30."),
    ),
    Column(
        field="description",
        synonyms=("text",),
        hint=_("What the line says; the product's name or the SKU where it is empty."),
    ),
    Column(
        field="quantity",
        synonyms=("qty",),
        hint=_("1 where it is empty; negative for a return."),
    ),
    Column(field="unit", synonyms=("uom",), hint=_("Code of UN/ECE Recommendation 20.")),
    Column(field="amount", hint=_("The price of the whole line, without tax.")),
    Column(
        field="unit_price",
        synonyms=("price",),
        hint=_("The price of one. A negative one turns the quantity negative."),
    ),
    Column(
        field="base_quantity",
        synonyms=("price_per",),
        hint=_("How many the unit price is for; 1 where it is empty."),
    ),
    Column(
        field="product",
        hint=_("SKU of a stored product whose price holds where the row has none."),
    ),
    Column(field="sku", synonyms=("article", "item"), hint=_("Printed on the line.")),
    Column(field="currency", hint=_("ISO 4217 code; the customer's where it is empty.")),
    Column(
        field="group",
        synonyms=("order", "project", "group_key"),
        hint=_("What belongs together: a section, or a document of its own."),
    ),
    Column(field="group_label", hint=_("How the group is called; its key otherwise.")),
    Column(
        field="period_start",
        synonyms=("from", "service_from"),
        hint=_("First day of the service."),
    ),
    Column(
        field="period_end",
        synonyms=("until", "service_until"),
        hint=_("Last day of the service."),
    ),
    Column(field="discount_percent", synonyms=("discount",), hint=_("10 for 10 %.")),
    Column(field="discount_amount", hint=_("Taken off the line.")),
    Column(field="discount_reason", hint=_("Printed beside the discount.")),
    Column(field="surcharge_percent", synonyms=("surcharge",), hint=_("5 for 5 %.")),
    Column(field="surcharge_amount", hint=_("Added to the line.")),
    Column(field="surcharge_reason", hint=_("Printed beside the surcharge.")),
    Column(
        field="supply",
        hint=_("goods, service or electronic_service; the product's otherwise."),
    ),
    Column(
        field="tax_category",
        hint=_("Such as standard, reduced or exempt; the product's otherwise."),
    ),
    Column(
        field="revenue_account",
        synonyms=("account",),
        hint=_("Code of the ledger; the product's otherwise."),
    ),
    Column(
        field="purchase_order",
        synonyms=("po", "po_number"),
        hint=_("The customer's order number; another one, another document."),
    ),
    Column(
        field="delivery_country",
        synonyms=("ship_to_country",),
        hint=_("Where goods go, if not to the customer's country."),
    ),
)
