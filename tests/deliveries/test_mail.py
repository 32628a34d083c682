"""Documents by real mail, from the issue to the server and back, whoever dies on the way."""

import os
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from billhook.db import db, tenant_scope, transaction
from billhook.jobs import drainer
from billhook.jobs.drainer import drain
from billhook.models.work import DueWork
from billhook.services import delivering, documents, files, outbox, plugin_settings, schedules
from billhook.services.delivering import attempting, outcomes
from billhook.testing.crashing import finish, forked, kill_at_random, wait_until, wanted_kills
from billhook.testing.mail import HOST, post_office
from billhook_delivery_email.talking import Talk

from .conftest import let_all_be_due, of_now

ANN = "ann@client.example"
SMTP = "delivery_email.smtp"


@pytest.fixture
def config(config):
    """Leases that lapse fast, so that the work of the dead comes back at once."""
    return replace(config, lease=timedelta(seconds=1))


@pytest.fixture
def post():
    with post_office() as running:
        yield running


@pytest.fixture
def shop(open_shop, post):
    """A shop that sends by mail."""
    ctx = open_shop(channels=(SMTP,))
    wanted = {
        "host": HOST,
        "port": str(post.port),
        "security": "none",
        "timeout": "5",
        "from_email": "billing@shop.example",
    }
    plugin_settings.change_settings(ctx, "delivery_email", wanted)
    drain()
    return of_now(ctx)


def only(ctx):
    (entry,) = delivering.listing(ctx)
    return entry


def arrived(post) -> Counter:
    """Count what arrived, by delivery and recipient."""
    return Counter(
        (str(mail.message["Message-ID"]).strip("<>").partition("@")[0], one)
        for mail in post.mails
        for one in mail.recipients
    )


def test_an_invoice_arrives_with_its_file(shop, invoice, post):
    document = invoice()
    drain()
    (mail,) = post.mails
    entry = only(shop)
    assert (entry.state, entry.document_id) == ("sent", document)
    assert str(mail.message["From"]) == "Shop Ltd <billing@shop.example>"
    assert entry.number in str(mail.message["Subject"])
    assert entry.number in mail.message.get_body(("plain",)).get_content()
    (attached,) = mail.message.iter_attachments()
    assert attached.get_filename() == f"{entry.number}.pdf"
    assert attached.get_content().startswith(b"%PDF-")
    assert delivering.get(shop, entry.id).remote_id == f"{entry.id}@shop.example"


def test_a_logo_stands_in_the_mail_and_is_kept_once(shop, invoice, post):
    from billhook.domain.publications import FileContent
    from billhook.models.files import File
    from billhook.services.delivering import parcels

    logo = FileContent(name="logo.png", content_type="image/png", content=b"\x89PNG\r\n\x1a\n1")
    first, second = (parcels._kept(shop, logo) for _ in range(2))
    assert first == second
    db.session.rollback()
    assert files.stored(shop, first.file_id)[1] == logo.content
    assert db.session.scalar(db.select(db.func.count()).select_from(File)) == 1


def test_greylisting_is_waited_out(shop, invoice, post):
    post.at_recipient[ANN] = ["451 4.7.1 Greylisted, try again in 5 minutes", "250 OK"]
    invoice()
    assert drain().failed == 1
    entry = only(shop)
    assert entry.state == "queued"
    assert "Greylisted" in entry.last_error
    assert post.mails == []
    let_all_be_due(shop)
    drain()
    assert only(shop).state == "sent"
    assert list(arrived(post).values()) == [1]


def test_an_answer_that_is_lost_is_not_asked_for_twice(shop, invoice, post):
    post.drops.append("content")
    invoice()
    assert drain().failed == 0
    let_all_be_due(shop)
    drain()
    assert (only(shop).state, only(shop).is_unknown) == ("failed", True)
    assert list(arrived(post).values()) == [1]


def test_a_connection_lost_before_the_content_costs_nothing(shop, invoice, post):
    post.drops += ["sender", "recipient"]
    invoice()
    for _ in range(3):
        drain()
        let_all_be_due(shop)
    assert only(shop).state == "sent"
    assert list(arrived(post).values()) == [1]


def test_a_repeat_of_the_job_sends_nothing_more(shop, invoice, post):
    document = invoice()
    drain()
    for _ in range(2):
        delivering.plan(of_now(shop), document)
        delivering.attempt(of_now(shop), only(shop).id)
        drain()
    assert list(arrived(post).values()) == [1]


def test_a_bounce_finds_its_delivery(shop, invoice, post):
    """The id that stands in the mail is the one that comes back."""
    from billhook_delivery_email.bounces import bounces
    from billhook_delivery_email.reading import _report

    invoice()
    drain()
    returned = post.mails[0].content.partition(b"\r\n\r\n")[0]
    content = b"\r\n".join(
        [
            b"From: MAILER-DAEMON@client.example",
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
            b"",
            b"--x",
            b"Content-Type: message/delivery-status",
            b"",
            b"Reporting-MTA: dns; mx.client.example",
            b"",
            b"Final-Recipient: rfc822; ann@client.example",
            b"Action: failed",
            b"Status: 5.1.1",
            b"",
            b"--x",
            b"Content-Type: text/rfc822-headers",
            b"",
            returned,
            b"--x--",
            b"",
        ]
    )
    reports = [_report(one) for one in bounces(content)]
    assert list(shop.ports.deliveries.report(shop, channel=SMTP, reports=reports)) == [True]
    assert (only(shop).state, only(shop).recipients[0].reason) == ("bounced", "5.1.1")


def test_the_mailbox_is_read_by_schedule(shop):
    """A plugin's recurring job: its slot is there as soon as the plugin is on."""
    from billhook.models.work import Schedule

    with shop.transaction():
        schedules.run_due(shop)
    found = db.session.scalars(
        db.select(Schedule).where(Schedule.name == "delivery_email.read_bounces")
    ).one()
    assert found.plugin == "delivery_email"
    assert found.next_at - shop.now() <= timedelta(minutes=10)


# Killed at each step


def kill_me(*_arguments, **_options) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner, name: str):
    """Let this process die as it begins something."""
    setattr(owner, name, kill_me)


def after(owner, name: str):
    """Let this process die as it ended something."""
    usual = getattr(owner, name)

    def dying(*arguments, **options):
        usual(*arguments, **options)
        kill_me()

    setattr(owner, name, dying)


SAFE = [
    (before, attempting, "_begin"),
    (after, attempting, "_begin"),
    (before, attempting, "_dispatch"),
    (after, Talk, "_connect"),
    (after, Talk, "_greet"),
    (after, Talk, "_name_sender"),
    (after, Talk, "_name_recipient"),
    (before, attempting, "_commit"),
]
"""Where a worker dies and nobody can have the mail."""

LATE = [
    (after, attempting, "_commit", 0),
    (after, Talk, "_last_answer", 1),
    (before, outcomes, "sent", 1),
]
"""Where a worker dies and somebody may have the mail, and how many really have it."""


def named(step) -> str:
    return f"{step[0].__name__} {step[2]}"


def die_at(app, when, owner, name) -> None:
    """Let a worker do what is due, die there, and leave its lease to lapse."""

    def work() -> None:
        when(owner, name)
        drain()

    assert finish(forked(app, work)) == -signal.SIGKILL


def do_the_rest(ctx) -> None:
    """Let the leases of the dead lapse and their work be done."""

    def work() -> None:
        let_leases_lapse()
        drain()

    wait_until(lambda: not waiting(ctx), act=work)


def waiting(ctx) -> list:
    db.session.rollback()
    jobs = outbox.listing(ctx, state="waiting")
    return [job for job in jobs if job.name == "delivery.attempt"]


def let_leases_lapse() -> None:
    with tenant_scope(None), transaction() as session:
        session.execute(update(DueWork).values(leased_until=None))


@pytest.mark.parametrize("step", SAFE, ids=named)
def test_a_worker_killed_before_the_end_of_the_mail_is_made_up_for(app, shop, invoice, post, step):
    delivering.plan(shop, invoice())
    die_at(app, *step)
    assert post.mails == []
    do_the_rest(shop)
    assert only(shop).state == "sent"
    assert list(arrived(post).values()) == [1]


@pytest.mark.parametrize("step", LATE, ids=named)
def test_a_worker_killed_at_the_last_step_leaves_it_for_a_person(app, shop, invoice, post, step):
    delivering.plan(shop, invoice())
    die_at(app, *step[:3])
    do_the_rest(shop)
    assert (only(shop).state, only(shop).is_unknown) == ("failed", True)
    assert sum(arrived(post).values()) == step[3]


def test_a_worker_killed_once_all_is_written_leaves_it_sent(app, shop, invoice, post):
    delivering.plan(shop, invoice())
    die_at(app, after, outcomes, "sent")
    do_the_rest(shop)
    assert only(shop).state == "sent"
    assert list(arrived(post).values()) == [1]


def test_the_control_that_commits_after_the_mail_is_caught(app, shop, invoice, post, monkeypatch):
    """Without the mark in time a killed worker's mail is sent twice."""
    delivering.plan(shop, invoice())
    usual = attempting._commit
    monkeypatch.setattr(attempting, "_commit", lambda _ctx, _going: None)
    die_at(app, after, Talk, "_last_answer")
    monkeypatch.setattr(attempting, "_commit", usual)
    do_the_rest(shop)
    assert list(arrived(post).values()) == [2]


# Many


def plan_all(ctx, post, count: int) -> None:
    from billhook.services import billing
    from billhook.testing.shops import END, make_charge, make_customer

    for number in range(count):
        customer = make_customer(ctx, f"c{number:03}", email=f"c{number:03}@client.example")
        make_charge(ctx, customer, "10")
    billing.run(ctx, until=END, issue_on=END)
    for entry in documents.listing(ctx):
        delivering.plan(ctx, entry.id)


def test_two_workers_at_once_send_each_of_twenty_once(app, shop, post):
    plan_all(shop, post, 20)
    workers = [forked(app, drain) for _ in range(2)]
    assert [finish(worker) for worker in workers] == [0, 0]
    do_the_rest(shop)
    assert {one.state for one in delivering.listing(shop)} == {"sent"}
    found = arrived(post)
    assert len(found) == 20
    assert set(found.values()) == {1}


@pytest.mark.slow
def test_workers_killed_at_random_double_no_mail_and_lose_none(app, shop, post):
    """Each mail arrives at most once; what did not surely arrive is listed for a person."""
    plan_all(shop, post, 40)
    ids = [one.id for one in delivering.listing(shop)]

    def feed(_round: int) -> None:
        """Keep work there: what is settled goes out again, to somebody else."""
        if len(waiting(shop)) < 10:
            for entry in delivering.listing(shop, limit=10):
                delivering.send(shop, entry.document_id)

    def work() -> None:
        while True:
            drain()

    kill_at_random(app, work, kills=wanted_kills(), within=0.3, feed=feed, workers=2)
    do_the_rest(shop)
    db.session.rollback()
    found = arrived(post)
    assert set(found.values()) <= {1}
    counts = Counter()
    for entry in delivering.listing(shop):
        (person,) = entry.recipients
        has_it = found[str(entry.id), person.address]
        counts[entry.state.value, entry.is_unknown] += 1
        assert has_it == 1 if entry.state == "sent" else entry.is_unknown, entry
    print(counts)
    assert len(ids) <= sum(counts.values())
    assert drainer.drain().failed == 0
