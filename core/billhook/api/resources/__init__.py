"""The routes of the core, in the order of the reference."""

from collections.abc import Sequence

from billhook.api.resources import (
    company,
    contacts,
    custom_fields,
    customer_notes,
    customer_preferences,
    customers,
    document_acts,
    document_files,
    documents,
    duplicates,
    fx_rates,
    privacy,
    registrations,
    series,
    webhooks,
)
from billhook.sdk.api import Routes

ROUTES: Sequence[Routes] = (
    customers.routes,
    contacts.routes,
    customer_notes.routes,
    customer_preferences.routes,
    duplicates.routes,
    privacy.routes,
    documents.routes,
    document_files.routes,
    document_acts.routes,
    webhooks.routes,
    company.routes,
    registrations.routes,
    series.routes,
    custom_fields.routes,
    fx_rates.routes,
)
