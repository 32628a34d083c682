"""Links by mail: invitations and another password; who asks learns nothing, and a link is for once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from billhook.clock import FixedClock, SystemClock
from billhook.db import db
from billhook.errors import Forbidden
from billhook.models.people import OneTimeLink
from billhook.models.work import Outbox
from billhook.services import (
    invitations,
    memos,
    password_resets,
    plugin_settings,
    sessions,
)
from billhook.services.contexts import operator_context
from billhook.services.invitations import LinkInvalid
from billhook.services.passwords import PasswordWrong
from billhook.testing.mail import HOST, post_office
from billhook.testing.members import PASSWORD, join, open_tenant

ANOTHER = "another long password"


@pytest.fixture
def post():
    with post_office() as running:
        yield running


@pytest.fixture
def mailing(app, post):
    """Return the operator's context of a company whose mail goes to the post office."""
    ctx = open_tenant("shop")
    server = {"host": HOST, "port": str(post.port), "security": "none"}
    with ctx.acting():
        plugin_settings.change_settings(
            ctx, "delivery_email", {**server, "from_email": "billing@shop.example"}
        )
    return operator_context("shop")


def link_in(mail) -> str:
    text = mail.content.decode().replace("=\r\n", "")
    return text.partition("/invitation/")[2].split()[0]


def asked_jobs(ctx) -> list[Outbox]:
    with ctx.acting():
        return list(db.session.scalars(select(Outbox).where(Outbox.name == password_resets.JOB)))


def test_an_invitation_is_mailed_and_its_link_takes_the_seat(mailing, post):
    with mailing.acting():
        made = invitations.invite(mailing, email="bob@x.example", name="Bob", role="clerk")
        assert invitations.mail(mailing, made) == memos.Sent(state="sent")
    (mail,) = post.mails
    assert mail.recipients == ("bob@x.example",)
    assert invitations.accept(link_in(mail), PASSWORD) == made.person_id


def test_a_company_without_mail_or_a_sandbox_sends_none(app):
    for slug, wanted in (("plain", {"pack": ()}), ("box", {"is_sandbox": True})):
        ctx = open_tenant(slug, **wanted)
        with ctx.acting():
            assert not memos.can_send(ctx)
            made = invitations.invite(ctx, email="bob@x.example", name="Bob", role="clerk")
            assert invitations.mail(ctx, made) == memos.Sent(state="not_sent")


def test_a_mail_that_does_not_go_says_why(mailing, post):
    with mailing.acting():
        plugin_settings.change_settings(mailing, "delivery_email", {"port": "1"})
        made = invitations.invite(mailing, email="bob@x.example", name="Bob", role="clerk")
        told = invitations.mail(mailing, made)
    assert told.state == "not_sent"
    assert HOST in told.reason


def test_who_lost_their_password_gets_a_link_for_an_hour_and_once(mailing, post):
    ada = join("shop", "ada@shop.example")
    before = sessions.log_in(ada.email, PASSWORD)
    password_resets.ask(" Ada@Shop.example ")
    (job,) = asked_jobs(mailing)
    with mailing.acting():
        password_resets.send(mailing, ada.person_id)
    (mail,) = post.mails
    token = link_in(mail)
    late = FixedClock(SystemClock().now() + timedelta(hours=1, seconds=1))
    with pytest.raises(LinkInvalid):
        invitations.accept(token, ANOTHER, clock=late)
    invitations.accept(token, ANOTHER)
    with pytest.raises(LinkInvalid):
        invitations.accept(token, "a third long password")
    assert sessions.resume(before) is None
    assert sessions.log_in(ada.email, ANOTHER)
    with pytest.raises(PasswordWrong):
        sessions.log_in(ada.email, PASSWORD)
    assert job.payload == {"person_id": str(ada.person_id)}


def test_the_queue_holds_no_link_and_a_later_mail_ends_the_earlier_link(mailing, post):
    ada = join("shop", "ada@shop.example")
    password_resets.ask(ada.email)
    assert (
        db.session.scalars(select(OneTimeLink).where(OneTimeLink.tenant_id.is_(None))).all() == []
    )
    with mailing.acting():
        password_resets.send(mailing, ada.person_id)
        password_resets.send(mailing, ada.person_id)
    first, second = (link_in(mail) for mail in post.mails)
    with pytest.raises(LinkInvalid):
        invitations.accept(first, ANOTHER)
    invitations.accept(second, ANOTHER)


def test_one_mail_in_five_minutes_goes_to_a_person(mailing):
    ada = join("shop", "ada@shop.example")
    clock = FixedClock(SystemClock().now().replace(minute=0, second=0, microsecond=0))
    password_resets.ask(ada.email, clock=clock)
    password_resets.ask(ada.email, clock=clock)
    assert len(asked_jobs(mailing)) == 1
    password_resets.ask(ada.email, clock=FixedClock(clock.now() + timedelta(minutes=6)))
    assert len(asked_jobs(mailing)) == 2


def test_nobody_and_who_never_came_get_none(mailing):
    with mailing.acting():
        invitations.invite(mailing, email="new@x.example", name="New", role="clerk")
    for email in ("nobody@x.example", "new@x.example", "", "x" * 5_000):
        password_resets.ask(email)
    assert asked_jobs(mailing) == []


def test_the_mail_goes_by_the_company_that_can_send(mailing, app):
    ada = join("shop", "ada@shop.example")
    for slug in ("alpha", "zeta"):
        open_tenant(slug, pack=())
        token = _invite(slug, ada.email)
        invitations.accept(token, PASSWORD)
    password_resets.ask(ada.email)
    assert len(asked_jobs(operator_context("shop"))) == 1
    assert asked_jobs(operator_context("alpha")) == []


def _invite(slug: str, email: str) -> str:
    ctx = operator_context(slug)
    with ctx.acting():
        return invitations.invite(ctx, email=email, name="Ada", role="admin").link.rpartition("/")[
            2
        ]


def test_only_the_operator_sees_a_reset_link(mailing):
    ada = join("shop", "ada@shop.example").ctx
    with ada.acting(), pytest.raises(Forbidden):
        invitations.reset_password(ada, "ada@shop.example")
