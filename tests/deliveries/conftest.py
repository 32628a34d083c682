"""A shop whose documents go out by pigeon."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import ModuleType
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

import billhook_delivery_email.plugin as delivery_email
import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.clock import SystemClock
from billhook.config import Config
from billhook.db import db
from billhook.models.brands import BrandRow
from billhook.models.tenants import Tenant
from billhook.models.work import DueWork, Outbox
from billhook.sdk.context import Context
from billhook.services import billing, documents
from billhook.services.contexts import operator_context
from billhook.testing import applications
from billhook.testing.outward import CHANNEL, RENDERER, Paper, paper_plugin
from billhook.testing.shops import END, acting, make_charge, make_customer, opened
from billhook.testing.worlds import World


@pytest.fixture
def paper() -> Paper:
    """What the plugin “paper” does, and what it was asked."""
    return Paper()


@pytest.fixture
def app(make_app, config, paper) -> Flask:
    """An application with mail, a loft of pigeons, and what prints without delay."""
    return make_app(config, plugins=_plugins(paper))


def _plugins(paper: Paper) -> list[ModuleType]:
    return [pricing_standard, tax_rules, delivery_email, paper_plugin(paper)]


@pytest.fixture
def beginning(request, worlds) -> World[None] | None:
    """Return the shop, where the test neither opens nor changes it itself; opened for the first who asks."""
    names = request.fixturenames
    return (
        worlds.world("deliveries", _open) if "shop" in names and "open_shop" not in names else None
    )


def _open(config: Config) -> None:
    with applications.running(config, plugins=_plugins(Paper())) as app, _opened(app, (CHANNEL,)):
        pass


@pytest.fixture
def open_shop(app) -> Iterator[Callable[..., Context]]:
    """Return a function that opens a shop with a pigeon loft, and acts in it."""
    with app.app_context(), ExitStack() as inside:

        def make(channels: tuple[str, ...] = (CHANNEL,), **wanted: object) -> Context:
            return inside.enter_context(_opened(app, channels, **wanted))

        yield make


@contextmanager
def _opened(app: Flask, channels: tuple[str, ...], **wanted: object) -> Iterator[Context]:
    plugins = app.extensions["billhook"].host.installed
    with opened("shop", pack=tuple(plugins), **wanted) as ctx:
        with ctx.transaction() as session:
            mine = BrandRow.tenant_id == ctx.tenant.id
            session.execute(update(BrandRow).where(mine).values(renderer=RENDERER))
            session.execute(
                update(Tenant).where(Tenant.id == ctx.tenant.id).values(channels=list(channels))
            )
        yield operator_context("shop")


@pytest.fixture
def shop(app, beginning) -> Iterator[Context]:
    with app.app_context(), acting("shop") as ctx:
        yield ctx


@pytest.fixture
def invoice(shop) -> Callable[..., UUID]:
    """Return a function that issues an invoice to a customer, and leaves its jobs alone."""

    def make(reference: str = "ann", *, email: str = "ann@client.example") -> UUID:
        customer = make_customer(shop, reference, email=email)
        make_charge(shop, customer, "10", description="Ten")
        billing.run(shop, until=END, issue_on=END)
        return documents.listing(shop, customer=reference, limit=1)[0].id

    return make


def let_all_be_due(ctx: Context) -> None:
    """Let the time pass that work waits for another try."""
    with ctx.transaction() as session:
        session.execute(
            update(DueWork)
            .where(DueWork.tenant_id != DueWork.batch_id, DueWork.tenant_id == ctx.tenant.id)
            .values(due_at=SystemClock().now())
        )


def of_now(ctx: Context) -> Context:
    """Return the context as a job gets it."""
    return replace(operator_context(ctx.tenant.slug))


def jobs(name: str) -> list[Outbox]:
    wanted = db.select(Outbox).where(Outbox.name == name).order_by(Outbox.id)
    db.session.rollback()
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


@pytest.fixture
def invoice_of() -> Callable[..., UUID]:
    """Return a function that issues an invoice in a shop that the test opened itself."""

    def make(ctx: Context, reference: str = "ann", **fields: str) -> UUID:
        customer = make_customer(ctx, reference, **{"email": "ann@client.example", **fields})
        make_charge(ctx, customer, "10", description="Ten")
        billing.run(ctx, until=END, issue_on=END)
        return documents.listing(ctx, customer=reference, limit=1)[0].id

    return make


@pytest.fixture
def make_ann() -> Callable[[], UUID]:
    """Return a function that makes the customer Ann before anything is billed."""
    return lambda: make_customer(operator_context("shop"), "ann", email="ann@client.example")
