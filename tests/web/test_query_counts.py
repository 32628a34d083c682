"""No page asks the database more often where there is more to show.

Every page that shows something, with 3 rows of everything and with 30: as many statements.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import event, select
from werkzeug.routing import BaseConverter

from billhook.db import Base, db
from billhook.domain.states import RunMode
from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.services import (
    api_keys,
    api_requests,
    billing,
    brands,
    customer_notes,
    customer_tags,
    customers,
    field_definitions,
    invitations,
    notifications,
    prices,
    products,
    roles,
    sessions,
    webhooks,
)
from billhook.testing.applications import fresh_client
from billhook.testing.doors import Door, doors, placeholder
from billhook.testing.shops import END, make_charge, make_customer
from billhook.web.access import Audience

FEW, MANY = 3, 30

NOT_SHOWN = {
    "audit.export_list",  # writes a row of its own into what it exports
    "brands.logo",
    "brands.preview",
    "brands.preview_template",
    "documents.pdf",
    "documents.xml",
    "drafts.preview",
    "home.enter",
    "static",
}
"""Pictures and papers: made of one document by plugins, and measured by benchmarks of their own."""

LISTS = (
    *("documents", "drafts", "customers", "charges", "products", "outbox", "ledger", "audit"),
    *("api_keys", "api_requests", "webhooks", "webhook_deliveries"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How many statements each page takes in a company of some size."""

    counts: dict[str, int]
    statuses: dict[str, int]


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def grow(ctx: Context, person: UUID, since: int, until: int) -> None:
    """Let the company have as many of everything, up to a number."""
    numbers = range(since, until)
    customer = customers.get(ctx, "ann").id
    for number in numbers:
        other = make_customer(ctx, f"C{number}", email=f"c{number}@client.example")
        customers.save_contact(ctx, "ann", email=f"p{number}@client.example", name=f"P {number}")
        customer_notes.write(ctx, customer, f"Note {number}")
        customer_tags.add(ctx, [customer, other], f"tag-{number}")
        products.upsert(ctx, [products.ProductInput(sku=f"SKU{number}", name=f"Thing {number}")])
        invitations.invite(ctx, email=f"m{number}@office.example", name="M", role="clerk")
        roles.create(ctx, title=f"Role {number}", like="clerk")
        brands.save(ctx, brands.BrandInput(code=f"face-{number}", name=f"Face {number}"))
        make_charge(ctx, other, "10", description=f"Charge {number}")
        _let_programs_in(ctx, number)
        with ctx.transaction():
            kind = notifications.NoticeKind.JOB_GIVEN_UP
            told = {"name": "x", "plugin": ""}
            notifications.notify(ctx, [person], kind, facts=told, key=f"k{number}")
    price = prices.PriceInput(
        sku=f"SKU{since}", model="pricing_standard.per_unit", parameters={"unit_price": "9"}
    )
    prices.add_prices(ctx, [price])
    field_definitions.create(
        ctx, field_definitions.NewField(subject="customer", label=f"Field {since}")
    )
    billing.run(ctx, until=END, issue_on=END)
    for number in numbers:
        make_charge(ctx, customer, "20", description=f"Line {number}")
        make_charge(ctx, customers.get(ctx, f"C{number}").id, "30")
    billing.run(ctx, until=END, issue_on=END, mode=RunMode.DRAFT)


def _let_programs_in(ctx: Context, number: int) -> None:
    """Make a key that asked for something, and a webhook that is sent a test."""
    wanted = api_keys.KeyInput(name=f"Key {number}", scopes=("customers.view",))
    key = api_keys.make(ctx, wanted, api_version="2026-11-30").entry
    asked = api_requests.ApiRequestRecord(
        id=new_id(),
        key_id=key.id,
        requested_at=ctx.now(),
        method="GET",
        route="/customers",
        path="/api/v1/customers",
        status=200,
        milliseconds=1,
        address="192.0.2.9",
    )
    api_requests.write(ctx.tenant.id, [asked])
    endpoint = webhooks.create(ctx, webhooks.EndpointInput(url="https://8.8.8.8/")).endpoint
    webhooks.send_test(ctx, endpoint.id, "document.issued")


def ids(ctx: Context) -> dict[str, Callable[[], UUID | str]]:
    """Return what stands for each place in an address: the newest thing of its kind."""

    def newest(table: str, column: str = "id") -> Callable[[], UUID | str]:
        rows = Base.metadata.tables[table]
        query = select(rows.c[column]).where(rows.c.tenant_id == ctx.tenant.id)
        return lambda: db.session.scalars(query.order_by(rows.c[column].desc()).limit(1)).one()

    return {
        "act_id": newest("audit"),
        "charge_id": newest("charge"),
        "contact_id": newest("contact"),
        "customer_id": lambda: customers.get(ctx, "ann").id,
        "delivery_id": newest("delivery"),
        "document_id": newest("document"),
        "draft_id": newest("draft"),
        "endpoint_id": newest("webhook_endpoint"),
        "entry_id": newest("entry"),
        "field_id": newest("custom_field"),
        "key_id": newest("api_key"),
        "price_id": newest("price"),
        "product_id": newest("product"),
        "registration_id": newest("tax_registration"),
        "request_id": newest("api_request"),
        "run_id": newest("bill_run"),
        "work_id": newest("outbox"),
        "sheet_format": lambda: "csv",
        "subject": lambda: "customer",
    }


def look(office, known: dict[str, Callable[[], UUID | str]]) -> Shown:
    """Load each page twice, and count the second time, when all is compiled and remembered."""
    client = fresh_client(office.app)
    person = office.admin
    client.set_cookie(
        "billhook_login", sessions.begin(person.person_id, tenant_id=person.tenant_id)
    )
    counts, statuses = {}, {}
    for door in shown(office.app):
        path = door.path(lambda name, kind: _placed(name, kind, known))
        db.session.rollback()
        client.get(path, buffered=True)
        with counted() as said:
            answer = client.get(path, buffered=True)
        counts[door.endpoint], statuses[door.endpoint] = len(said), answer.status_code
    return Shown(counts=counts, statuses=statuses)


def _placed(name: str, kind: BaseConverter, known: dict[str, Callable[[], UUID | str]]) -> object:
    return known[name]() if name in known else placeholder(name, kind)


def shown(app) -> list[Door]:
    return [
        door
        for door in doors(app)
        if door.is_safe
        and door.endpoint not in NOT_SHOWN
        and door.access.audience in (Audience.SEAT, Audience.PERSON)
    ]


def test_no_page_asks_more_often_where_there_is_more(office):
    ctx, person = office.ctx, office.admin.person_id
    known = ids(ctx)
    grow(ctx, person, 0, FEW)
    few = look(office, known)
    grow(ctx, person, FEW, MANY)
    many = look(office, known)
    grown = {
        page: (count, many.counts[page])
        for page, count in few.counts.items()
        if many.counts[page] > count and many.statuses[page] == few.statuses[page]
    }
    assert grown == {}, "statements with 3 rows and with 30"
    answered = [page for page, status in many.statuses.items() if status == 200]
    assert len(answered) > 60
    missing = [one for one in LISTS if f"{one}.listing" not in answered]
    assert missing == []
