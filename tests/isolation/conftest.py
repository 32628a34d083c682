"""Two tenants: the shop has rows in every table, acme has nothing but its own beginnings.

Every text of the shop's holds the word “zebra”, so that any answer to acme that
holds it is a leak.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from types import ModuleType, SimpleNamespace
from uuid import UUID

import pyotp
import pytest
from flask import Flask, current_app
from sqlalchemy import select

from billhook.backlog import backlog_of
from billhook.clock import SystemClock
from billhook.config import Config
from billhook.db import Base, TenantRow, db
from billhook.domain.deliveries import Recipient
from billhook.domain.questions import QuestionKind
from billhook.domain.states import DocumentType, PortalRight, RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.charges import ChargeRow
from billhook.models.customers import Contact, CustomerNote
from billhook.models.drafts import Draft
from billhook.models.files import File
from billhook.models.imports import ImportRun
from billhook.models.keys import ApiKey, ApiRequest
from billhook.models.ledger import EntryRow, Receivable
from billhook.models.people import Notification
from billhook.models.portal import ProfileChange
from billhook.models.products import Price
from billhook.models.work import Outbox
from billhook.plugins import secrets
from billhook.plugins.discovery import discover
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import (
    api_keys,
    api_requests,
    artefacts,
    attachments,
    audit,
    billing,
    brands,
    client_access,
    contacts,
    crediting,
    customer_notes,
    customer_tags,
    customers,
    delivering,
    drafting,
    duplicating,
    field_definitions,
    files,
    fx,
    import_runs,
    importing,
    issuing,
    notifications,
    plugin_settings,
    plugins,
    portal_domains,
    portal_settings,
    preferences,
    prices,
    products,
    profile_changes,
    questions,
    roles,
    schedules,
    second_factor,
    sessions,
    templates,
    tenants,
    verification_runs,
    views,
    webhooks,
)
from billhook.services.contexts import operator_context
from billhook.services.portal import clients, logging_in, papers, profile
from billhook.services.portal import factors as client_factors
from billhook.services.portal import invitations as client_invitations
from billhook.services.portal import questions as client_questions
from billhook.services.portal import sessions as client_sessions
from billhook.services.portal_settings import PortalChange
from billhook.services.webhooks import claiming, sending
from billhook.testing import applications
from billhook.testing import worlds as testing
from billhook.testing.members import PASSWORD, Somebody, invite, join, open_tenant
from billhook.testing.outward import CHANNEL, FORMAT, RENDERER, Paper, paper_plugin
from billhook.testing.portals import client_of, make_client

MARK = "zebra"
DAY = date(2026, 10, 31)

CUSTOMERS = """reference,name,country,currency,email
Z1,Zebra One,GB,GBP,one@zebra.example
Z2,Zebra Two,GB,GBP,two@zebra.example
"""
CHARGES = """reference,customer,date,description,unit_price,quantity,sku
zebra-{number},Z1,2026-10-{number:02},Zebra work,100,1,
"""
UNPRICED = """reference,customer,date,description,unit_price,quantity,sku
zebra-unpriced,Z2,2026-10-03,Zebra without a price,,1,ZEBRA-SKU
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The two tenants, with the ids of what the shop has."""

    shop: Context
    acme: Context
    ada: Somebody
    """The shop's administrator."""
    eve: Somebody
    """Acme's administrator, who looks for what is the shop's."""
    customer: UUID
    document: UUID
    draft: UUID
    file: UUID
    charge: UUID
    run: UUID
    work: UUID
    person: UUID
    registration: UUID
    brand: UUID
    artefact: UUID
    delivery: UUID
    entry: UUID
    receivable: UUID
    act: UUID
    verification: UUID
    notice: UUID
    own_field: UUID
    contact: UUID
    note: UUID
    price: UUID
    product: UUID
    import_run: UUID
    api_key: UUID
    api_request: UUID
    batch: UUID
    """Of events."""
    webhook: UUID
    webhook_delivery: UUID
    question: UUID
    profile_change: UUID

    @property
    def ids(self) -> dict[str, UUID]:
        names = ("customer", "document", "draft", "file", "charge", "run", "work", "person")
        more = ("registration", "brand", "artefact", "delivery", "own_field")
        more += ("contact", "note", "price", "product", "import_run")
        more += ("api_key", "api_request", "webhook", "webhook_delivery")
        more += ("entry", "receivable", "act", "verification", "notice", "question")
        more += ("profile_change",)
        return {name: getattr(self, name) for name in (*names, *more)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What is kept of a world between tests."""

    world: World | None = None
    paper: Paper


@pytest.fixture(autouse=True)
def _empty_dns(monkeypatch) -> None:
    """Let no request ask the machine's name servers."""
    nothing = SimpleNamespace(texts=lambda _name: [], aliases=lambda _name: [])
    monkeypatch.setattr(portal_domains, "DnsResolver", lambda: nothing)


@pytest.fixture
def beginning(request, worlds) -> testing.World[Built] | None:
    """Return the world or the two bare tenants, whichever the test asks for; built for the first who does."""
    if "world" in request.fixturenames:
        return worlds.world("isolation", _build)
    if "two" in request.fixturenames:
        return worlds.world("two tenants", _open_two)
    return None


@pytest.fixture
def paper(beginning) -> Paper:
    """What the plugin “paper” does, and what it was asked."""
    return beginning.told.paper.copy() if beginning else Paper()


@pytest.fixture
def app(make_app, config: Config, paper: Paper) -> Iterator[Flask]:
    """The application with all installed plugins, and with paper: it renders and sends at once."""
    app = make_app(config, plugins=_plugins(paper))
    with app.app_context():
        yield app


@pytest.fixture
def world(app, beginning) -> World:
    found = beginning.told.world
    return replace(found, shop=found.ada.ctx, acme=found.eve.ctx)


@pytest.fixture
def two(app) -> tuple[UUID, UUID]:
    """Return the ids of two tenants, “shop” and “acme”, who have nothing yet."""
    return operator_context("shop").tenant.id, operator_context("acme").tenant.id


def _open_two(config: Config) -> Built:
    paper = Paper()
    with applications.running(config, plugins=_plugins(paper)):
        open_tenant("shop")
        open_tenant("acme")
    return Built(paper=paper)


def _plugins(paper: Paper) -> list[ModuleType]:
    return [*_installed(), paper_plugin(paper)]


@cache
def _installed() -> list[ModuleType]:
    return [one.module for one in discover().installed.values()]


def _build(config: Config) -> Built:
    paper = Paper()
    with applications.running(config, plugins=_plugins(paper)):
        open_tenant("shop", name="Zebra Ltd", pack=(*tenants.DEFAULT_PACK, "paper"))
        open_tenant("acme", name="Acme GmbH", country="DE", currency="EUR", vat_id="", pack=())
        ada, eve = join("shop", "ada@zebra.example"), join("acme", "eve@acme.example")
        invite("shop", "bob@zebra.example", role="clerk")
        with ada.ctx.acting():
            world = _furnished(ada, eve)
        backlog_of(current_app).flush()
        return Built(world=world, paper=paper)


def _furnished(ada: Somebody, eve: Somebody) -> World:
    ctx = ada.ctx
    _bring_in(ctx)
    brand = _dress(ctx)
    invoice, _discounted, voided = (_issued(ctx, number) for number in (1, 2, 3))
    crediting.credit(ctx, invoice, reason="Zebra returned", lines={1: 1000}, issue_on=DAY)
    crediting.void(ctx, voided, reason="Zebra was wrong", issue_on=DAY)
    run = billing.run(ctx, until=DAY, issue_on=DAY).run_id  # parks the customer without a price
    draft = _draft(ctx, 4)
    artefact, delivery = _bring_out(ctx, invoice, draft)
    _keep(ctx)
    _leave_traces(ada, draft)
    _prove_twice(ada)
    _let_programs_in(ada.ctx, "Zebra's ERP")
    _let_clients_in(ctx)
    _let_clients_see(ctx, invoice)
    endpoint, message = _tell_programs(ada.ctx, "zebra")
    portal_domains.add(ctx, "billing.shop.example")
    with eve.ctx.acting():
        portal_domains.add(eve.ctx, "billing.acme.example")
        _let_programs_in(eve.ctx, "Acme's ERP")
        _tell_programs(eve.ctx, "acme")
        portal_settings.change(eve.ctx, PortalChange(message="Acme is at the beach"))
    portal_settings.change(ctx, PortalChange(message="Zebra is at the beach"))
    return World(
        shop=ctx,
        acme=eve.ctx,
        ada=ada,
        eve=eve,
        customer=customers.get(ctx, "Z1").id,
        document=invoice,
        draft=draft,
        file=_only(File.id, File.name == "Zebra.txt"),
        charge=_only(ChargeRow.id, ChargeRow.reference == "zebra-4"),
        run=run,
        work=db.session.scalars(db.select(Outbox.id).order_by(Outbox.id).limit(1)).one(),
        person=ada.person_id,
        registration=ctx.tenant.registrations[0].id,
        brand=brand,
        artefact=artefact,
        delivery=delivery,
        entry=db.session.scalars(db.select(EntryRow.id).order_by(EntryRow.id).limit(1)).one(),
        receivable=db.session.scalars(db.select(Receivable.id).limit(1)).one(),
        act=db.session.scalars(db.select(Audit.id).order_by(Audit.id).limit(1)).one(),
        verification=verification_runs.start(ctx),
        notice=_told(ctx, ada),
        own_field=_own_field(ctx),
        contact=_only(Contact.id, Contact.email == "zoe@zebra.example"),
        note=_only(CustomerNote.id),
        price=_only(Price.id, Price.customer_id.is_not(None)),
        product=products.get(ctx, "ZEBRA-SKU").id,
        import_run=_import_run(ctx),
        api_key=_only(ApiKey.id),
        api_request=_only(ApiRequest.id),
        batch=_some_batch(),
        webhook=endpoint,
        webhook_delivery=message,
        question=_ask(ctx, invoice),
        profile_change=_wish(ctx),
    )


def _wish(ctx: Context) -> UUID:
    """Let the customer's person want another name, which waits for a yes."""
    contact = _only(Contact.id, Contact.email == "zoe@zebra.example")
    portal_settings.change(ctx, PortalChange(approvals=["name"]))
    with ctx.transaction() as session:
        session.get_one(Contact, (ctx.tenant.id, contact)).portal_rights = ["see", "manage"]
    client = clients.of_contact(ctx, contact)
    assert client is not None
    for name in ("Zebra Two", "Zebra One Ltd"):
        with client.ctx.acting():
            known = profile.show(client)
            wanted = {**known.values, "name": name}
            profile.save(client, wanted, version=known.version, mark=known.mark)
        waits = _only(ProfileChange.id, ProfileChange.state == "waiting")
        if name == "Zebra Two":
            profile_changes.refuse(ctx, waits, reason="Zebra is another")  # of which they are told
    return waits


def _ask(ctx: Context, invoice: UUID) -> UUID:
    """Let the customer's person dispute an invoice, with a file, and answer them."""
    contact = _only(Contact.id, Contact.email == "zoe@zebra.example")
    with ctx.transaction() as session:
        session.get_one(Contact, (ctx.tenant.id, contact)).portal_rights = ["see"]
    client = clients.of_contact(ctx, contact)
    assert client is not None
    with client.ctx.acting():
        asked = client_questions.ask(
            client,
            client_questions.NewQuestion(
                document_id=invoice,
                kind=QuestionKind.DISPUTE,
                reason="other",
                text="Zebra does not agree",
                uploads=[questions.Upload(name="Zebra's.txt", content=b"zebra")],
            ),
        )
    questions.reply(ctx, asked, "Zebra will see")
    return asked


def _some_batch() -> UUID:
    """Return a batch that has events."""
    events = db.select(Outbox.batch_id).where(Outbox.kind == "event").order_by(Outbox.id)
    return db.session.scalars(events.limit(1)).one()


def _import_run(ctx: Context) -> UUID:
    """Bring in a file that was checked, and has bad rows."""
    content = b"reference,name,country\nZ8,Zebra eight,GB\nZ9,Zebra nine,XX\n"
    run = import_runs.bring(ctx, "customers", name="Zebra.csv", content=content)
    import_runs.check(ctx, run, import_runs.Options())
    return run


def _own_field(ctx: Context) -> UUID:
    wanted = field_definitions.NewField(subject="customer", label="Zebra stripes")
    return field_definitions.create(ctx, wanted).id


def _bring_in(ctx: Context) -> None:
    _import(ctx, "customers", CUSTOMERS)
    customers.save_contact(ctx, "Z1", email="zoe@zebra.example", name="Zoe Zebra")
    products.upsert(ctx, [products.ProductInput(sku="ZEBRA-SKU", name="Zebra product")])
    _import(ctx, "charges", UNPRICED)


def _dress(ctx: Context) -> UUID:
    """Give the brand all that a brand has, and a customer all that it can choose."""
    brand = brands.save(
        ctx, brands.BrandInput(renderer=RENDERER, logo=_logo(), legal_text="Zebra law")
    )
    brands.save(ctx, brands.BrandInput(code="zebra-face", name="Zebra's other face"))
    templates.save(
        ctx,
        templates.TemplateInput(
            document_type=DocumentType.INVOICE, language="en", title="Zebra invoice"
        ),
    )
    preferences.save(
        ctx,
        "Z1",
        preferences.PreferenceChange(
            brand=brand.code, channels=CHANNEL, formats=FORMAT, tone="friendly"
        ),
    )
    return brand.id


def _logo() -> bytes:
    """Draw a PNG of one pixel, which says “zebra”."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"tEXt", b"Title\0zebra"), (b"IDAT", zlib.compress(b"\0\0")))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (*chunks, (b"IEND", b""))
    )


def _bring_out(ctx: Context, invoice: UUID, draft: UUID) -> tuple[UUID, UUID]:
    """Send an invoice, and let a draft wait with what goes out beside it."""
    attachments.attach(
        ctx, draft, name="Zebra terms.txt", content_type="text/plain", content=b"zebra terms"
    )
    printed = artefacts.printed(ctx, invoice)
    sent = delivering.send(ctx, invoice, recipients=[Recipient(address="zoe@zebra.example")])
    delivering.attempt(ctx, sent.id)
    return printed.id, sent.id


def _import(ctx: Context, kind: importing.ImportKind, file: str) -> None:
    report = importing.run(ctx, kind, io.BytesIO(file.encode()))
    assert report.is_written, report.errors


def _let_clients_in(ctx: Context) -> None:
    """Let somebody of the customer's in, with an authenticator app, and invite somebody else."""
    customer_id = customers.get(ctx, "Z1").id
    zed, zora = (
        contacts.add(ctx, customer_id, contacts.ContactInput(name=name, email=email)).id
        for name, email in (("Zed Zebra", "zed@zebra.example"), ("Zora", "zora@zebra.example"))
    )
    client_access.invite(ctx, zora, [])
    made = client_access.invite(ctx, zed, [PortalRight.MANAGE])
    client_invitations.accept(ctx, made.path.removeprefix("/invitation/"), PASSWORD)
    token = logging_in.log_in(ctx, "zed@zebra.example", PASSWORD)
    client = client_sessions.resume(ctx, token)
    assert client is not None
    with client.ctx.acting():
        client_factors.confirm(client, pyotp.TOTP(client_factors.offer(client).secret).now())


def _let_clients_see(ctx: Context, invoice: UUID) -> None:
    """Let somebody of the customer's open an invoice at the portal."""
    contact_id = make_client(
        ctx, customers.get(ctx, "Z1").id, "zach@zebra.example", name="Zach Zebra"
    )
    client = client_of(ctx, contact_id)
    with client.ctx.acting():
        papers.read(client, invoice)


def _draft(ctx: Context, number: int) -> UUID:
    _import(ctx, "charges", CHARGES.format(number=number))
    billing.run(ctx, until=DAY, issue_on=DAY, mode=RunMode.DRAFT)
    return _only(Draft.id, Draft.state == "open")


def _issued(ctx: Context, number: int) -> UUID:
    draft = _draft(ctx, number)
    reason = "Zebra discount"
    drafting.adjust(
        ctx, draft, Adjustment(kind=AdjustmentKind.ALLOWANCE, reason=reason, amount=500)
    )
    return issuing.issue(ctx, draft, issue_on=DAY, key=f"zebra-{number}").id


def _told(ctx: Context, ada: Somebody) -> UUID:
    """Tell the shop's administrator something; return the notice."""
    with ctx.transaction():
        notifications.notify(
            ctx,
            [ada.person_id],
            notifications.NoticeKind.JOB_GIVEN_UP,
            facts={"name": "zebra.run", "plugin": ""},
            key="zebra",
        )
    return _only(Notification.id)


def _prove_twice(ada: Somebody) -> None:
    """Give the shop a role of its own, and its administrator a second factor with codes."""
    with ada.ctx.acting():
        roles.create(ada.ctx, title="Zebra keeper", like="clerk")
    visit = sessions.resume(sessions.log_in(ada.email, ada.password))
    assert visit is not None
    offer = second_factor.offer_app(visit)
    code = pyotp.TOTP(offer.secret).now()
    second_factor.confirm_app(visit, offer.factor_id, code, name="Phone")
    second_factor.new_codes(visit)


def _let_programs_in(ctx: Context, name: str) -> None:
    """Make a key that has asked for something."""
    wanted = api_keys.KeyInput(name=name, scopes=("customers.view", "documents.view"))
    key = api_keys.make(ctx, wanted, api_version="2026-11-30").entry
    asked = api_requests.ApiRequestRecord(
        id=new_id(),
        key_id=key.id,
        requested_at=ctx.now(),
        method="GET",
        route="/customers/<reference>",
        path=f"/api/v1/customers/{name}",
        status=200,
        milliseconds=7,
        address="192.0.2.7",
        user_agent=name,
    )
    api_requests.write(ctx.tenant.id, [asked])


def _tell_programs(ctx: Context, word: str) -> tuple[UUID, UUID]:
    """Let an endpoint be told of something that it refused; return it and the delivery."""
    wanted = webhooks.EndpointInput(
        url=f"https://{word}.example/hook", description=f"{word}'s ERP"
    )
    with ctx.transaction():  # in a transaction nothing is looked up
        endpoint = webhooks.create(ctx, wanted).endpoint
    delivery = webhooks.send_test(ctx, endpoint.id, "plugin.enabled")
    for parcel in sending.parcels(claiming.claim(8, {})):
        at = SystemClock().now()
        came = sending.Outcome(
            attempted_at=at,
            headers=parcel.headers(at),
            milliseconds=7,
            status=500,
            answer=f"no {word} here",
            error=f"{word} answered 500",
        )
        sending.record(parcel, came)
    return endpoint.id, delivery


def _leave_traces(ada: Somebody, draft: UUID) -> None:
    """Tag a customer, copy a draft, save a view of a list, and bring in a file."""
    ctx = ada.ctx
    customer_tags.add(ctx, [customers.get(ctx, "Z1").id], "zebra-herd")
    drafting.discard(ctx, duplicating.duplicate(ctx, draft), reason="Zebra copy")
    views.save(ctx, "documents", title="Zebra view", query="q=zebra", is_shared=True)
    with ctx.transaction() as session:
        session.add(
            ImportRun(
                id=new_id(),
                kind="customers",
                file_id=_only(File.id, File.name == "Zebra.txt"),
                name="Zebra.csv",
                is_dry_run=True,
                state="done",
                started_at=ctx.now(),
            )
        )


def _only(column, *conditions) -> UUID:
    return db.session.scalars(db.select(column).where(*conditions)).one()


def _keep(ctx: Context) -> None:
    price = prices.PriceInput(
        sku="ZEBRA-SKU", model="pricing_standard.per_unit", parameters={"unit_price": "9"}
    )
    (added,) = prices.add_prices(ctx, [price])
    assert added.state == "new", added.problems
    prices.add_price(ctx, replace(price, customer="Z1"))
    customer_notes.write(ctx, customers.get(ctx, "Z1").id, "Zebra likes tea")
    fx.set_rate(ctx, "EUR", Decimal("1.17"), on=DAY, source="Zebra bank")
    files.store(ctx, name="Zebra.txt", content_type="text/plain", content=b"zebra")
    plugin_settings.change_settings(ctx, "tax_rules", {"exemption_reason": "Zebra law"})
    with ctx.transaction():
        keys = runtime().config.secret_keys
        secrets.keep("tax_rules", "zebra_key", "a zebra's secret", keys=keys, at=ctx.now())
        schedules.run_due(ctx)
    audit.link(ctx, reach=None)


@pytest.fixture
def well_equipped(world) -> World:
    """The same, but that acme has each plugin on that the shop has: nothing stops it early."""
    for name in sorted(world.shop.tenant.plugins):
        with world.acme.acting():
            plugins.enable(world.eve.ctx, name)
    return replace(world, acme=world.eve.ctx)


@pytest.fixture
def everything_of() -> Callable[[Context], dict[str, list[str]]]:
    """Return a way to read all rows of a tenant, to see that none of them changed."""
    return _everything_of


def _everything_of(ctx: Context) -> dict[str, list[str]]:
    tables = [
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantRow)
        and mapper.class_.__module__.startswith("billhook.models.")
    ]
    with ctx.acting():
        return {
            table.name: sorted(
                str(row)
                for row in db.session.execute(
                    select(table).where(table.c.tenant_id == ctx.tenant.id)
                )
            )
            for table in tables
        }
