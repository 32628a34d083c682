"""One figure everywhere: calculator, ledger, screen, PDF and XML agree to the minor unit.

`BILLHOOK_AGREEMENT_DOCUMENTS` sets how many documents are made, and
`BILLHOOK_AGREEMENT_PDFS` how many of them are printed.
"""

import os
import re
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader

from billhook.domain.brands import Brand, Column, Sender, Template
from billhook.domain.document_reading import read_document
from billhook.domain.document_view import DocumentView
from billhook.domain.documents import Document, document_content
from billhook.domain.ledger import document_entry
from billhook.domain.publications import Publication, Reference, Stage
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind
from billhook.money import parse_amount
from billhook.plugins.runtime import runtime
from billhook.sdk.providers import Page
from billhook.services.presenting import present
from billhook_einvoice_ubl import writing
from billhook_einvoice_ubl.mapping import e_invoice
from billhook_einvoice_ubl.profiles import EN_16931
from billhook_render_pdf.renderer import PdfRenderer

from .random_documents import CURRENCIES, Example, examples
from .slow_calculator import sums

COUNT = int(os.environ.get("BILLHOOK_AGREEMENT_DOCUMENTS", "1200"))
PDFS = int(os.environ.get("BILLHOOK_AGREEMENT_PDFS", "48"))
BATCH = 24
UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


BRAND = Brand(
    id=UUID(int=6),
    code="default",
    name="Nimbus",
    theme="default",
    renderer="render_pdf.xhtml2pdf",
    sender=Sender(name="Nimbus", email="billing@nimbus.example"),
)


@pytest.fixture(scope="module")
def many() -> list[Example]:
    return list(examples(COUNT))


def test_the_examples_hold_what_is_claimed(many):
    assert {example.document.currency for example in many} == set(CURRENCIES)
    kinds = {example.document.type for example in many}
    assert kinds == {DocumentType.INVOICE, DocumentType.CREDIT_NOTE}
    assert any(example.credits for example in many)
    assert any(len(example.document.groups) == 3 for example in many)
    assert any(example.options.prices_include_tax for example in many)
    assert any(example.document.rounding for example in many)
    assert any(example.document.adjustments for example in many)


def test_an_independent_slow_calculator_agrees(many):
    for example in many:
        if example.credits:
            continue
        document = example.document
        found = sums(example.bill, example.treatments, example.options)
        sign = -1 if document.type is DocumentType.CREDIT_NOTE else 1
        assert (document.net, document.tax, document.gross) == (
            sign * found.net,
            sign * found.tax,
            sign * (found.net + found.tax),
        ), example
        assert (document.rounding, document.payable) == (
            sign * found.rounding,
            sign * found.payable,
        )
        groups = {group.treatment: (group.net, group.tax) for group in document.groups}
        assert groups == {
            treatment: (sign * net, sign * tax)
            for treatment, (net, tax) in found.by_treatment.items()
        }
        lines = tuple(sign * line.net for line in document.lines)
        if sign == 1 or not example.options.prices_include_tax:
            assert lines == found.lines
        else:  # turned amounts leave the other halves over: a unit may stand on another line
            assert sum(lines) == sum(found.lines)
            assert all(abs(a - b) <= 1 for a, b in zip(lines, found.lines, strict=True))


def test_each_sum_is_that_of_its_parts(many):
    for example in many:
        document = example.document
        parts = [line.net for line in document.lines]
        parts += [item.net for item in document.adjustments]
        assert document.net == sum(parts) == sum(group.net for group in document.groups)
        assert document.tax == sum(group.tax for group in document.groups)
        assert document.gross == document.net + document.tax
        assert document.payable == document.gross + document.rounding - document.prepaid


def test_the_ledger_posts_the_documents_figures(many):
    for example in many:
        document = example.document
        entry = document_entry(document, UUID(int=3))
        if entry is None:
            assert (document.net, document.tax, document.payable) == (0, 0, 0)
            continue
        sign = -1 if document.type is DocumentType.CREDIT_NOTE else 1
        by_customer = sum(posting.amount for posting in entry.postings if posting.customer_id)
        taxes = sum(
            posting.amount
            for posting in entry.postings
            if posting.tax_rate is not None and posting.account.startswith("2")
        )
        assert by_customer == sign * document.payable
        assert -taxes == sign * document.tax
        assert sum(posting.amount for posting in entry.postings) == 0


def test_sealed_content_reads_back_without_loss(many):
    for example in many:
        document = example.document
        content = document_content(document)
        assert read_document(content, seller=document.seller, buyer=document.buyer) == document


def published(example: Example) -> Publication:
    document = example.document
    return Publication(
        document=document,
        number="INV-2026-00042",
        stage=Stage.ISSUED,
        brand=BRAND,
        template=Template(document_type=document.type),
        credited=Reference(number="INV-2026-00001", issue_on=document.issue_on)
        if example.credits
        else None,
    )


def minor(text: str) -> int:
    """Read an amount back: it is written with all its decimals, so its digits are minor units."""
    digits = int("".join(char for char in text if char.isdigit()))
    return -digits if "-" in text or "\u2212" in text else digits


def charged_taxes(document: Document) -> list[tuple[int, int]]:
    """Return net and tax of every component that the customer pays."""
    return [
        (group.net, tax)
        for group in document.groups
        for component, tax in zip(group.treatment.components, group.component_taxes, strict=True)
        if component.kind is not ComponentKind.WITHHOLDING
    ]


def test_the_screen_shows_the_documents_figures(many):
    for example in many:
        document = example.document
        view = present(published(example))
        place = [column.column for column in view.columns].index(Column.NET)
        shown = [line for section in view.sections for line in section.lines]
        assert [minor(line.cells[place]) for line in shown] == [
            line.net for line in document.lines
        ]
        subtotals = [minor(section.subtotal) for section in view.sections if section.subtotal]
        assert not subtotals or sum(subtotals) == sum(line.net for line in document.lines)
        assert [minor(row.amount) for row in view.adjustments] == [
            item.net for item in document.adjustments
        ]
        rows = [(minor(row.net), minor(row.tax)) for row in view.taxes if row.tax]
        assert [row for row in rows if row[1]] == [
            row for row in charged_taxes(document) if row[1]
        ]
        assert minor(view.totals[0].amount) == document.net
        assert view.totals[-1].is_payable
        assert minor(view.totals[-1].amount) == document.payable
        assert minor(view.due.value) == document.payable


def test_the_xml_holds_the_documents_figures(many):
    """Of documents within EN 16931; others are refused by a finding."""
    for example in many:
        document = example.document
        if any(group.treatment.category is None for group in document.groups):
            continue
        root = writing.tree(e_invoice(published(example), EN_16931))
        totals = {
            "LineExtensionAmount": sum(line.net for line in document.lines),
            "TaxExclusiveAmount": document.net,
            "TaxInclusiveAmount": document.gross,
            "PayableAmount": document.payable,
        }
        for name, amount in totals.items():
            (found,) = root.xpath(f"cac:LegalMonetaryTotal/cbc:{name}/text()", namespaces=UBL)
            assert parse_amount(found, document.currency) == amount, name
        (tax,) = root.xpath("cac:TaxTotal[cac:TaxSubtotal]/cbc:TaxAmount/text()", namespaces=UBL)
        assert parse_amount(tax, document.currency) == document.tax
        nets = root.xpath(
            "(cac:InvoiceLine|cac:CreditNoteLine)/cbc:LineExtensionAmount/text()",
            namespaces=UBL,
        )
        assert [parse_amount(net, document.currency) for net in nets] == [
            line.net for line in document.lines
        ]
        groups = [
            tuple(
                parse_amount(part.findtext(f"cbc:{name}", namespaces=UBL), document.currency)
                for name in ("TaxableAmount", "TaxAmount")
            )
            for part in root.iterfind("cac:TaxTotal/cac:TaxSubtotal", UBL)
        ]
        assert sorted(groups) == sorted((group.net, group.tax) for group in document.groups)


def test_the_pdf_prints_the_figures_of_the_screen(app, many):
    """Every figure of the view stands in the PDF's text, in its order."""
    printed = 0
    for start in range(0, min(PDFS, len(many)), BATCH):
        pages = [page_of(example) for example in many[start : start + BATCH]]
        for page, made in zip(pages, PdfRenderer(None).render(pages), strict=True):
            sheets = PdfReader(BytesIO(made.content)).pages
            text = spaced("\n".join(sheet.extract_text() for sheet in sheets))
            place = 0
            for figure in figures(page.view):
                found = re.compile(rf"(?<![\d.,’]){re.escape(spaced(figure))}(?!\d)").search(
                    text, place
                )
                assert found, (figure, text)
                place = found.end()
            printed += 1
    assert printed >= min(PDFS, len(many))


def page_of(example: Example) -> Page:
    publication = published(example)
    view = present(publication)
    html = runtime().themes.get("default").document_html(view, BRAND, {})
    return Page(publication=publication, view=view, html=html)


def figures(view: DocumentView) -> list[str]:
    """Return every amount of a view as the page has them from top to bottom."""
    place = [column.column for column in view.columns].index(Column.NET)
    found = [line.cells[place] for section in view.sections for line in section.lines]
    return [*found, *(row.amount for row in view.totals)]


def spaced(text: str) -> str:
    """Make all spaces alike: a PDF's text does not tell those that do not break."""
    return text.replace("\xa0", " ").replace("\u202f", " ")
