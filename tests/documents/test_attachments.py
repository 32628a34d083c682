"""Files go out with the document: they are frozen with it."""

import pytest

from billhook.errors import AlreadyIssued, NotFound, ValidationFailed
from billhook.services import attachments, drafting, files, issuing, originals
from billhook.services.contexts import operator_context
from billhook.services.verifying import verify
from billhook.testing.members import open_tenant
from billhook.testing.shops import END

PDF = b"%PDF-1.7 timesheet"


def attach(ctx, draft, name="timesheet.pdf", content=PDF):
    return attachments.attach(
        ctx, draft, name=name, content_type="application/pdf", content=content
    )


def test_an_attachment_is_frozen_with_the_document(shop, draft):
    made = attach(shop, draft)
    attach(shop, draft, "terms.pdf", PDF + b" terms")
    assert [item.name for item in drafting.load(shop, draft).bill.attachments] == [
        "timesheet.pdf",
        "terms.pdf",
    ]
    issued = issuing.issue(shop, draft, issue_on=END)
    first, second = originals.read(shop, issued.id).attachments
    assert first == made
    assert files.stored(shop, first.file_id)[1] == PDF
    assert second.name == "terms.pdf"
    assert verify(shop).is_whole


def test_what_went_along_comes_back_as_it_was(shop, draft):
    attach(shop, draft)
    issued = issuing.issue(shop, draft, issue_on=END)
    found = attachments.content(shop, issued.id, 1)
    assert (found.name, found.content) == ("timesheet.pdf", PDF)
    for position in (0, 2, -1):
        with pytest.raises(NotFound):
            attachments.content(shop, issued.id, position)


def test_a_detached_file_does_not_go_out(shop, draft):
    attach(shop, draft)
    attachments.detach(shop, draft, "timesheet.pdf")
    with pytest.raises(NotFound):
        attachments.detach(shop, draft, "timesheet.pdf")
    issued = issuing.issue(shop, draft, issue_on=END)
    assert originals.read(shop, issued.id).attachments == ()


def test_a_document_without_attachments_hashes_as_ever(shop, draft):
    """The key is left out, so that what was sealed before stays provable."""
    from billhook.domain.documents import document_content

    issued = issuing.issue(shop, draft, issue_on=END)
    assert b"attachments" not in document_content(originals.read(shop, issued.id))


def test_nothing_is_attached_to_what_was_issued(shop, invoice):
    with pytest.raises(AlreadyIssued):
        attach(shop, invoice.id)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("timesheet.pdf", b"MZ not a pdf"),
        ("../timesheet.pdf", PDF),
        ("", PDF),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(shop, draft, name, content):
    with pytest.raises(ValidationFailed):
        attach(shop, draft, name, content)
    assert drafting.load(shop, draft).bill.attachments == ()


def test_two_files_of_one_name_are_refused(shop, draft):
    attach(shop, draft)
    with pytest.raises(ValidationFailed, match="of that name"):
        attach(shop, draft, content=PDF + b"2")


def test_attachments_stay_within_what_mail_servers_take(shop, draft, monkeypatch):
    monkeypatch.setattr(attachments, "LARGEST_SUM", 2 * len(PDF))
    attach(shop, draft, "one.pdf")
    attach(shop, draft, "two.pdf")
    with pytest.raises(ValidationFailed, match="mail servers"):
        attach(shop, draft, "three.pdf")


def test_a_document_takes_a_bounded_number_of_attachments(shop, draft, monkeypatch):
    monkeypatch.setattr(attachments, "MOST", 2)
    attach(shop, draft, "one.pdf")
    attach(shop, draft, "two.pdf")
    with pytest.raises(ValidationFailed, match="2 attachments at most"):
        attach(shop, draft, "three.pdf")


def test_what_was_taken_off_makes_room(shop, draft, monkeypatch):
    monkeypatch.setattr(attachments, "MOST", 2)
    attach(shop, draft, "terms.pdf")
    for number in range(4):
        attach(shop, draft, f"{number}.pdf")
        attachments.detach(shop, draft, "terms.pdf" if number == 0 else f"{number - 1}.pdf")
    assert [item.name for item in drafting.load(shop, draft).bill.attachments] == ["3.pdf"]


def test_another_tenants_draft_is_not_found(shop, draft):
    open_tenant("acme")
    acme = operator_context("acme")
    with acme.acting(), pytest.raises(NotFound):
        attach(acme, draft)
