"""An office whose clients have accounts at its portal; made once, and every test gets a copy.

- `office`: the tenant “office”; see `Office`. Ann has an invoice and its credit note, Łódź an invoice and an open
  draft, Yamada an invoice. `eve` and `ed` are Ann's people (Ed may see alone), `lech` is of Łódź.
- `office.at_portal("eve@ann.example")`: a browser in which a client has logged in (paths begin after
  `/portal/office`); `office.stranger()`: one in which nobody has. `office.visit()`: the administrator's browser at
  the company's pages. `office.client(contact_id)`: a contact as services see them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.config import Config
from billhook.db import db
from billhook.domain.states import PortalRight, RunMode
from billhook.models.brands import BrandRow
from billhook.sdk.context import Context
from billhook.services import billing, crediting, documents
from billhook.services.portal.clients import Client
from billhook.testing import applications
from billhook.testing import worlds as testing
from billhook.testing.browser import Browser
from billhook.testing.members import Somebody, join, open_tenant
from billhook.testing.outward import RENDERER, Paper, paper_plugin
from billhook.testing.portals import PortalBrowser, client_of, make_client
from billhook.testing.shops import END, acting, make_charge, make_customer

EVE, ED, LECH = "eve@ann.example", "ed@ann.example", "lech@lodz.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of the office between tests."""

    paper: Paper
    admin: Somebody
    customers: dict[str, UUID]
    """ann, lodz, yamada"""
    contacts: dict[str, UUID]
    """eve, ed, lech"""
    invoices: dict[str, UUID]
    """By customer."""
    note: UUID
    """Ann's credit note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A tenant with clients at its portal."""

    app: Flask
    ctx: Context
    kept: Kept
    paper: Paper
    """What leaves the house: `paper.memos` are the letters to clients."""
    visit: Callable[..., Browser]
    at_portal: Callable[[str], PortalBrowser]
    stranger: Callable[..., PortalBrowser]

    def client(self, name: str) -> Client:
        """Return eve, ed or lech as services see them."""
        return client_of(self.ctx, self.kept.contacts[name])


@pytest.fixture
def beginning(worlds) -> testing.World[Kept]:
    return worlds.world(("portal",), _open_office)


@pytest.fixture
def office(make_app, config, beginning) -> Iterator[Office]:
    kept: Kept = beginning.told
    paper = kept.paper.copy()
    app = make_app(config, plugins=_plugins(paper))

    def stranger(address: str = "127.0.0.1", slug: str = "office") -> PortalBrowser:
        return PortalBrowser(applications.fresh_client(app), slug, address=address)

    def at_portal(email: str) -> PortalBrowser:
        browser = stranger()
        assert browser.log_in(email).status_code == 303
        return browser

    def visit(email: str = kept.admin.email) -> Browser:
        browser = Browser(applications.fresh_client(app))
        assert browser.log_in(email).status_code == 303
        return browser

    with app.app_context(), acting("office") as ctx:
        db.session.rollback()  # ends reading: else the test would not see what its browsers do
        yield Office(
            app=app,
            ctx=ctx,
            kept=kept,
            paper=paper,
            visit=visit,
            at_portal=at_portal,
            stranger=stranger,
        )


@pytest.fixture
def other(office) -> Callable[[], PortalBrowser]:
    """Return the portal of another tenant, where Eve has an account of the same address."""
    open_tenant("other")
    with acting("other") as ctx:
        make_client(ctx, make_customer(ctx, "ann"), EVE, name="Other Eve")
    return lambda: office.stranger(slug="other")


def _plugins(paper: Paper) -> list:
    return [pricing_standard, tax_rules, paper_plugin(paper)]


def _open_office(config: Config) -> Kept:
    paper = Paper()
    plugins = _plugins(paper)
    with applications.running(config, plugins=plugins):
        open_tenant("office", pack=tuple(one.info.name for one in plugins))
        admin = join("office", "olga@office.example")
        with acting("office") as ctx:
            return _furnished(ctx, paper, admin)


def _furnished(ctx: Context, paper: Paper, admin: Somebody) -> Kept:
    with ctx.transaction() as session:
        session.execute(
            update(BrandRow).where(BrandRow.tenant_id == ctx.tenant.id).values(renderer=RENDERER)
        )
    names = {"ann": "Ann & Sons <b>", "lodz": "Łódź Software", "yamada": "山田太郎"}
    customers = {
        reference: make_customer(ctx, reference, name=name, email=f"{reference}@client.example")
        for reference, name in names.items()
    }
    for reference, price in (("ann", "1234.5"), ("lodz", "20"), ("yamada", "30")):
        make_charge(ctx, customers[reference], price, description="Work & <b>more</b>")
    billing.run(ctx, until=END, issue_on=END)
    invoices = {name: documents.listing(ctx, customer=name)[0].id for name in customers}
    note = crediting.credit(
        ctx, invoices["ann"], reason="Too much", lines={1: 23450}, issue_on=END
    ).id
    make_charge(ctx, customers["lodz"], "5")
    billing.run(ctx, until=END, issue_on=END, mode=RunMode.DRAFT)
    contacts = {
        "eve": make_client(ctx, customers["ann"], EVE, name="Eve Ann"),
        "ed": make_client(ctx, customers["ann"], ED, name="Ed Ann", rights=[PortalRight.SEE]),
        "lech": make_client(ctx, customers["lodz"], LECH, name="Lech Łódź"),
    }
    return Kept(
        paper=paper,
        admin=admin,
        customers=customers,
        contacts=contacts,
        invoices=invoices,
        note=note,
    )
