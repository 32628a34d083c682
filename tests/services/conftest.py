"""Tenants as `tenant create` opens them, entered."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from billhook.config import Config
from billhook.sdk.context import Context
from billhook.services import tenants
from billhook.services.tenants import NewTenant
from billhook.testing import applications
from billhook.testing.shops import acting
from billhook.testing.worlds import World


def open_tenant(slug: str, **wanted: object) -> Context:
    """Open a German tenant in EUR, or what else is asked for."""
    told = {"name": slug.title(), "country": "DE", "currency": "EUR", **wanted}
    return tenants.create(NewTenant(slug=slug, **told)).context


@pytest.fixture
def beginning(request, worlds) -> World[None] | None:
    """Return the tenant of `ctx`, where the test asks for it; it is opened for the first who does."""
    return worlds.world("acme", _open_acme) if "ctx" in request.fixturenames else None


def _open_acme(config: Config) -> None:
    with applications.running(config):
        open_tenant("acme", vat_id="DE136695976")


@pytest.fixture
def ctx(app) -> Iterator[Context]:
    """Return the operator's context in a tenant, entered."""
    with acting("acme") as ctx:
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
