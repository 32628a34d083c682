"""Two companies whose webhooks go to receivers on this machine, which the operator allows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_network
from uuid import UUID

import pytest

from billhook.app import SENDER
from billhook.domain.events import PluginEnabled
from billhook.jobs.drainer import drain
from billhook.sdk.context import Context
from billhook.services import outbox, webhooks
from billhook.testing import members
from billhook.testing.sinks import Sink, sink
from billhook.testing.working import open_tenant

LOCAL = (ip_network("127.0.0.0/24"),)


@pytest.fixture
def config(config):
    return replace(config, outbound_networks=LOCAL)


@pytest.fixture
def ctx(app) -> Iterator[Context]:
    """Return the context of a tenant, entered."""
    ctx = open_tenant()
    with ctx.acting():
        yield ctx


@pytest.fixture
def office_of_one(app) -> Iterator[Context]:
    """Return the context of an administrator, entered."""
    members.open_tenant("shop", pack=())
    ctx = members.join("shop", "ada@shop.example").ctx
    with ctx.acting():
        yield ctx


@pytest.fixture
def receiver() -> Iterator[Callable[..., Sink]]:
    """Return a way to run receivers until the test ends."""
    with ExitStack() as running:
        yield lambda behave=None, **wanted: running.enter_context(sink(behave, **wanted))


@pytest.fixture
def one(receiver) -> Sink:
    return receiver()


@pytest.fixture
def send(app) -> Callable[[], None]:
    """Return what does all that is due: events become messages, and messages are sent."""

    def act() -> None:
        drain()
        app.extensions[SENDER].send_due()

    return act


def listen(ctx: Context, at: Sink | str, *events: str) -> webhooks.NewEndpoint:
    """Let an endpoint be told of events, or of all."""
    url = at if isinstance(at, str) else at.url
    return webhooks.create(ctx, webhooks.EndpointInput(url=url, events=events))


def happen(ctx: Context, *names: str) -> None:
    """Let things happen in one transaction: each an event with a plugin's name in it."""
    with ctx.transaction():
        for name in names or ("fax",):
            outbox.publish(ctx, PluginEnabled(plugin=name))


def entries(ctx: Context, **wanted: object) -> list[webhooks.DeliveryEntry]:
    found = webhooks.deliveries(ctx, webhooks.DeliveryFilter(**wanted))
    return list(found.rows)


def only(ctx: Context, endpoint_id: UUID | None = None) -> webhooks.DeliveryView:
    """Return the one delivery that there is, of an endpoint if one is named."""
    (found,) = entries(ctx, endpoint_id=endpoint_id)
    return webhooks.delivery(ctx, found.id)
