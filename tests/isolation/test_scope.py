"""Within one tenant: who sees their own customers alone gets not a byte of the others.

Everything of the others holds the word “zebra”: what `world` fills the shop with.
Sue, who may do all that a manager may, looks after one customer of her own.
"""

import io
import random
import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update

from billhook.db import Base, db, tenant_tables
from billhook.domain.states import RunMode
from billhook.errors import BillhookError, NotFound
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer, CustomerTag
from billhook.models.documents import DocumentLineRow, DocumentRow
from billhook.scoping import BeyondScope, CustomerScope, customer_scope, followers
from billhook.sdk.context import Context
from billhook.services import (
    artefacts,
    billing,
    customers,
    delivering,
    document_search,
    documents,
    drafting,
    exporting,
    issuing,
    people,
)
from billhook.services.contexts import operator_context
from billhook.testing.browser import Browser
from billhook.testing.members import Somebody, join
from billhook.testing.outward import CHANNEL
from billhook.testing.shops import make_charge, make_customer

from .conftest import DAY, World
from .test_routes import paths
from .test_services import AT_LARGE, BY_CODE, BY_ID, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """The shop with a customer of Sue's, its invoice and its draft."""

    world: World
    sue: Somebody
    customer: UUID
    invoice: UUID
    draft: UUID

    @property
    def ctx(self) -> Context:
        return self.sue.ctx


@pytest.fixture
def herd(world) -> Herd:
    sue = join("shop", "sue@antelope.example", role="manager")
    shop = operator_context("shop")
    with shop.acting():
        make_customer(shop, "A1", name="Antelope", email="a@antelope.example")
        with shop.transaction() as session:
            session.execute(
                update(Customer).where(Customer.reference == "A1").values(owner_id=sue.person_id)
            )
        customer = customers.get(shop, "A1").id
        make_charge(shop, customer, "70", description="Grass")
        billing.run(shop, until=DAY, issue_on=DAY)
        (invoice,) = documents.listing(shop, customer="A1")
        make_charge(shop, customer, "80", description="Hay")
        billing.run(shop, until=DAY, issue_on=DAY, mode=RunMode.DRAFT)
        draft = next(one.id for one in drafting.listing(shop) if "Antelope" in repr(one))
        people.change_seat(shop, sue.person_id, role="manager", reach="own")
    return Herd(world=world, sue=sue, customer=customer, invoice=invoice.id, draft=draft)


COMPANY = (
    "zebra ltd",
    "ada@zebra.example",
    "bob@zebra.example",
    "zebra keeper",
    "zebra-keeper",
    "zebra's other face",
    "zebra-face",
    "zebra invoice",
    "zebra law",
    "zebra bank",
    "zebra product",
    "zebra-sku",
    "zebra view",
    "?q=zebra",
    "zebra stripes",
    "zebra is at the beach",
    "zebra_stripes",
    "zebra-stripes",
)
"""What is the company's own, which everybody in it may see: its name, people, brands, products, shared views,
its word to all clients."""


def leaks(herd: Herd, told: str) -> bool:
    """Tell whether a text holds anything of the other customers."""
    hidden = [str(herd.world.ids[name]) for name in CUSTOMERS_OWN]
    text = told.lower().replace("&#39;", "'")
    for word in COMPANY:
        text = text.replace(word, "")
    return "zebra" in text or any(key in told for key in hidden)


CUSTOMERS_OWN = {"document", "draft", "charge", "artefact", "delivery", "customer"}


def test_the_control_sue_sees_her_own(herd):
    ctx = herd.ctx
    with ctx.acting():
        assert [one.reference for one in customers.listing(ctx)] == ["A1"]
        assert documents.get(ctx, herd.invoice).entry.gross
        assert drafting.get(ctx, herd.draft)
        assert artefacts.printed(ctx, herd.invoice)
        out = io.BytesIO()
        exporting.run(ctx, "documents", out)
        assert b"Antelope" in out.getvalue()


def test_an_id_of_the_others_is_answered_as_one_that_nobody_has(herd):
    ctx = herd.ctx
    for name, (kind, act) in BY_ID.items():
        if kind not in CUSTOMERS_OWN or name.startswith(("reporting", "attempting")):
            continue  # what channels and jobs do, as the system
        theirs, nobodys = herd.world.ids[kind], new_id()
        found = outcome(ctx, lambda: act(ctx, theirs), theirs)  # noqa: B023
        expected = outcome(ctx, lambda: act(ctx, nobodys), nobodys)  # noqa: B023
        assert found == expected, name
        assert not leaks(herd, found), name


def test_a_code_of_the_others_is_answered_as_one_that_nobody_has(herd):
    ctx = herd.ctx
    for name in (
        "customers.contacts",
        "customers.get",
        "customers.save_contact",
        "documents.find",
        "preferences.save",
    ):
        theirs, nobodys, act = BY_CODE[name]
        found = outcome(ctx, lambda: act(ctx, theirs), theirs)  # noqa: B023
        assert found == outcome(ctx, lambda: act(ctx, nobodys), nobodys), name  # noqa: B023


LOOKING = (
    "audit.",
    "billing.",
    "charging.",
    "customers.listing",
    "dead_letters.",
    "document_search.",
    "documents.",
    "drafting.",
    "exporting.run/customers",
    "exporting.run/charges",
    "exporting.run/documents",
    "ledgers.",
    "outbox.",
    "parking.",
    "people.listing",
    "reading.",
    "retrying.",
    "verifying.",
)


def test_no_list_sum_or_export_holds_anything_of_the_others(herd):
    ctx = herd.ctx
    for name, act in AT_LARGE.items():
        if name.startswith(LOOKING) and not name.startswith("people."):
            told = outcome(ctx, lambda: act(ctx))  # noqa: B023
            assert "BeyondScope" not in told, name
            assert not leaks(herd, told), name


def test_sums_and_counts_are_of_the_own_alone(herd):
    ctx = herd.ctx
    with ctx.acting():
        found = document_search.search(ctx, document_search.DocumentFilter())
        assert {one.entry.id for one in found.rows} == {herd.invoice}
        assert [one.customer for one in drafting.listing(ctx)] == ["A1"]
        rows = db.session.execute(select(func.sum(DocumentRow.gross))).scalar_one()
        assert rows == documents.get(ctx, herd.invoice).entry.gross


@pytest.mark.slow
def test_every_page_with_every_id_hides_the_others(herd, app, client):
    browser = Browser(client)
    assert browser.log_in(herd.sue.email).status_code == 303
    token = browser.token("/roles")
    found, seen = {}, set()
    for key in {herd.world.ids[name] for name in CUSTOMERS_OWN}:
        for method, path in paths(app, key):
            is_own = path.startswith(("/log-out", "/static", "/sessions", "/account"))
            if is_own or (method, path) in seen:
                continue  # a page without an id is looked at once
            seen.add((method, path))
            answer = browser.client.open(
                path, method=method, data={"csrf_token": token}, buffered=True
            )
            text = answer.text.replace(str(key), "…")
            if answer.status_code >= 500 or leaks(herd, text):
                found[method, path] = (answer.status_code, _around(text))
    assert found == {}, "\n".join(map(str, found.items()))


def _around(text: str) -> list[str]:
    """Return what stands around each leak, to find it by."""
    places = re.finditer("(?i)zebra(?! ltd| view)", text)
    return [text[max(0, at.start() - 60) : at.end() + 60] for at in places]


def test_ids_near_real_ones_open_nothing(herd):
    randomly = random.Random(20261123)
    ctx = herd.ctx
    real = [herd.world.ids[name] for name in CUSTOMERS_OWN]
    looks = [act for kind, act in BY_ID.values() if kind in CUSTOMERS_OWN]
    with ctx.acting():
        for _step in range(300):
            key = randomly.choice(real)
            try:
                found = randomly.choice(looks)(ctx, key)
            except BillhookError:
                continue
            assert not leaks(herd, repr(found))


# Writing


def test_what_sue_brings_in_is_hers(herd):
    ctx = herd.ctx
    with ctx.acting():
        customers.save(
            ctx,
            customers.CustomerInput(reference="A2", name="Gnu", country="GB", currency="GBP"),
        )
        assert [one.reference for one in customers.listing(ctx)] == ["A1", "A2"]


def test_a_reference_of_the_others_is_taken_and_says_nothing_more(herd):
    ctx = herd.ctx
    with ctx.acting(), pytest.raises(BillhookError) as refused:
        customers.save(
            ctx, customers.CustomerInput(reference="Z1", name="Mine", country="GB", currency="GBP")
        )
    assert "zebra" not in refused.value.message.lower()
    assert customers_name("Z1") == "Zebra One"


def customers_name(reference: str) -> str:
    shop = operator_context("shop")
    with shop.acting():
        return customers.get(shop, reference).name


def test_rows_of_the_others_cannot_be_written(herd):
    ctx, other = herd.ctx, herd.world.customer
    with ctx.acting():
        with ctx.transaction() as session:
            session.add(Contact(id=new_id(), customer_id=other, name="x", email="x@y.example"))
            with pytest.raises(BeyondScope):
                session.flush()
            session.expunge_all()
        with ctx.transaction() as session:
            changed = session.execute(update(Customer).values(city="Nowhere")).rowcount
        assert changed == 1  # her own
    assert customers_name("Z1") == "Zebra One"


def test_a_select_around_the_orm_is_refused(herd):
    ctx = herd.ctx
    table = Base.metadata.tables["document"]
    with ctx.acting(), pytest.raises(BeyondScope):
        db.session.execute(select(table).where(table.c.tenant_id == ctx.tenant.id))


def test_sue_issues_and_sends_her_own(herd):
    ctx = herd.ctx
    with ctx.acting():
        issued = issuing.issue(ctx, herd.draft, issue_on=DAY)
        assert delivering.send(ctx, issued.id, channel=CHANNEL)


# Tags


def test_tags_open_customers_and_two_people_get_each_their_own(herd):
    """The same statements, compiled once, for three different people."""
    shop = operator_context("shop")
    with shop.acting(), shop.transaction() as session:
        session.add(CustomerTag(customer_id=herd.world.customer, tag="north"))
        session.flush()
    query = select(Customer.reference).order_by(Customer.reference)
    seen = []
    for scope in (
        CustomerScope(person_id=herd.sue.person_id),
        CustomerScope(person_id=herd.sue.person_id, tags=("north",)),
        CustomerScope(person_id=new_id()),
        CustomerScope(person_id=herd.sue.person_id),
        None,
    ):
        with shop.acting(), customer_scope(scope):
            seen.append(list(db.session.scalars(query)))
    assert seen == [["A1"], ["A1", "Z1"], [], ["A1"], ["A1", "Z1", "Z2"]]


# Completeness


def test_every_table_that_speaks_of_a_customer_follows_one():
    """A table with a customer's, document's, draft's, charge's or delivery's id follows it."""
    columns = {"customer_id", "payer_id", "document_id", "draft_id", "charge_id", "delivery_id"}
    speaking = {
        table.name
        for table in Base.metadata.tables.values()
        if table.name in tenant_tables() and columns & set(table.c.keys())
    }
    speaking.remove("webhook_attempt")  # its delivery is a webhook's, which tells of no customer
    assert speaking - followers() == set()
    assert {"customer", "document", "document_line", "delivery_step", "artefact"} <= followers()


def test_without_a_scope_a_statement_stays_as_it_is(herd):
    shop = operator_context("shop")
    said: list[str] = []

    listen = lambda *a: said.append(a[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        with shop.acting():
            db.session.execute(select(DocumentLineRow.line_no).limit(1)).all()
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert not any("owner_id" in one for one in said)


def test_a_deep_row_follows_its_customer(herd):
    ctx = herd.ctx
    with ctx.acting():
        lines = db.session.scalars(select(DocumentLineRow.document_id)).all()
    assert set(lines) == {herd.invoice}


def test_who_has_no_customer_sees_none(herd):
    shop = operator_context("shop")
    with shop.acting(), customer_scope(CustomerScope(person_id=new_id())):
        assert db.session.scalars(select(DocumentRow.id)).all() == []
        with pytest.raises(NotFound):
            documents.get(shop, herd.invoice)
