"""What is issued goes out by itself, by the customer's channels, once."""

import pytest

from billhook.domain.deliveries import DeliveryState, Tone
from billhook.errors import Conflict
from billhook.jobs.drainer import drain
from billhook.services import (
    artefacts,
    crediting,
    customers,
    delivering,
    documents,
    outbox,
    plugins,
    preferences,
)
from billhook.services.preferences import PreferenceChange
from billhook.testing.outward import CHANNEL, FORMAT

from .conftest import jobs, of_now


def test_an_issued_invoice_goes_to_the_customer_with_what_was_made_of_it(shop, invoice, paper):
    document = invoice()
    assert drain().failed == 0
    (entry,) = delivering.listing(shop)
    assert (entry.state, entry.document_id, entry.channel) == ("sent", document, CHANNEL)
    (dispatch,) = paper.sent
    assert [one.address for one in dispatch.recipients] == ["ann@client.example"]
    assert entry.number in dispatch.message.subject
    (made,) = artefacts.of_document(shop, document)
    assert [file.content for file in dispatch.files] == [artefacts.content(shop, made.id).content]
    assert dispatch.id == entry.id
    assert dispatch.document_id == document


def test_the_e_invoice_that_the_customer_wants_goes_along(shop, invoice, paper, make_ann):
    make_ann()
    preferences.save(shop, "ann", PreferenceChange(formats=FORMAT))
    invoice()
    drain()
    (dispatch,) = paper.sent
    assert [file.content_type for file in dispatch.files] == ["application/pdf", "application/xml"]


def test_nothing_goes_out_where_no_channel_is_chosen(open_shop, invoice_of, paper):
    shop = open_shop(channels=())
    invoice_of(shop)
    drain()
    assert delivering.listing(shop) == []
    assert jobs("delivery.plan") == [], "a run of thousands makes no jobs that do nothing"


def test_a_customers_own_channels_hold_before_the_tenants(open_shop, invoice_of, paper, make_ann):
    shop = open_shop(channels=())
    make_ann()
    preferences.save(shop, "ann", PreferenceChange(channels=CHANNEL, tone=Tone.FRIENDLY))
    invoice_of(shop)
    drain()
    (entry,) = delivering.listing(shop)
    assert entry.state == "sent"


def test_a_customer_who_wants_nothing_gets_nothing(shop, invoice, paper, make_ann):
    make_ann()
    preferences.save(shop, "ann", PreferenceChange(channels="none"))
    invoice()
    drain()
    assert delivering.listing(shop) == []


def test_a_repeat_of_the_plan_makes_no_second_delivery(shop, invoice, paper):
    document = invoice()
    drain()
    assert delivering.plan(of_now(shop), document) == []
    drain()
    assert len(delivering.listing(shop)) == 1
    assert len(paper.sent) == 1


def test_two_plans_at_once_make_one_delivery(shop, invoice, paper, monkeypatch):
    document = invoice()
    from billhook.services.delivering import parcels, planning

    usual = parcels.contents

    def overtaken(ctx, document_id):
        made = usual(ctx, document_id)
        monkeypatch.setattr(parcels, "contents", usual)
        assert len(planning.plan(ctx, document_id)) == 1
        return made

    monkeypatch.setattr(parcels, "contents", overtaken)
    assert delivering.plan(shop, document) == []
    drain()
    assert len(paper.sent) == 1


def test_without_an_address_it_fails_at_once_and_says_what_to_do(shop, invoice, paper):
    invoice(email="")
    drain()
    (entry,) = delivering.listing(shop, state=DeliveryState.FAILED)
    assert "Add one, such as an e-mail address" in entry.last_error
    assert entry.next_try_at is None
    assert [row.payload["delivery_id"] for row in jobs("delivery.failed")] == [str(entry.id)]
    assert paper.sent == []


def test_a_channel_that_is_off_fails_and_says_how_to_enable_it(shop, invoice, paper):
    from billhook.services.delivering import parcels

    document = invoice()
    made = parcels.contents(shop, document)
    plugins.disable(shop, "paper")
    ready = parcels.parcel(of_now(shop), made, CHANNEL)
    assert "billhook plugin enable paper" in ready.obstacle


def test_people_who_want_documents_get_them(shop, invoice, paper, make_ann):
    make_ann()
    for name, kind in (("bob", "cc"), ("cid", "bcc"), ("dan", "")):
        customers.save_contact(
            shop, "ann", email=f"{name}@client.example", name=name, receives=kind
        )
    customers.save_contact(
        shop, "ann", email="eve@client.example", name="eve", receives="cc", is_active=False
    )
    invoice()
    drain()
    (dispatch,) = paper.sent
    assert [(one.address.partition("@")[0], one.kind) for one in dispatch.recipients] == [
        ("ann", "to"),
        ("bob", "cc"),
        ("cid", "bcc"),
    ]


def test_nobody_gets_it_twice(shop, invoice, paper, make_ann):
    make_ann()
    customers.save_contact(shop, "ann", email="Ann@Client.example", name="Ann", receives="cc")
    invoice()
    drain()
    (dispatch,) = paper.sent
    assert [one.kind for one in dispatch.recipients] == ["to"]


# Void


def test_what_was_voided_before_it_was_sent_stays_with_its_reversal(shop, invoice, paper):
    document = invoice()
    delivering.plan(shop, document)
    crediting.void(shop, document, reason="wrong")
    drain()
    (entry,) = delivering.listing(shop)
    assert entry.state == "failed"
    assert "voided before it was sent" in entry.last_error
    assert paper.sent == []


def test_what_is_void_is_not_tried_again(shop, invoice, paper):
    document = invoice()
    (delivery_id,) = delivering.plan(shop, document)
    crediting.void(shop, document, reason="wrong")
    with pytest.raises(Conflict, match="void"):
        delivering.retry(shop, delivery_id)
    assert delivering.retry_all(shop) == []
    assert paper.sent == []


def test_what_was_voided_before_it_was_planned_is_not_planned(shop, invoice, paper):
    document = invoice()
    crediting.void(shop, document, reason="wrong")
    drain()
    assert delivering.listing(shop) == []


def test_what_was_sent_is_credited_and_not_voided(shop, invoice, paper):
    document = invoice()
    drain()
    with pytest.raises(Conflict, match="Credit it instead"):
        crediting.void(shop, document, reason="wrong")
    assert not documents.get(shop, document).entry.is_void
    crediting.credit(shop, document, reason="wrong")
    drain()
    assert len(paper.sent) == 2, "the credit note goes out"


def test_what_is_just_being_handed_over_is_not_voided(shop, invoice, paper):
    document = invoice()
    found = []

    def void():
        with pytest.raises(Conflict):
            crediting.void(shop, document, reason="wrong")
        found.append("refused")

    paper.after_committing.append(void)
    drain()
    assert found == ["refused"]
    assert [one.state for one in delivering.listing(shop)] == ["sent"]


def test_a_void_in_the_last_moment_stops_the_handing_over(shop, invoice, paper, monkeypatch):
    document = invoice()
    usual = paper.act
    monkeypatch.setattr(
        type(paper),
        "act",
        lambda _self: crediting.void(shop, document, reason="x") if paper.rendered else usual(),
    )
    delivering.plan(shop, document)
    drain()
    assert paper.sent == []
    (entry,) = delivering.of_document(shop, document)
    assert "voided before it was sent" in entry.last_error


def test_a_plan_that_cannot_render_is_tried_again_and_ends_as_a_dead_letter(shop, invoice, paper):
    from billhook.errors import Rejected
    from billhook.problems import Problem

    paper.errors.append(Rejected([Problem(code="paper.none", message="No paper. Buy some.")]))
    invoice()
    drain()
    (dead,) = outbox.listing(shop, state="dead")
    assert (dead.name, dead.last_error) == ("delivery.plan", "No paper. Buy some.")
    outbox.retry(shop, dead.id)
    drain()
    assert [one.state for one in delivering.listing(shop)] == ["sent"]
