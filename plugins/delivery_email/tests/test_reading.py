"""The mailbox is read, each mail once; what was told is told before it is marked."""

import pytest

from billhook.errors import Retryable
from billhook.testing.contexts import Told
from billhook.testing.mail import HOST, certificate
from billhook_delivery_email import mailbox
from billhook_delivery_email.reading import read_bounces
from billhook_delivery_email.settings import Security

from . import samples
from .imap import mail_server

UNENCRYPTED = {
    "bounce_host": HOST,
    "bounce_security": Security.NONE,
    "bounce_user": "bounces",
    "bounce_password": "secret",
    "timeout": 5,
}


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def reports():
    return Told(ours=frozenset({samples.ID}))


@pytest.fixture
def read(ctx, server, reports):
    """Return a function that does the job once."""

    def act(**settings):
        read_bounces(ctx(reports, **{**UNENCRYPTED, "bounce_port": server.port, **settings}), {})

    return act


def test_bounces_are_told_and_marked_as_seen(server, reports, read):
    server.mails = {4: samples.POSTFIX.encode(), 7: samples.QMAIL.encode()}
    read()
    assert [(one.delivery_id, one.address, one.state) for one in reports.told] == [
        (samples.ID, "ann@client.example", "bounced")
    ] * 2
    assert server.seen == {4, 7}


def test_what_was_read_is_not_read_again(server, reports, read):
    server.mails = {4: samples.POSTFIX.encode()}
    read()
    read()
    assert len(reports.told) == 1


def test_other_mail_is_passed_over_once(server, reports, read):
    server.mails = {1: samples.HOLIDAY.encode(), 2: b"", 3: samples.EXIM.encode()}
    read()
    assert len(reports.told) == 1
    assert server.seen == {1, 2, 3}, "else it would be read for ever"


def test_what_was_told_and_not_marked_is_told_again(server, reports, read):
    """The line goes dead between the two; the port ignores what it knows."""
    server.mails = {4: samples.POSTFIX.encode()}
    server.hangs_up_at = b"UID STORE"
    with pytest.raises(Retryable):
        read()
    server.hangs_up_at = b""
    read()
    assert len(reports.told) == 2
    assert server.seen == {4}


def test_a_failed_report_leaves_the_mail_unseen(ctx, server):
    class Failing(Told):
        def report(self, ctx, *, channel, reports):
            raise RuntimeError("the database is away")

    server.mails = {4: samples.POSTFIX.encode()}
    settings = {**UNENCRYPTED, "bounce_port": server.port}
    with pytest.raises(RuntimeError):
        read_bounces(ctx(Failing(), **settings), {})
    assert server.seen == set()


def test_a_mail_that_is_gone_meanwhile_is_passed_over(server, reports, read):
    server.mails, server.gone = {4: samples.POSTFIX.encode()}, {4}
    read()
    assert reports.told == []


def test_one_reading_takes_a_bounded_number(server, reports, read, monkeypatch):
    monkeypatch.setattr(mailbox, "AT_ONCE", 3)
    server.mails = {uid: samples.POSTFIX.encode() for uid in range(1, 6)}
    read()
    assert server.seen == {1, 2, 3}
    read()
    assert server.seen == {1, 2, 3, 4, 5}


def test_a_large_mail_is_read_in_part(server, reports, read):
    server.mails = {4: samples.EXIM.encode() + b"x" * 3_000_000}
    read()
    assert len(reports.told) == 1


def test_nothing_is_read_where_no_mailbox_is_set(server, read):
    read(bounce_host="")
    assert server.commands == []


def test_a_wrong_password_and_a_missing_folder_say_what_to_set(read):
    with pytest.raises(Retryable, match="bounce_password"):
        read(bounce_password="zebra")
    with pytest.raises(Retryable, match=r"no folder “Bounces”"):
        read(bounce_folder="Bounces")


def test_a_server_that_is_away_is_tried_again(read):
    with pytest.raises(Retryable, match="cannot be read"):
        read(bounce_port=1)


def test_the_link_is_encrypted_and_the_certificate_checked(ctx, reports, tmp_path, monkeypatch):
    made = certificate(tmp_path)
    settings = {**UNENCRYPTED, "bounce_security": Security.TLS}
    with mail_server(made.context) as server:
        server.mails = {4: samples.POSTFIX.encode()}
        with pytest.raises(Retryable, match="certificate"):
            read_bounces(ctx(reports, **settings, bounce_port=server.port), {})
        monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
        read_bounces(ctx(reports, **settings, bounce_port=server.port), {})
    assert len(reports.told) == 1


def test_a_folder_with_quotes_is_no_command(server, read):
    with pytest.raises(Retryable):
        read(bounce_folder='INBOX" "x\r\nA1 LOGOUT')
    assert all(not command.startswith(b"A1") for command in server.commands)
