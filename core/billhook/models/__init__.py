"""Rows. Importing this package maps every table of the core."""

from billhook.models import (
    audit,
    charges,
    customers,
    documents,
    drafts,
    files,
    fx,
    ledger,
    people,
    plugins,
    products,
    runs,
    tenants,
    work,
)

__all__ = [
    "audit",
    "charges",
    "customers",
    "documents",
    "drafts",
    "files",
    "fx",
    "ledger",
    "people",
    "plugins",
    "products",
    "runs",
    "tenants",
    "work",
]
