"""What may be written late: many at once, by a thread, and nothing lost while the database is away."""

from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from billhook import backlog
from billhook.backlog import Backlog, add_late, backlog_of
from billhook.ids import new_id

AWAY = OperationalError("", {}, Exception("away"))
ACME, SHOP = new_id(), new_id()


class Table:
    """Takes what is written to it, or not."""

    def __init__(self) -> None:
        self.written: list[tuple[UUID, list[str]]] = []
        self.is_away = False
        self.refused: set[str] = set()

    def write(self, tenant_id: UUID, records: list[str]) -> None:
        if self.is_away:
            raise AWAY
        if self.refused & set(records):
            raise IntegrityError("", {}, Exception("gone"))
        self.written.append((tenant_id, list(records)))


@pytest.fixture
def table() -> Table:
    return Table()


def test_records_of_a_tenant_and_kind_are_written_at_once(app, table):
    other = Table()
    for text in ("a", "b"):
        add_late(table.write, ACME, text)
        add_late(table.write, SHOP, text)
        add_late(other.write, ACME, text)
    backlog_of(app).flush()
    assert table.written == [(ACME, ["a", "b"]), (SHOP, ["a", "b"])]
    assert other.written == [(ACME, ["a", "b"])]


def test_what_waits_is_written_when_the_server_stops(app, table):
    late = backlog_of(app)
    late.start()
    add_late(table.write, ACME, "last")
    late.stop()
    assert table.written == [(ACME, ["last"])]


def test_nothing_is_lost_nor_out_of_order_while_the_database_is_away(app, table, monkeypatch):
    monkeypatch.setattr(backlog, "WRITTEN_AT_ONCE", 2)
    late = backlog_of(app)
    for text in ("1", "2", "3"):
        late.add(table.write, ACME, text)
    table.is_away = True
    for _round in range(2):
        with pytest.raises(OperationalError):
            late.flush()
    late.add(table.write, ACME, "4")
    table.is_away = False
    late.flush()
    assert [text for _tenant, texts in table.written for text in texts] == ["1", "2", "3", "4"]


def test_of_too_much_that_waits_the_oldest_goes(app, table, monkeypatch):
    monkeypatch.setattr(backlog, "MOST_WAITING", 3)
    late = Backlog(app)
    for text in "12345":
        late.add(table.write, ACME, text)
    table.is_away = True
    with pytest.raises(OperationalError):
        late.flush()
    late.add(table.write, ACME, "6")
    table.is_away = False
    late.flush()
    assert table.written == [(ACME, ["4", "5", "6"])]


def test_what_refers_to_something_that_is_gone_keeps_nothing_else_back(app, table):
    table.refused = {"b"}
    for text in "abc":
        add_late(table.write, ACME, text)
    backlog_of(app).flush()
    assert table.written == [(ACME, ["a"]), (ACME, ["c"])]
