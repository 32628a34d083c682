"""`billhook questions`: list, show, reply, close."""

from datetime import date

from billhook.domain.questions import QuestionKind
from billhook.services import billing, documents
from billhook.services.contexts import operator_context
from billhook.services.portal import questions
from billhook.services.portal.questions import NewQuestion
from billhook.testing.portals import client_of, make_client
from billhook.testing.shops import END, make_charge, make_customer


def test_a_dispute_is_read_answered_and_closed(shop):
    ctx = operator_context("shop")
    with ctx.acting():
        customer = make_customer(ctx, "ann", country="DE", currency="EUR")
        make_charge(ctx, customer, "100", currency="EUR")
        billing.run(ctx, until=END, issue_on=date(2026, 10, 31))
        (invoice,) = documents.listing(ctx, customer="ann")
        contact = make_client(ctx, customer, "eve@ann.example", name="Eve")
        client = client_of(ctx, contact)
    with client.ctx.acting():
        asked = str(
            questions.ask(
                client,
                NewQuestion(
                    document_id=invoice.id,
                    kind=QuestionKind.DISPUTE,
                    reason="duplicate",
                    amount="12.50",
                    text="Twice?",
                ),
            )
        )
    (listed,) = shop("questions", "list", "--state", "open", "--json").json["questions"]
    assert (listed["id"], listed["number"]) == (asked, invoice.number)
    assert shop("questions", "list", "--kind", "question", "--json").json["questions"] == []
    assert "Twice?" in shop("questions", "show", asked).out
    assert "12.50" in shop("questions", "list", "--customer", "ann").out
    answered = shop("questions", "reply", asked, "Once only", "--json").json
    assert (answered["state"], len(answered["said"])) == ("answered", 2)
    assert shop("questions", "close", asked, "Settled", "--json").json["state"] == "closed"
    assert "open it again" in shop("questions", "reply", asked, "More", status=1).err.lower()
    assert shop("questions", "show", "nothing", status=1).err
