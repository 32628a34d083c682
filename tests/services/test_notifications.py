"""Who is told what, and that nobody hears it twice."""

from collections.abc import Iterator
from uuid import UUID

import pytest

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.db import db
from billhook.domain.deliveries import DeliveryReport, DeliveryState
from billhook.errors import PluginFailed, Retryable
from billhook.ids import new_id
from billhook.jobs.drainer import REPEATEDLY, drain
from billhook.models.people import Member
from billhook.services import billing, brands, delivering, documents, notifications, products
from billhook.services.notifications import NoticeKind
from billhook.testing.members import Somebody, join, open_tenant
from billhook.testing.outward import CHANNEL, RENDERER, Paper, paper_plugin
from billhook.testing.shops import END, acting, make_charge, make_customer
from billhook.testing.working import enqueued, handles, make_due, work_row

__all__ = ["handles"]


@pytest.fixture
def shop(make_app, config) -> Iterator:
    """Return the operator's context in a shop with paper and an administrator, a clerk, an auditor."""
    plugins = [pricing_standard, tax_rules, paper_plugin(Paper())]
    app = make_app(config, plugins=plugins)
    with app.app_context():
        open_tenant("shop", pack=tuple(one.info.name for one in plugins))
        with acting("shop") as ctx:
            brands.save(ctx, brands.BrandInput(renderer=RENDERER))
            yield ctx


@pytest.fixture
def ada(shop) -> Somebody:
    return join("shop", "ada@shop.example")


@pytest.fixture
def cleo(shop) -> Somebody:
    return join("shop", "cleo@shop.example", role="clerk")


@pytest.fixture
def otto(shop) -> Somebody:
    return join("shop", "otto@shop.example", role="auditor")


def told(somebody: Somebody) -> list[tuple[NoticeKind, UUID | None]]:
    db.session.rollback()
    return [(one.kind, one.object_id) for one in notifications.listing(somebody.ctx)]


def tell(ctx, *people: Somebody, key: str = "k", **facts: object) -> None:
    with ctx.transaction():
        notifications.notify(
            ctx,
            [one.person_id for one in people],
            NoticeKind.JOB_GIVEN_UP,
            facts=facts,
            key=key,
        )


def delivered(ctx) -> UUID:
    customer = make_customer(ctx, "ann", email="ann@client.example")
    make_charge(ctx, customer)
    billing.run(ctx, until=END, issue_on=END)
    (invoice,) = documents.listing(ctx, customer="ann")
    delivery = delivering.send(ctx, invoice.id).id
    delivering.attempt(ctx, delivery)
    drain()
    return delivery


def bounce(ctx, delivery: UUID) -> None:
    report = DeliveryReport(
        remote_id="", delivery_id=delivery, state=DeliveryState.BOUNCED, reason="No box."
    )
    ctx.ports.deliveries.report(ctx, channel=CHANNEL, reports=[report])
    db.session.rollback()
    drain()


def test_nobody_is_told_twice_by_one_key_and_everybody_by_another(shop, ada, cleo):
    tell(shop, ada, cleo)
    tell(shop, ada)
    tell(shop, ada, key="another")
    assert (len(told(ada)), len(told(cleo))) == (2, 1)


def test_a_notice_is_written_only_with_what_it_tells_of(shop, ada):
    with pytest.raises(RuntimeError, match="inside the transaction"):
        notifications.notify(shop, [ada.person_id], NoticeKind.JOB_GIVEN_UP, facts={}, key="k")


def test_a_member_reads_their_own_notices_and_no_one_elses(shop, ada, cleo):
    tell(shop, ada, cleo, name="it")
    (of_cleo,) = notifications.listing(cleo.ctx)
    notifications.mark_read(ada.ctx, [of_cleo.id])
    assert notifications.unread_count(cleo.ctx) == 1
    assert notifications.get(ada.ctx, of_cleo.id) is None
    notifications.mark_read(cleo.ctx, [of_cleo.id])
    assert (notifications.unread_count(cleo.ctx), notifications.unread_count(ada.ctx)) == (0, 1)
    notifications.mark_all_read(ada.ctx)
    assert notifications.unread_count(ada.ctx) == 0
    assert notifications.unread_count(shop) == 0  # the operator is nobody who is told


def test_a_bounce_is_told_to_those_who_can_send_again(shop, ada, cleo, otto):
    delivery = delivered(shop)
    assert [kind for kind, _id in told(cleo)] == [NoticeKind.RUN_FINISHED]
    bounce(shop, delivery)
    assert (NoticeKind.DELIVERY_FAILED, delivery) in told(ada)
    assert (NoticeKind.DELIVERY_FAILED, delivery) in told(cleo)
    assert told(otto) == []


def test_who_sees_only_their_own_customers_hears_of_no_others(shop, ada, cleo):
    delivery = delivered(shop)
    with shop.transaction() as session:
        member = session.scalars(db.select(Member).where(Member.person_id == cleo.person_id)).one()
        member.scope = "own"
    bounce(shop, delivery)
    assert (NoticeKind.DELIVERY_FAILED, delivery) not in told(cleo)
    assert (NoticeKind.DELIVERY_FAILED, delivery) in told(ada)


def test_the_end_of_a_bill_run_says_how_many_were_billed_and_parked(shop, cleo):
    make_charge(shop, make_customer(shop, "ann"))
    products.upsert(shop, [products.ProductInput(sku="S", name="Service")])
    unpriced = products.get(shop, "S").id
    make_charge(shop, make_customer(shop, "bob"), None, product_id=unpriced, sku="S")
    billing.run(shop, until=END, issue_on=END)
    drain()
    (notice,) = notifications.listing(cleo.ctx)
    assert notice.kind is NoticeKind.RUN_FINISHED
    assert (notice.facts["documents"], notice.facts["parked"]) == ("1", "1")


def test_dead_work_is_told_once_a_day_to_those_who_can_retry(shop, ada, cleo, handles):
    def refuse(_ctx, _payload):
        raise PluginFailed("paper", "no ink")

    handles("test.note", refuse)
    dead = [enqueued(shop), enqueued(shop)]
    for _try in range(8):
        for work in dead:
            make_due(work_row(shop, work))
        drain()
    assert {work_row(shop, work).state for work in dead} == {"dead"}
    kinds = [kind for kind, _id in told(ada)]
    assert sorted(kinds) == [NoticeKind.JOB_GIVEN_UP, NoticeKind.PLUGIN_FAILING]
    assert told(cleo) == []


def test_a_plugin_is_told_of_when_it_fails_again_and_again_not_at_once(shop, ada, handles):
    def fail(_ctx, _payload):
        raise PluginFailed("paper", "no ink")

    handles("test.note", fail)
    work = enqueued(shop)
    for tries in range(1, REPEATEDLY + 1):
        assert told(ada) == [], tries
        make_due(work_row(shop, work))
        drain()
    assert [one.facts["plugin"] for one in notifications.listing(ada.ctx)] == ["paper"]


def test_an_outage_of_the_other_side_is_not_blamed_on_the_plugin(shop, ada, handles):
    def fail(_ctx, _payload):
        raise Retryable("The office is closed.")

    handles("test.note", fail)
    work = enqueued(shop)
    for _try in range(REPEATEDLY):
        make_due(work_row(shop, work))
        drain()
    assert told(ada) == []


def test_notices_of_two_tenants_do_not_meet(shop, ada):
    other = open_tenant("other")
    with other.acting(), other.transaction():
        notifications.notify(
            other, [ada.person_id], NoticeKind.JOB_GIVEN_UP, facts={}, key=str(new_id())
        )
    assert told(ada) == []
    assert notifications.unread_count(ada.ctx) == 0
