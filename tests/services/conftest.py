"""Tenants as `tenant create` opens them, entered."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from billhook.sdk.context import Context
from billhook.services import tenants
from billhook.services.tenants import NewTenant


def open_tenant(slug: str, **wanted: object) -> Context:
    """Open a German tenant in EUR, or what else is asked for."""
    told = {"name": slug.title(), "country": "DE", "currency": "EUR", **wanted}
    return tenants.create(NewTenant(slug=slug, **told)).context


@pytest.fixture
def ctx(app) -> Iterator[Context]:
    """Return the operator's context in a tenant, entered."""
    ctx = open_tenant("acme", vat_id="DE136695976")
    with ctx.acting():
        yield ctx


@pytest.fixture
def other_ctx(app) -> Context:
    """Return the operator's context in another tenant, not entered."""
    return open_tenant("other")


@pytest.fixture
def with_permissions() -> Callable[..., Context]:
    """Return a way to make a context that may do only so much."""

    def limit(ctx: Context, *permissions: str) -> Context:
        return replace(ctx, permissions=frozenset(permissions))

    return limit
