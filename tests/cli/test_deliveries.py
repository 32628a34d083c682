"""Deliveries and trials as a person types them, against a real mail server."""

import pytest

from billhook.testing.mail import HOST, post_office

CUSTOMERS = "reference,name,country,email\nann,Ann Lee,DE,ann@client.example\nbob,Bob,DE,\n"
CHARGES = (
    "reference,customer,date,description,unit_price\n"
    "1,ann,2026-10-05,Work,10\n2,bob,2026-10-05,Work,10\n"
)


@pytest.fixture
def post():
    with post_office() as running:
        yield running


@pytest.fixture
def mailing(shop, post):
    """A shop that sends by mail, with a server of its own."""
    shop(
        *("plugin", "settings", "delivery_email", f"host={HOST}", f"port={post.port}"),
        *("security=none", "timeout=5", "from_email=billing@shop.example"),
    )
    return shop


@pytest.fixture
def sent(mailing, file):
    """Two invoices went out: Ann's arrived, Bob has no address."""
    mailing("tenant", "set", "--channels", "delivery_email.smtp")
    mailing("import", "customers", file(CUSTOMERS, "customers.csv"))
    mailing("import", "charges", file(CHARGES, "charges.csv"))
    mailing("bill-run", "--until", "2026-10-31", "--issue-date", "2026-10-31")
    return mailing


def test_a_trial_tells_each_step(mailing, post):
    told = mailing("mail", "test", "--to", "me@shop.example").out
    assert "Recipient me@shop.example" in told
    assert "See whether it arrives" in told
    assert [mail.recipients for mail in post.mails] == [("me@shop.example",)]


def test_a_trial_that_fails_says_what_to_do(mailing, post):
    post.at_recipient["me@shop.example"] = ["554 5.7.1 Relay access denied"]
    told = mailing("mail", "test", "--to", "me@shop.example", status=1)
    assert "Set user and password" in told.out
    found = mailing("mail", "test", "--to", "me@shop.example", "--json", status=1).json
    assert found["is_good"] is False
    assert found["steps"][-1]["answer"] == "554 5.7.1 Relay access denied"


def test_a_trial_to_nowhere_is_refused(mailing):
    assert "not an address" in mailing("mail", "test", "--to", "nowhere", status=1).err


def test_a_bill_run_sends_what_it_issued(sent, post):
    assert [mail.recipients for mail in post.mails] == [("ann@client.example",)]
    found = sent("deliveries", "list", "--json").json["deliveries"]
    assert {one["customer"]: one["state"] for one in found} == {"ann": "sent", "bob": "failed"}


def test_what_failed_is_found_mended_and_sent(sent, post, file):
    (failed,) = sent("deliveries", "list", "--state", "failed", "--json").json["deliveries"]
    assert "Add one, such as an e-mail address" in failed["last_error"]
    assert "Add one" in sent("deliveries", "retry", failed["id"], status=1).err
    assert sent("deliveries", "retry", "--all-failed", "--json").json["deliveries"] == []
    sent("import", "customers", file(CUSTOMERS.replace("DE,\n", "DE,bob@client.example\n")))
    sent("deliveries", "retry", "--all-failed")
    assert post.mails[-1].recipients == ("bob@client.example",)
    assert sent("deliveries", "list", "--state", "failed", "--json").json["deliveries"] == []


def test_a_delivery_shows_its_trail_and_what_it_said(sent):
    (entry,) = sent("deliveries", "list", "--state", "sent", "--json").json["deliveries"]
    told = sent("deliveries", "show", entry["id"]).out
    for words in ("ann@client.example", "tried", "committed", "250 Queued", entry["number"]):
        assert words in told
    found = sent("deliveries", "show", entry["id"], "--json").json["delivery"]
    assert [step["kind"] for step in found["steps"]] == ["tried", "committed", "sent"]
    assert found["files"] == [f"{entry['number']}.pdf"]


def test_a_document_lists_its_deliveries(sent, post):
    (entry,) = sent("deliveries", "list", "--state", "sent", "--json").json["deliveries"]
    sent("documents", "send", entry["number"], "--to", "boss@client.example")
    found = sent("deliveries", "list", "--document", entry["number"], "--json").json["deliveries"]
    assert [one["recipients"][0]["address"] for one in found] == [
        "boss@client.example",
        "ann@client.example",
    ]
    assert len(post.mails) == 2


def test_a_retry_needs_to_know_what(sent):
    assert "--all-failed" in sent("deliveries", "retry", status=2).err
    (entry,) = sent("deliveries", "list", "--state", "sent", "--json").json["deliveries"]
    assert "was sent" in sent("deliveries", "retry", entry["id"], status=1).err
    assert "There is no delivery" in sent("deliveries", "show", "nonsense", status=1).err
