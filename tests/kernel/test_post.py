"""What the kernel writes, and the numbers that it gives."""

import pytest
from sqlalchemy import func, select

from billhook.db import db, transaction
from billhook.kernel import post
from billhook.models.documents import DocumentRow, DocumentSeal, PartySnapshotRow
from billhook.testing.factories import open_books

pytestmark = pytest.mark.usefixtures("session_app")


def test_documents_are_numbered_in_their_order():
    books = open_books("shop")
    with books.acting():
        with transaction() as session:
            sealed = post(session, books.batch(books.invoice(), books.invoice((500,))))
        with transaction() as session:
            sealed += post(session, books.batch(books.invoice((1,))))
        assert [each.printed_number for each in sealed] == ["INV-00001", "INV-00002", "INV-00003"]
        stored = db.session.scalars(select(DocumentSeal.number).order_by(DocumentSeal.number))
        assert list(stored) == [1, 2, 3]


def test_documents_share_the_snapshots_of_their_parties():
    books = open_books("shop")
    with books.acting():
        for _ in range(2):
            with transaction() as session:
                post(session, books.batch(books.invoice(), books.invoice()))
        assert db.session.scalar(select(func.count(DocumentRow.id))) == 4
        assert db.session.scalar(select(func.count(PartySnapshotRow.id))) == 2
