"""Help at hand: which short text of `templates/help` belongs to which page."""

from flask import request

BY_ENDPOINT = {
    "brands.brand": "brand",
    "brands.new": "brand",
    "brands.template": "template",
    "documents.document": "document",
    "settings.company": "company",
    "settings.rates": "exchange-rates",
    "settings.registration": "tax-registrations",
    "settings.registrations": "tax-registrations",
}
BY_BLUEPRINT = {
    "api_keys": "api-keys",
    "api_requests": "api-keys",
    "bill_runs": "bill-runs",
    "brands": "brands",
    "charges": "charges",
    "customers": "customers",
    "documents": "documents",
    "drafts": "drafts",
    "guide": "first-steps",
    "home": "home",
    "ledger": "ledger",
    "outbox": "outbox",
    "own_fields": "own-fields",
    "products": "products",
    "series": "series",
    "settings": "settings",
    "webhook_deliveries": "webhooks",
    "webhooks": "webhooks",
}


def topic() -> str:
    """Return the text that the page shows; none where there is nothing to explain."""
    of_page = BY_ENDPOINT.get(request.endpoint or "")
    return of_page or BY_BLUEPRINT.get(request.blueprint or "", "")
