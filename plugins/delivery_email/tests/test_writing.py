"""What a mail looks like on the line, read back by a strict reader."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billhook.domain.brands import Sender
from billhook.domain.deliveries import Message, Recipient
from billhook.domain.publications import FileContent
from billhook_delivery_email.writing import mail

from .conftest import PDF, blind, copy, dispatch

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHOP = Sender(name="Shop Ltd", email="billing@shop.example", reply_to="help@shop.example")
LOGO = FileContent(name="logo.png", content_type="image/png", content=b"\x89PNG\r\n\x1a\n.\r\n")


def read(wanted, sender=SHOP):
    return message_from_bytes(mail(wanted, sender, at=AT), policy=policy.default)


def said(subject="Invoice", text="Hello.", html="<p>Hello.</p>", pictures=()) -> Message:
    return Message(subject=subject, text=text, html=html, pictures=pictures)


def test_the_headers_say_who_what_and_that_a_machine_wrote():
    wanted = dispatch()
    found = read(wanted)
    assert str(found["From"]) == "Shop Ltd <billing@shop.example>"
    assert str(found["Reply-To"]) == "help@shop.example"
    assert found["Date"].datetime == AT
    assert str(found["Message-ID"]) == f"<{wanted.id}@shop.example>"
    assert str(found["Auto-Submitted"]) == "auto-generated"
    assert str(found["Content-Language"]) == "en"
    assert not any(name.lower().startswith("list-") for name in found)


def test_the_same_dispatch_has_the_same_name_however_often_it_is_tried():
    wanted = dispatch()
    assert read(wanted)["Message-ID"] == read(wanted)["Message-ID"]
    assert read(dispatch())["Message-ID"] != read(wanted)["Message-ID"]


def test_text_and_page_say_the_same_and_files_are_attached():
    found = read(dispatch(message=said("Rechnung", "Grüße\n", "<p>Grüße</p>", (LOGO,))))
    assert found.get_body(("plain",)).get_content().splitlines() == ["Grüße"]
    assert found.get_body(("html",)).get_content().splitlines() == ["<p>Grüße</p>"]
    (attached,) = found.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (PDF.name, PDF.content_type)
    assert attached.get_content() == PDF.content


def test_a_picture_is_inline_under_the_name_that_the_page_calls():
    found = read(dispatch(message=said(html='<img src="cid:logo.png">', pictures=(LOGO,))))
    (picture,) = [part for part in found.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<logo.png>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == LOGO.content


@pytest.mark.parametrize(
    "file",
    [
        FileContent(name="Prüfbericht – 山田.pdf", content_type="application/pdf", content=b"x"),
        FileContent(name="a" * 150 + ".xml", content_type="application/xml", content=b"<a/>"),
        FileContent(name="ü.csv", content_type="text/csv", content="ü;1\r\nñ;2\n".encode()),
        FileContent(name="mail.eml", content_type="message/rfc822", content=b"From: x\n\n.\n"),
        FileContent(name="odd", content_type="nonsense", content=bytes(range(256))),
    ],
    ids=lambda file: file.content_type,
)
def test_a_file_arrives_under_its_name_to_the_byte(file):
    (attached,) = read(dispatch(files=(file,))).iter_attachments()
    assert attached.get_filename() == file.name
    assert attached.get_payload(decode=True) == file.content


def test_a_mail_to_copies_alone_has_no_address_of_its_own():
    found = read(dispatch(copy("a@client.example"), blind("b@client.example")))
    assert str(found["To"]) == "undisclosed-recipients:;"
    assert str(found["Cc"]) == "a@client.example"
    assert found["Bcc"] is None


INJECTED = "x\r\nBcc: eve@evil.example\r\n\r\nbody"


def test_no_text_of_a_person_begins_a_header():
    wanted = dispatch(
        Recipient(address="ann@client.example", name=INJECTED),
        message=said(subject=INJECTED, text="a", html="b"),
        files=(FileContent(name=INJECTED, content_type="application/pdf", content=b"x"),),
    )
    found = read(wanted, Sender(name=INJECTED, email="b@shop.example", reply_to=""))
    assert found["Bcc"] is None
    assert found.get_body(("plain",)).get_content().splitlines() == ["a"]
    assert str(found["Subject"]).startswith("x Bcc: eve@evil.example")


def test_an_address_that_is_none_writes_no_header():
    wanted = dispatch(
        Recipient(address="ann@client.example"), Recipient(address="a@b\r\nBcc: eve@evil.example")
    )
    assert str(read(wanted)["To"]) == "ann@client.example"
    with pytest.raises(ValueError, match="no address"):
        mail(wanted, Sender(name="", email="a@b\r\nBcc: c@d.example"), at=AT)


NAMES = st.text(max_size=120)


@settings(deadline=None)
@given(name=NAMES, other=NAMES, subject=st.text(max_size=300))
def test_names_and_subjects_come_back_in_one_line_whatever_they_are(name, other, subject):
    """In any script, with any sign: quotes, commas, brackets, encoded words, controls."""
    wanted = dispatch(
        Recipient(address="ann@client.example", name=name),
        Recipient(address="bob@client.example", name=other),
        message=said(subject=subject),
    )
    found = message_from_bytes(mail(wanted, SHOP, at=AT), policy=policy.compat32)
    boxes = getaddresses([found["To"]])
    assert [address for _name, address in boxes] == ["ann@client.example", "bob@client.example"]
    assert [decoded(name) for name, _address in boxes] == [shown(name), shown(other)]
    assert decoded(found["Subject"]).strip() == shown(subject)
    assert {name.lower() for name in found} == {
        *("from", "to", "reply-to", "subject", "date", "message-id", "content-language"),
        *("auto-submitted", "mime-version", "content-type"),
    }


def decoded(text: str) -> str:
    """Read encoded words; the reader of `policy.default` puts spaces between them in names."""
    return str(make_header(decode_header("".join(text.splitlines()))))


def shown(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@settings(deadline=None)
@given(text=st.text(max_size=2_000), html=st.text(max_size=500))
def test_every_line_is_short_and_ends_as_the_protocol_wants(text, html):
    """No bare CR or LF, by which a second mail could be smuggled in; seven bits alone."""
    content = mail(dispatch(message=said(text=text, html=html)), SHOP, at=AT)
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert max(map(len, lines)) <= 998
    assert content.isascii()


def test_a_strict_reader_agrees_on_a_quoted_name():
    box = Address(display_name='Doe, "Jo"', username="jo", domain="client.example")
    found = read(dispatch(Recipient(address="jo@client.example", name='Doe, "Jo"')))
    assert found["To"].addresses == (box,)
