"""One figure everywhere: calculator, ledger, screen, PDF and XML agree to the minor unit.

`BILLHOOK_AGREEMENT_DOCUMENTS` sets how many documents are made.
"""

import os
from uuid import UUID

import pytest

from billhook.domain.document_reading import read_document
from billhook.domain.documents import document_content
from billhook.domain.ledger import document_entry
from billhook.domain.states import DocumentType

from .random_documents import CURRENCIES, Example, examples
from .slow_calculator import sums

COUNT = int(os.environ.get("BILLHOOK_AGREEMENT_DOCUMENTS", "1200"))


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
