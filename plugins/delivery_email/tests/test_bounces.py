"""Mails that came back are understood, whatever server wrote them; all others are none."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billhook_delivery_email.bounces import bounces

from . import samples
from .samples import ID

ANN = "ann@client.example"


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ("POSTFIX", "550 5.1.1 <ann@client.example>: Recipient address rejected: User unknown"),
        ("EXIM", "550 5.1.1 User unknown"),
        ("EXCHANGE", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"),
        ("GMAIL", "550-5.1.1 The email account that you tried to reach does not exist."),
        ("QMAIL", "Sorry, no mailbox here by that name. (#5.1.1)"),
    ],
)
def test_a_bounce_names_delivery_recipient_and_reason(sample, reason):
    content = getattr(samples, sample)
    for ends in ("\n", "\r\n"):
        (found,) = bounces(content.replace("\n", ends).encode())
        assert (found.delivery_id, found.address, found.reason) == (ID, ANN, reason)


def test_an_old_servers_text_names_all_whom_it_did_not_reach():
    found = {one.address: one.reason for one in bounces(samples.OLD_EXIM.encode())}
    assert found == {
        ANN: "SMTP error from remote mail server after RCPT TO:<ann@client.example>: "
        "550 5.1.1 User unknown",
        "bob@client.example": "retry timeout exceeded",
    }


def test_the_envelopes_id_is_enough_where_nothing_is_returned():
    content = samples.POSTFIX.replace(f"Message-ID: <{ID}@shop.example>", "X: y")
    assert [one.delivery_id for one in bounces(content.encode())] == [ID]


def test_several_recipients_come_back_in_one_report():
    second = "\nFinal-Recipient: rfc822; bob@client.example\nAction: failed\nStatus: 5.2.2\n\n"
    content = samples.EXIM.replace(
        "\n--1795190043-eximdsn-1\nContent-type: message/rfc822",
        second + "--1795190043-eximdsn-1\nContent-type: message/rfc822",
    )
    assert [(one.address, one.reason) for one in bounces(content.encode())] == [
        (ANN, "550 5.1.1 User unknown"),
        ("bob@client.example", "5.2.2"),
    ]


def test_an_address_in_xtext_is_read():
    content = samples.POSTFIX.replace(
        "Original-Recipient: rfc822;ann@", "Original-Recipient: rfc822;ann+2Bx@"
    )
    assert bounces(content.encode())[0].address == "ann+x@client.example"


@pytest.mark.parametrize("sample", ["DELAYED", "DELIVERED", "HOLIDAY", "SPAM"])
def test_what_is_no_bounce_of_ours_is_none(sample):
    assert bounces(getattr(samples, sample).encode()) == []


@pytest.mark.parametrize("sample", ["POSTFIX", "EXIM", "EXCHANGE", "GMAIL", "QMAIL"])
def test_a_bounce_that_was_cut_off_raises_nothing(sample):
    content = getattr(samples, sample).encode()
    for length in range(0, len(content), 37):
        bounces(content[:length])


@settings(deadline=None)
@given(noise=st.binary(max_size=400), at=st.integers(0, 3_000))
def test_no_mail_is_too_broken_to_be_read(noise, at):
    content = samples.POSTFIX.encode()
    bounces(content[:at] + noise + content[at:])
    bounces(noise)


def test_a_mail_of_a_thousand_parts_in_parts_is_no_bounce():
    """Anybody can write to the mailbox: what cannot be read must not stop what comes after it."""
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(2_000)
    )
    assert bounces(f"From: mailer-daemon@client.example\r\n{nested}".encode()) == []


@pytest.mark.parametrize(
    "head",
    [
        "From: mailer-daemon@client.example\r\nX-Failed-Recipients: ",
        (
            "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
            "Action: failed\r\nFinal-Recipient: rfc822; "
        ),
    ],
)
def test_an_address_without_end_is_read_in_no_time(head):
    began = time.process_time()
    assert bounces(f"{head}{'a' * 200_000}\r\n\r\nhi".encode()) == []
    assert time.process_time() - began < 5  # it was minutes
