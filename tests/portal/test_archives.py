"""All documents of a period as one ZIP: exactly theirs, exactly as archived, without much memory."""

import csv
import re
import tracemalloc
import zipfile
from collections import Counter
from contextlib import ExitStack, closing
from contextvars import Context
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from billhook import limits
from billhook.backlog import backlog_of
from billhook.db import db
from billhook.domain.calendar_names import months, named_period, quarters, years
from billhook.domain.periods import Period
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.models.artefacts import Artefact
from billhook.models.brands import BrandRow
from billhook.models.clients import PortalVisit
from billhook.models.tenants import Tenant
from billhook.plugins.runtime import runtime
from billhook.services import artefacts, billing, crediting, documents
from billhook.services.files import FileDamaged, FileEntry, PlacedFile
from billhook.services.portal import archives, clients
from billhook.services.portal.archives import ArchiveKind, ArchiveWish, MakingState
from billhook.services.zip_streams import SizeDiffers, ZipEntry, length, stream
from billhook.testing.outward import FORMAT
from billhook.testing.portals import make_client
from billhook.testing.shops import END, make_charge

from .conftest import EVE, LECH

OCTOBER = "/archives/?period=2026-10&pdf=y"
ZIP = "/archives/documents.zip?period=2026-10&pdf=y"


def wish(*kinds, since=date(2026, 10, 1), until=END):
    return ArchiveWish(period=Period.through(since, until), kinds=frozenset(kinds or ArchiveKind))


def printed(office, customer):
    """Have all documents of a customer printed, and return what is kept, by file hash."""
    found = documents.listing(office.ctx, customer=customer)
    return [artefacts.printed(office.ctx, one.id) for one in found]


def opened(response):
    return zipfile.ZipFile(BytesIO(response.data))


def test_it_holds_what_is_archived_byte_by_byte_and_says_so(office):
    kept = printed(office, "ann")
    kept.append(artefacts.e_invoice(office.ctx, office.kept.invoices["ann"], format_key=FORMAT))
    printed(office, "lodz")

    response = office.at_portal("eve@ann.example").get(ZIP + "&xml=y")

    assert response.status_code == 200
    assert response.content_length == len(response.data)
    archive = opened(response)
    assert archive.testzip() is None
    listed = list(contents(response))
    assert {row["SHA-256"] for row in listed} == {one.sha256 for one in kept}
    for row in listed:
        assert sha256(archive.read(row["File"])).hexdigest() == row["SHA-256"]
        assert row["File"].startswith(f"{row['Issued']} {row['Number']}.")
    assert len(archive.namelist()) == len(kept) + 1
    backlog_of(office.app).flush()
    db.session.rollback()
    assert "archive.downloaded" in db.session.scalars(select(PortalVisit.kind)).all()


def test_every_reader_understands_it(office):
    """No entry needs what follows it, as some readers of streams cannot take."""
    printed(office, "ann")

    archive = opened(office.at_portal("eve@ann.example").get(ZIP))

    for info in archive.infolist():
        assert not info.flag_bits & 0x08
        assert (info.compress_type, info.compress_size) == (zipfile.ZIP_STORED, info.file_size)


def test_what_is_not_printed_yet_is_made_by_a_job_while_a_page_waits(office):
    browser = office.at_portal("eve@ann.example")
    assert "Make the PDFs" in browser.get(OCTOBER).text

    answer = browser.send(OCTOBER)
    waiting = browser.get(answer.location)
    assert (answer.status_code, waiting.headers["Refresh"]) == (303, "3")
    assert "0 of 2" in waiting.text
    assert browser.send(OCTOBER).location == answer.location
    drain()

    ready = browser.get(answer.location)
    assert "Refresh" not in ready.headers
    assert "Download ZIP" in ready.text
    assert len(opened(browser.get(ZIP)).namelist()) == 3
    assert len(db.session.scalars(select(Artefact.id)).all()) == 2  # none of others'


def test_what_cannot_be_printed_is_named_and_the_rest_goes(office):
    browser = office.at_portal("eve@ann.example")
    artefacts.printed(office.ctx, office.kept.invoices["ann"])
    with office.ctx.transaction() as session:
        session.execute(update(BrandRow).values(renderer="nobody.prints"))
    place = browser.send(OCTOBER).location
    drain()

    page = browser.get(place).text

    assert "1 document has no PDF and cannot get one now" in page
    rows = list(contents(browser.get(ZIP)))
    assert sorted(bool(row["File"]) for row in rows) == [False, True]


def test_a_job_is_known_to_its_client_alone(office):
    eve, lech = office.client("eve"), office.client("lech")
    with eve.ctx.acting():
        job_id = archives.make_missing(eve, wish())
        assert archives.making(eve, job_id) is MakingState.WAITING
    with lech.ctx.acting(), pytest.raises(NotFound):
        archives.making(lech, job_id)
    stranger = office.at_portal("lech@lodz.example")
    assert stranger.get(f"{OCTOBER}&job={job_id}").status_code == 404


def test_no_document_of_anybody_else_is_in_it(office):
    for customer in ("ann", "lodz", "yamada"):
        printed(office, customer)

    numbers = {
        name: {row["Number"] for row in contents(office.at_portal(email).get(ZIP))}
        for name, email in (("ann", "eve@ann.example"), ("lodz", "lech@lodz.example"))
    }

    for name, found in numbers.items():
        assert found == {one.number for one in documents.listing(office.ctx, customer=name)}


def test_strangers_guests_and_those_who_only_look_get_what_they_may(office):
    printed(office, "ann")
    assert office.stranger().get(ZIP).status_code == 303
    eve = office.client("eve")
    guest = replace(eve.ctx, permissions=frozenset({clients.GUEST}))
    looking = replace(eve.ctx, permissions=frozenset({clients.SEE}))
    with eve.ctx.acting():
        for act in (archives.plan, archives.opened, archives.make_missing):
            with pytest.raises(Forbidden):
                act(replace(eve, ctx=guest), wish())
        assert archives.opened(replace(eve, ctx=looking), wish()).entries
        with pytest.raises(Forbidden):
            archives.make_missing(replace(eve, ctx=looking), wish())


def test_what_is_void_is_not_in_it(office):
    make_charge(office.ctx, office.kept.customers["ann"], "9")
    today = office.ctx.today()
    billing.run(office.ctx, until=END, issue_on=today)
    new = max(documents.listing(office.ctx, customer="ann"), key=lambda one: one.id)
    eve = office.client("eve")
    with eve.ctx.acting():
        before = archives.plan(eve, wish(until=today)).documents
    crediting.void(office.ctx, new.id, reason="By mistake")

    with eve.ctx.acting():
        assert archives.plan(eve, wish(until=today)).documents == before - 1


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (END, END, 2),  # both borders belong to it
        (date(2026, 10, 1), date(2026, 10, 30), 0),
        (date(2026, 11, 1), date(2026, 11, 30), 0),
    ],
)
def test_a_period_ends_with_its_last_day(office, since, until, count):
    """Documents carry the day of the tenant's zone on which they were issued."""
    eve = office.client("eve")
    with eve.ctx.acting():
        if count:
            assert archives.plan(eve, wish(since=since, until=until)).documents == count
            return
        with pytest.raises(ValidationFailed, match="no documents in this period"):
            archives.plan(eve, wish(since=since, until=until))


def test_what_is_too_much_says_to_choose_less(office, monkeypatch):
    printed(office, "ann")
    browser = office.at_portal("eve@ann.example")

    monkeypatch.setattr(limits, "ARCHIVE_DOCUMENTS", 1)
    many = browser.get(OCTOBER)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "ARCHIVE_BYTES", 10)
    large = browser.get(OCTOBER)

    for answer in (many, large):
        assert answer.status_code == 422
        assert "Choose a shorter period" in answer.text
    assert browser.get(ZIP).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "period=2026-13&pdf=y",
        "period=2026-10",  # nothing of each document
        "period=days&pdf=y",
        "period=days&since=2026-10-31&until=2026-10-01&pdf=y",
        "period=days&since=x&until=2026-10-01&pdf=y",
        "",
    ],
)
def test_what_nobody_can_mean_is_told_on_the_form_and_downloads_nothing(office, query):
    browser = office.at_portal("eve@ann.example")

    page = browser.get(f"/archives/?{query}")

    assert page.status_code == 200
    assert "Download ZIP" not in page.text
    assert browser.get(f"/archives/documents.zip?{query}").status_code == 404


def test_another_language_asks_for_no_archive(office):
    page = office.at_portal("eve@ann.example").get("/archives/?language=de").text

    assert 'aria-invalid="true"' not in page
    assert re.search(r"<input[^>]*checked[^>]*name=\"pdf\"", page)


def test_a_file_that_is_gone_or_cut_is_told_before_anything_is_sent(office):
    [first, _second] = printed(office, "ann")
    path = stored_at(office, first)
    path.write_bytes(path.read_bytes()[:-1])
    browser = office.at_portal("eve@ann.example")

    assert browser.get(ZIP).status_code == 500
    path.unlink()
    assert browser.get(ZIP).status_code == 500


def test_a_file_that_was_changed_ends_the_sending_before_a_byte_of_it(office):
    kept = printed(office, "ann")
    eve = office.client("eve")
    with eve.ctx.acting():
        archive = archives.opened(eve, wish())
    path = stored_at(office, kept[1])
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"X")

    sent = bytearray()
    with pytest.raises(FileDamaged):
        send(archive.pieces(), sent)

    assert content[:-1] not in sent
    assert 0 < len(sent) < archive.size


def send(pieces, sent):
    for piece in pieces:
        sent += piece


def test_sending_asks_the_database_nothing(office):
    printed(office, "ann")
    eve = office.client("eve")
    with eve.ctx.acting():
        archives_ = [archives.opened(eve, wish()) for _time in range(2)]

    both = zip(*(one.pieces() for one in archives_), strict=True)
    content = Context().run(lambda: b"".join(one for one, other in both if one == other))

    assert len(content) == archives_[0].size


def test_memory_holds_a_file_at_a_time(tmp_path):
    size = 50_000
    entries = []
    for number in range(500):
        content = number.to_bytes(2, "big") * (size // 2)
        (tmp_path / str(number)).write_bytes(content)
        entry = FileEntry(
            id=new_id(),
            name="x.pdf",
            content_type="application/pdf",
            size=size,
            sha256=sha256(content).hexdigest(),
            created_at=datetime.now(UTC),
        )
        read = PlacedFile(entry=entry, path=tmp_path / str(number)).read
        entries.append(ZipEntry(name=f"{number}.pdf", size=size, day=END, read=read))

    tracemalloc.start()
    sent = sum(map(len, stream(entries)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sent == length(entries) > 500 * size
    assert peak < 1_500_000


def test_a_client_that_goes_leaves_nothing_open(tmp_path):
    entries = [ZipEntry(name="a", size=3, day=END, read=lambda: b"abc")] * 3
    sending = stream(entries)
    next(sending)
    sending.close()
    assert list(sending) == []


def test_clients_that_load_slowly_leave_the_server_to_others(office):
    """Each takes a thread of it for as long as it likes: one client gets two, all together four."""
    for customer in ("ann", "lodz", "yamada"):
        printed(office, customer)
    make_client(office.ctx, office.kept.customers["yamada"], "yu@yamada.example")
    eve, lech, yu = map(office.at_portal, (EVE, LECH, "yu@yamada.example"))
    empty = ZIP.replace("2026-10", "days&since=2026-10-01&until=2026-10-02")
    assert [eve.get(empty).status_code for _time in range(3)] == [422] * 3  # these hold nothing

    with ExitStack() as slow:

        def begin(browser):
            return slow.enter_context(closing(browser.client.get(browser.at(ZIP))))

        first, *_others = (begin(browser) for browser in (eve, eve, lech))
        refused = eve.get(ZIP)
        assert refused.status_code == 409
        assert "Other downloads are still on the way" in refused.text
        assert begin(lech).status_code == 200
        assert yu.get(ZIP).status_code == 409  # four are on the way, none of them Yu's
        first.close()  # gave up
        assert opened(yu.get(ZIP)).testzip() is None
        assert yu.get(ZIP).status_code == 200  # what was read to its end is not on the way


def test_a_length_that_was_promised_is_held():
    with pytest.raises(SizeDiffers):
        list(stream([ZipEntry(name="a", size=3, day=END, read=lambda: b"abcd")]))


@pytest.mark.parametrize("names", [[], ["a"], ["ä/山.pdf", "b" * 300, "c"]])
def test_length_is_that_of_what_is_written(names):
    entries = [
        ZipEntry(name=name, size=5, day=date(1970, 1, 1), read=lambda: b"12345") for name in names
    ]
    content = b"".join(stream(entries))
    assert len(content) == length(entries)
    assert zipfile.ZipFile(BytesIO(content)).namelist() == names


def test_names_are_safe_and_each_its_own(office):
    eve = office.client("eve")
    printed(office, "ann")
    with eve.ctx.acting():
        found = archives._found(eve, wish(ArchiveKind.PDF))
        taken = Counter()
        row, [file] = found.rows[0], found.kept[found.rows[0].id]
        evil = SimpleNamespace(id=row.id, issue_on=row.issue_on, printed_number="../../E:\\ä?")
        names = [archives._name(evil, file, taken) for _time in range(3)]
    assert names == [
        "2026-10-31 E-ä.pdf",
        "2026-10-31 E-ä (2).pdf",
        "2026-10-31 E-ä (3).pdf",
    ]


def test_it_is_named_after_a_company_in_any_letters(office):
    printed(office, "ann")
    with office.ctx.transaction() as session:
        session.get(Tenant, office.ctx.tenant.id).name = "東京 €"

    response = office.at_portal("eve@ann.example").get(ZIP)

    named = response.headers["Content-Disposition"]  # a server writes headers in Latin-1
    tokyo = "%E6%9D%B1%E4%BA%AC"
    assert named == f"attachment; filename*=UTF-8''{tokyo}-2026-10-01-2026-10-31.zip"


@pytest.mark.parametrize(
    ("name", "start", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_names_of_periods(name, start, last):
    assert named_period(name) == Period.through(start, last)


@pytest.mark.parametrize("name", ["", "days", "2026-13", "2026-Q5", "0026", "2026-1", "２０２６"])
def test_what_names_no_period(name):
    assert named_period(name) is None


def test_periods_of_a_span_are_named_the_last_first():
    span = date(2025, 11, 30), date(2026, 2, 1)
    assert list(months(*span)) == ["2026-02", "2026-01", "2025-12", "2025-11"]
    assert list(quarters(*span)) == ["2026-Q1", "2025-Q4"]
    assert list(years(*span)) == ["2026", "2025"]


def contents(response):
    return csv.DictReader(StringIO(opened(response).read("contents.csv").decode()))


def stored_at(office, kept):
    return runtime().config.home / "files" / str(office.ctx.tenant.id) / kept.sha256
