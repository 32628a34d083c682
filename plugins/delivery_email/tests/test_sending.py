"""Against a real mail server: what it takes, refuses, puts off and drops; nothing arrives twice."""

from datetime import timedelta

import pytest

from billhook.domain.brands import Sender
from billhook.domain.publications import FileContent
from billhook.errors import OutcomeUnknown, Rejected, Retryable
from billhook.testing.mail import PASSWORD, USER, certificate, post_office, scripted
from billhook_delivery_email import channel as channels
from billhook_delivery_email.settings import Security

from .conftest import blind, copy, dispatch

ANN, BOB, CID = "ann@client.example", "bob@client.example", "cid@client.example"
HELLO = b"250-mail.example\r\n250 SIZE 1000000\r\n"


def test_a_mail_arrives_with_one_call_of_committing(channel, post, committing):
    wanted = dispatch(ANN, copy(BOB), blind(CID))
    receipt = channel(post).send(wanted, committing)
    (mail,) = post.mails
    assert committing.count == 1
    assert mail.sender == "billing@shop.example"
    assert mail.recipients == (ANN, BOB, CID)
    assert receipt.remote_id == f"{wanted.id}@shop.example"
    assert receipt.answer == "250 Queued"
    assert (receipt.refused, receipt.postponed) == ((), ())


def test_a_blind_copy_is_named_nowhere(channel, post, committing):
    channel(post).send(dispatch(ANN, blind(CID)), committing)
    assert b"cid@" not in post.mails[0].content


def test_whoever_is_settled_is_named_and_not_written_to(channel, post, committing):
    channel(post).send(dispatch(ANN, BOB, settled=frozenset({ANN})), committing)
    (mail,) = post.mails
    assert mail.recipients == (BOB,)
    assert str(mail.message["To"]) == f"{ANN}, {BOB}"


def test_the_return_address_gets_the_bounces(channel, post, committing):
    channel(post, return_address="bounces@shop.example").send(dispatch(), committing)
    assert post.mails[0].sender == "bounces@shop.example"
    assert str(post.mails[0].message["From"]) == "Shop Ltd <billing@shop.example>"


def test_a_brand_without_a_sender_uses_the_settings(channel, post, committing):
    nobody = dispatch(sender=Sender(name="", email=""))
    with pytest.raises(Rejected, match="no sender"):
        channel(post).send(nobody, committing)
    channel(post, from_email="us@shop.example", from_name="Us").send(nobody, committing)
    assert str(post.mails[0].message["From"]) == "Us <us@shop.example>"


# Encryption and log-in


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    found = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.path))
    return found


@pytest.mark.parametrize(
    ("security", "is_encrypted"), [(Security.STARTTLS, False), (Security.TLS, True)]
)
def test_it_encrypts_and_logs_in(channel, committing, trusted, security, is_encrypted):
    with post_office(tls=trusted.context, is_encrypted=is_encrypted, wants_log_in=True) as post:
        channel(post, security=security, user=USER, password=PASSWORD).send(dispatch(), committing)
        assert len(post.mails) == 1
        assert post.log_ins == ["PLAIN"]


def test_a_server_that_only_knows_login_is_logged_in_to(channel, committing, trusted):
    with post_office(
        tls=trusted.context,
        is_encrypted=True,
        wants_log_in=True,
        auth_exclude_mechanism=["PLAIN"],
    ) as post:
        channel(post, security=Security.TLS, user=USER, password=PASSWORD).send(
            dispatch(), committing
        )
        assert post.log_ins == ["LOGIN"]


def test_a_certificate_that_nobody_vouches_for_is_refused(channel, committing, tmp_path):
    for security, is_encrypted in ((Security.STARTTLS, False), (Security.TLS, True)):
        with (
            post_office(tls=certificate(tmp_path).context, is_encrypted=is_encrypted) as post,
            pytest.raises(Rejected, match="certificate is not valid") as refused,
        ):
            channel(post, security=security).send(dispatch(), committing)
        assert refused.value.problems[0].code == "delivery_email.encryption_failed"
        assert post.mails == []


def test_a_certificate_of_another_host_is_refused(channel, committing, tmp_path, monkeypatch):
    other = certificate(tmp_path, host="mail.elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.path))
    with (
        post_office(tls=other.context) as post,
        pytest.raises(Rejected, match="certificate is not valid"),
    ):
        channel(post, security=Security.STARTTLS).send(dispatch(), committing)


def test_a_server_without_encryption_gets_nothing(channel, post, committing):
    with pytest.raises(Rejected, match="offers no encryption"):
        channel(post, security=Security.STARTTLS, user=USER, password="x").send(
            dispatch(), committing
        )
    assert (post.mails, post.log_ins) == ([], [])


def test_a_wrong_port_for_the_encryption_is_told(channel, post, committing):
    with pytest.raises(Rejected, match="Port and encryption do not match"):
        channel(post, security=Security.TLS).send(dispatch(), committing)


def test_a_wrong_password_is_told_and_shown_nowhere(channel, committing, trusted):
    with post_office(tls=trusted.context, wants_log_in=True) as post:
        with pytest.raises(Rejected, match="refused user and password") as refused:
            channel(post, security=Security.STARTTLS, user=USER, password="zebra").send(
                dispatch(), committing
            )
        assert "zebra" not in str(refused.value)
        assert post.mails == []
    assert committing.count == 0


# Refusals


def test_one_of_three_who_is_refused_is_left_out(channel, post, committing):
    post.at_recipient[BOB] = ["550 5.1.1 No such user"]
    receipt = channel(post).send(dispatch(ANN, BOB, CID), committing)
    assert post.mails[0].recipients == (ANN, CID)
    assert [(one.address, one.reason) for one in receipt.refused] == [
        (BOB, "550 5.1.1 No such user")
    ]


def test_where_all_are_refused_nothing_is_sent(channel, post, committing):
    post.at_recipient |= {ANN: ["550 No such user"], BOB: ["554 5.7.1 Relay access denied"]}
    with pytest.raises(Rejected) as refused:
        channel(post).send(dispatch(ANN, BOB), committing)
    by_path = {problem.path: problem.message for problem in refused.value.problems}
    assert "Check the address" in by_path[ANN]
    assert "does not pass mail on for us" in by_path[BOB]
    assert (post.mails, committing.count) == ([], 0)


def test_greylisting_is_tried_again_when_the_server_says(channel, post, committing):
    post.at_recipient[ANN] = ["451 4.7.1 Greylisted, try again in 300 seconds", "250 OK"]
    with pytest.raises(Retryable) as later:
        channel(post).send(dispatch(ANN), committing)
    assert later.value.after == timedelta(seconds=300)
    channel(post).send(dispatch(ANN), committing)
    assert (len(post.mails), committing.count) == (1, 1)


def test_one_who_is_put_off_does_not_hold_up_the_others(channel, post, committing):
    post.at_recipient |= {BOB: ["451 Later", "250 OK"], CID: ["552 Mailbox full", "250 OK"]}
    first = channel(post).send(dispatch(ANN, BOB, CID), committing)
    assert post.mails[0].recipients == (ANN,)
    assert {one.address for one in first.postponed} == {BOB, CID}
    assert first.refused == ()


def test_while_one_may_be_taken_later_nobody_is_given_up(channel, post, committing):
    post.at_recipient |= {ANN: ["550 No"], BOB: ["451 Later"]}
    with pytest.raises(Retryable, match="451 Later"):
        channel(post).send(dispatch(ANN, BOB), committing)


@pytest.mark.parametrize(
    ("answer", "error", "advice"),
    [
        ("550 5.7.1 Sender refused", Rejected, "does not take mail from this sender"),
        ("530 Authentication required", Rejected, "wants a log-in"),
        ("451 Not now", Retryable, "451 Not now"),
    ],
)
def test_a_sender_who_is_refused_is_told(channel, post, committing, answer, error, advice):
    post.at_sender.append(answer)
    with pytest.raises(error, match=advice):
        channel(post).send(dispatch(), committing)
    assert committing.count == 0


@pytest.mark.parametrize(
    ("answer", "error"), [("554 Spam", Rejected), ("452 Disk full", Retryable)]
)
def test_a_clear_no_after_the_content_is_a_no(channel, post, committing, answer, error):
    post.at_content.append(answer)
    with pytest.raises(error, match=answer):
        channel(post).send(dispatch(), committing)
    assert post.mails == []


def test_a_mail_that_is_too_large_is_not_begun(channel, post, committing):
    large = FileContent(name="a.bin", content_type="application/pdf", content=bytes(900_000))
    with pytest.raises(Rejected, match=r"2 MB .* more than the 1 MB"):
        channel(post, largest_mail=1).send(dispatch(files=(large,)), committing)
    with (
        post_office(data_size_limit=500_000) as small,
        pytest.raises(Rejected, match=r"the server takes 0\.5"),
    ):
        channel(small).send(dispatch(files=(large,)), committing)
    assert committing.count == 0


# Losses


def test_nobody_there_is_tried_again(channel, post, committing):
    with pytest.raises(Retryable, match="Check host and port"):
        channel(post, port=1).send(dispatch(), committing)
    with pytest.raises(Retryable, match="Connect to mail"):
        channel(post, host="mail.invalid").send(dispatch(), committing)


def test_a_server_that_is_busy_is_tried_again(channel, committing):
    line = b"421 4.3.2 Too many connections, try later\r\n"
    with scripted(line) as busy, pytest.raises(Retryable, match=r"421 4\.3\.2"):
        channel(busy).send(dispatch(), committing)
    assert committing.count == 0


def test_a_server_that_refuses_this_machine_is_told(channel, committing):
    with scripted(b"554 No SMTP service for you\r\n") as closed, pytest.raises(Rejected):
        channel(closed).send(dispatch(), committing)


@pytest.mark.parametrize("step", ["sender", "recipient"])
def test_a_connection_lost_before_the_content_is_tried_again(channel, post, committing, step):
    post.drops.append(step)
    with pytest.raises(Retryable, match="connection was lost"):
        channel(post).send(dispatch(), committing)
    assert committing.count == 0
    channel(post).send(dispatch(), committing)
    assert len(post.mails) == 1


def test_a_connection_lost_before_the_content_was_asked_for_is_tried_again(channel, committing):
    lines = (b"220 mail\r\n", HELLO, b"250 OK\r\n", b"250 OK\r\n")
    with scripted(*lines) as hasty, pytest.raises(Retryable):
        channel(hasty).send(dispatch(), committing)
    assert committing.count == 0


def test_a_connection_lost_before_the_last_answer_is_unknown(channel, post, committing):
    post.drops.append("content")
    with pytest.raises(OutcomeUnknown, match="after the whole mail was sent"):
        channel(post).send(dispatch(), committing)
    assert len(post.mails) == 1, "it arrived, and nobody here can know"
    assert committing.count == 1


def test_an_answer_that_does_not_come_in_time_is_unknown(channel, committing, impatient):
    lines = (b"220 mail\r\n", HELLO, b"250 OK\r\n", b"250 OK\r\n", b"354 Go\r\n", None)
    with scripted(*lines) as slow, pytest.raises(OutcomeUnknown, match="timed out"):
        channel(slow, timeout=1).send(dispatch(), committing)
    assert committing.count == 1


@pytest.mark.parametrize("silent_at", [0, 1, 2])
def test_a_slow_server_is_tried_again(channel, committing, silent_at):
    lines = (b"220 mail\r\n", HELLO, b"250 OK\r\n", b"250 OK\r\n")
    with scripted(*lines[:silent_at], None) as slow, pytest.raises(Retryable, match="timed out"):
        channel(slow, timeout=1).send(dispatch(), committing)
    assert committing.count == 0


def test_a_core_that_says_no_at_the_last_moment_leaves_the_server_with_nothing(channel, post):
    def superseded() -> None:
        raise Retryable("Another worker has it.")

    with pytest.raises(Retryable, match="Another worker"):
        channel(post).send(dispatch(), superseded)
    channel(post).send(dispatch(), lambda: None)
    assert len(post.mails) == 1


def test_the_point_of_no_return_is_before_the_dot(channel, post):
    seen = []
    channel(post).send(dispatch(), lambda: seen.append(len(post.mails)))
    assert seen == [0]


# Addresses


def test_a_foreign_domain_travels_as_the_net_knows_it(channel, post, committing):
    channel(post).send(dispatch("ann@bücher.example"), committing)
    assert post.mails[0].recipients == ("ann@xn--bcher-kva.example",)


def test_a_foreign_local_part_needs_a_server_that_knows_it(channel, post, committing):
    receipt = channel(post).send(dispatch(ANN, "андрей@client.example"), committing)
    assert receipt.refused == ()
    assert post.mails[0].recipients[1] == "андрей@client.example"
    assert "SMTPUTF8" in post.mails[0].options
    with post_office(enable_SMTPUTF8=False) as old:
        receipt = channel(old).send(dispatch(ANN, "андрей@client.example"), committing)
        assert [one.address for one in receipt.refused] == ["андрей@client.example"]
        assert old.mails[0].recipients == (ANN,)


def test_reports_of_delivery_are_asked_for_where_the_server_offers_them(channel, committing):
    said = []
    hello = b"250-mail.example\r\n250-SIZE\r\n250 DSN\r\n"
    wanted = dispatch("a+b=c@client.example")
    lines = (b"220 mail\r\n", hello, b"250 OK\r\n", b"250 OK\r\n", b"354 Go\r\n")
    with scripted(*lines, heard=said) as server, pytest.raises(OutcomeUnknown):
        channel(server).send(wanted, committing)
    assert f"RET=HDRS ENVID={wanted.id}".encode() in said[1]
    assert b"NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@client.example" in said[2]


# Who gets it


def test_the_archive_gets_every_mail(channel, addressee):
    with_archive = channel(archive="archive@shop.example")
    usual = with_archive.recipients(addressee())
    chosen = with_archive.recipients(addressee(), dispatch(BOB).recipients)
    assert [(one.address, one.kind) for one in usual] == [
        (ANN, "to"),
        ("archive@shop.example", "bcc"),
    ]
    assert [one.address for one in chosen] == [BOB, "archive@shop.example"]
    again = with_archive.recipients(addressee(), usual)
    assert len(again) == 2, "not twice"


def test_an_archive_alone_is_nobody(channel, addressee):
    assert channel(archive="archive@shop.example").recipients(addressee(email="")) == []


def test_a_malformed_address_is_named(channel):
    (problem,) = channel().recipient_problems(dispatch(ANN, "nowhere").recipients)
    assert (problem.path, problem.code) == ("recipients.1", "delivery_email.address_malformed")


# Trial


def test_a_trial_shows_the_whole_conversation(channel, post):
    told = channel(post).trial(
        Sender(name="Shop", email="b@shop.example"), dispatch().recipients[0]
    )
    assert told.is_good
    assert [step.what.partition(" ")[0] for step in told.steps] == [
        *("Connect", "Greet", "Sender", "Recipient", "Mail"),
    ]
    assert told.steps[-1].answer == "250 Queued"
    assert str(post.mails[0].message["Subject"]) == "Test mail from Billhook"


def test_a_trial_ends_with_what_failed_and_what_to_do(channel, post):
    post.at_recipient[ANN] = ["554 5.7.1 Relay access denied"]
    told = channel(post).trial(
        Sender(name="Shop", email="b@shop.example"), dispatch().recipients[0]
    )
    assert not told.is_good
    assert told.steps[-1].answer == "554 5.7.1 Relay access denied"
    assert "Set user and password" in told.steps[-1].advice


@pytest.mark.parametrize("settings", [{"host": ""}, {"host": "mail.invalid"}])
def test_a_trial_without_a_server_says_what_to_set(channel, settings):
    told = channel(**settings).trial(
        Sender(name="", email="b@shop.example"), dispatch().recipients[0]
    )
    assert not told.is_good
    assert told.steps[-1].advice


def test_a_trial_without_a_sender_says_so(channel, post):
    told = channel(post).trial(Sender(name="", email=""), dispatch().recipients[0])
    assert "from_email" in told.steps[-1].advice


def test_the_channel_has_a_key():
    assert channels.SmtpChannel.key == "delivery_email.smtp"
