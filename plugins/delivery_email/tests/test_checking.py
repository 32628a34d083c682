"""Trying the servers of the settings: every step is told, and no mail is sent."""

from billhook.domain.brands import Sender
from billhook.domain.deliveries import Memo, Message
from billhook.testing.mail import HOST, PASSWORD, USER, post_office
from billhook_delivery_email.checking import checked
from billhook_delivery_email.settings import DeliveryEmailSettings, Security


def settings(post, **more) -> DeliveryEmailSettings:
    known = {"host": HOST, "port": post.port, "security": Security.NONE, "timeout": 5}
    return DeliveryEmailSettings(**{**known, **more})


def test_a_good_server_is_greeted_and_gets_no_mail(post):
    health = checked(settings(post))
    assert health.is_good
    assert len(health.steps) >= 2
    assert post.mails == []


def test_a_wrong_password_is_the_step_that_failed():
    with post_office(wants_log_in=True, auth_require_tls=False) as post:
        good = checked(settings(post, user=USER, password=PASSWORD, allows_plain_password=True))
        bad = checked(settings(post, user=USER, password="wrong", allows_plain_password=True))
    assert good.is_good
    assert not bad.steps[-1].is_good
    assert bad.steps[-1].advice


def test_no_server_says_what_to_set():
    health = checked(DeliveryEmailSettings())
    assert not health.is_good
    assert "host" in health.steps[-1].advice


def test_a_mailbox_that_cannot_be_opened_is_a_step_of_its_own(post):
    health = checked(
        settings(post, bounce_host=HOST, bounce_port=1, bounce_security=Security.NONE)
    )
    assert [step.is_good for step in health.steps][-2:] == [True, False]
    assert HOST in health.steps[-1].what


def test_a_memo_goes_to_its_reader_and_to_no_archive(channel, post):
    """It may hold a link that lets somebody in."""
    way = channel(post, archive="archive@shop.example")
    way.carry(
        Memo(
            sender=Sender(name="Shop", email="billing@shop.example"),
            to="ann@client.example",
            name="Ann",
            message=Message(subject="Join us", text="https://x.example/secret\n", html=""),
            language="en",
        )
    )
    (mail,) = post.mails
    assert mail.recipients == ("ann@client.example",)
    assert b"https://x.example/secret" in mail.content
