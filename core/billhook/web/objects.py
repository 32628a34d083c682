"""Where the pages of things are, by what the audit log and notices call them."""

from dataclasses import dataclass

from babel.support import LazyProxy
from flask import current_app, url_for
from werkzeug.routing import BuildError

from billhook.i18n import lazy_gettext as _
from billhook.web.navigation import may


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A kind of thing: its word, and the page of one; the address names it by `parameter`."""

    label: LazyProxy
    endpoint: str = ""
    parameter: str = ""
    permission: str = ""


_PLACES: dict[str, Place] = {
    "api_key": Place(
        label=_("API key"),
        endpoint="api_keys.key",
        parameter="key_id",
        permission="api_keys.view",
    ),
    "bill_run": Place(
        label=_("Bill run"),
        endpoint="bill_runs.run",
        parameter="run_id",
        permission="bill_runs.view",
    ),
    "brand": Place(label=_("Brand"), endpoint="brands.listing", permission="brands.view"),
    "charge": Place(
        label=_("Charge"),
        endpoint="charges.charge",
        parameter="charge_id",
        permission="charges.view",
    ),
    "channel": Place(label=_("Channel")),
    "contact": Place(label=_("Contact")),
    "custom_field": Place(label=_("Own field")),
    "customer": Place(
        label=_("Customer"),
        endpoint="customers.customer",
        parameter="customer_id",
        permission="customers.view",
    ),
    "delivery": Place(
        label=_("Delivery"),
        endpoint="outbox.delivery",
        parameter="delivery_id",
        permission="deliveries.view",
    ),
    "document": Place(
        label=_("Document"),
        endpoint="documents.document",
        parameter="document_id",
        permission="documents.view",
    ),
    "draft": Place(
        label=_("Draft"),
        endpoint="drafts.editor",
        parameter="draft_id",
        permission="drafts.view",
    ),
    "export": Place(label=_("Export")),
    "file": Place(label=_("File")),
    "fx_rate": Place(
        label=_("Exchange rate"), endpoint="settings.rates", permission="fx_rates.view"
    ),
    "import": Place(label=_("Import")),
    "import_run": Place(
        label=_("Import"),
        endpoint="imports.run",
        parameter="run_id",
        permission="imports.create",
    ),
    "journal": Place(label=_("Journal"), endpoint="ledger.journal", permission="ledger.view"),
    "outbox": Place(
        label=_("Job"), endpoint="work.job", parameter="work_id", permission="outbox.view"
    ),
    "person": Place(
        label=_("Person"),
        endpoint="people.person",
        parameter="person_id",
        permission="people.view",
    ),
    "plugin": Place(
        label=_("Plugin"), endpoint="plugins.plugin", parameter="name", permission="plugins.view"
    ),
    "price": Place(label=_("Price")),
    "product": Place(
        label=_("Product"),
        endpoint="products.product",
        parameter="product_id",
        permission="products.view",
    ),
    "profile_change": Place(
        label=_("Change that a client wants"),
        endpoint="profile_changes.change",
        parameter="change_id",
        permission="customers.view",
    ),
    "question": Place(
        label=_("Question"),
        endpoint="questions.question",
        parameter="question_id",
        permission="questions.view",
    ),
    "saved_view": Place(label=_("Saved view")),
    "series": Place(label=_("Series"), endpoint="series.listing", permission="documents.view"),
    "tax_registration": Place(
        label=_("Tax registration"),
        endpoint="settings.registration",
        parameter="registration_id",
        permission="tenant.manage",
    ),
    "verification": Place(
        label=_("Verification"),
        endpoint="ledger.verification_run",
        parameter="run_id",
        permission="ledger.view",
    ),
    "tenant": Place(label=_("Company"), endpoint="settings.index"),
    "webhook": Place(
        label=_("Webhook"),
        endpoint="webhooks.endpoint",
        parameter="endpoint_id",
        permission="webhooks.view",
    ),
    "webhook_delivery": Place(
        label=_("Message to a webhook"),
        endpoint="webhook_deliveries.delivery",
        parameter="delivery_id",
        permission="webhooks.view",
    ),
}


def kinds() -> dict[str, Place]:
    """Return every kind that the core has, by its name."""
    return _PLACES


def word_for(kind: str) -> str:
    """Return what people call a kind; a plugin's own keeps its name."""
    place = _PLACES.get(kind)
    return str(place.label) if place else kind


def address_of(kind: str, object_id: object) -> str:
    """Return the address of a thing's page; empty where there is none that the member may open."""
    place = _PLACES.get(kind)
    if place is None or place.endpoint not in current_app.view_functions:
        return ""
    if place.permission and not may(place.permission):
        return ""
    values = {place.parameter: object_id} if place.parameter else {}
    try:
        return url_for(place.endpoint, **values)  # type: ignore[arg-type]
    except BuildError:  # what is no id has no page, such as the code of a channel
        return ""
