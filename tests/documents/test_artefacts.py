"""What is made of a document is made once, kept with its hash, and served as it was."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from billhook.db import db
from billhook.errors import Forbidden, NotFound, PluginUnavailable, Retryable, ValidationFailed
from billhook.ids import new_id
from billhook.models.artefacts import Artefact
from billhook.models.brands import BrandRow
from billhook.models.files import File
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.services import artefacts, billing, documents, files, preferences, previewing
from billhook.services.contexts import operator_context
from billhook.services.files import FileDamaged
from billhook.services.preferences import PreferenceChange
from billhook.services.verifying import verify
from billhook.testing.members import join, open_tenant
from billhook.testing.outward import FORMAT, RENDERER, Paper
from billhook.testing.shops import END, acting, make_charge, make_customer


@pytest.fixture
def issued(paper_shop):
    """The id of Ann's only invoice."""
    make_charge(paper_shop, make_customer(paper_shop, "ann"))
    billing.run(paper_shop, until=END, issue_on=END)
    return documents.find(paper_shop, "INV-2026-00001")


def test_a_document_is_rendered_once_for_ever(paper_shop, issued, paper: Paper):
    first = artefacts.printed(paper_shop, issued)
    second = artefacts.printed(paper_shop, issued)
    assert (first, paper.rendered) == (second, ["INV-2026-00001"])
    assert (first.name, first.provider) == ("INV-2026-00001.pdf", RENDERER)
    content = artefacts.content(paper_shop, first.id)
    assert sha256(content.content).hexdigest() == first.sha256
    assert content.content.startswith(b"%PDF-1.7 1")


def test_what_changed_since_changes_no_kept_file(paper_shop, issued, paper: Paper):
    before = artefacts.content(paper_shop, artefacts.printed(paper_shop, issued).id)
    with paper_shop.transaction() as session:
        session.execute(
            update(BrandRow)
            .where(BrandRow.tenant_id == paper_shop.tenant.id)
            .values(name="Other", version=9)
        )
    assert artefacts.content(paper_shop, artefacts.printed(paper_shop, issued).id) == before
    assert len(paper.rendered) == 1


def test_two_who_ask_at_once_get_the_same_bytes(paper_shop, issued):
    app = current_app._get_current_object()

    def ask(_number):
        with app.app_context(), acting("shop") as ctx:
            return artefacts.printed(ctx, issued).sha256

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Artefact)) == 1


def test_an_e_invoice_keeps_the_verdict_on_its_bytes(paper_shop, issued):
    made = artefacts.e_invoice(paper_shop, issued, format_key=FORMAT)
    assert (made.rules, made.findings) == ("Clay rules 1", ())
    assert artefacts.content(paper_shop, made.id).content == b"<clay>INV-2026-00001</clay>"
    assert artefacts.e_invoice(paper_shop, issued) == made


def test_what_was_printed_is_no_e_invoice(paper_shop, issued):
    artefacts.printed(paper_shop, issued)
    with pytest.raises(PluginUnavailable):
        artefacts.e_invoice(paper_shop, issued, format_key=RENDERER)


def test_what_the_rules_refuse_is_not_kept(paper_shop, issued, paper: Paper):
    paper.findings["ann"] = (Problem(code="paper.crack", message="It cracks."),)
    with pytest.raises(ValidationFailed, match="cracks"):
        artefacts.e_invoice(paper_shop, issued)
    assert artefacts.of_document(paper_shop, issued) == []
    paper.findings.clear()
    assert artefacts.e_invoice(paper_shop, issued).name == "INV-2026-00001.xml"


def test_all_that_the_customer_wants_is_made(paper_shop, issued):
    assert [one.provider for one in artefacts.make_all(paper_shop, issued)] == [RENDERER]
    preferences.save(paper_shop, "ann", PreferenceChange(formats=FORMAT))
    made = artefacts.make_all(paper_shop, issued)
    assert [one.provider for one in made] == [RENDERER, FORMAT]
    assert artefacts.of_document(paper_shop, issued) == made


def test_an_outage_leaves_nothing_and_another_try_works(paper_shop, issued, paper: Paper):
    paper.errors = [Retryable("Out of ink.")]
    with pytest.raises(Retryable):
        artefacts.printed(paper_shop, issued)
    assert artefacts.of_document(paper_shop, issued) == []
    assert artefacts.printed(paper_shop, issued).size > 0


def test_a_preview_is_kept_nowhere(paper_shop, paper: Paper):
    from billhook.domain.states import RunMode
    from billhook.services import drafting

    make_charge(paper_shop, make_customer(paper_shop, "ann"))
    billing.run(paper_shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (draft,) = drafting.listing(paper_shop)
    shown = previewing.preview(paper_shop, draft.id)
    assert shown.content.startswith(b"%PDF")
    assert db.session.scalar(select(func.count()).select_from(File)) == 0
    assert db.session.scalar(select(func.count()).select_from(Artefact)) == 0


def test_a_kept_file_that_was_changed_is_told_and_not_served(paper_shop, issued):
    made = artefacts.printed(paper_shop, issued)
    assert verify(paper_shop).is_whole
    folder = runtime().config.home / "files" / str(paper_shop.tenant.id)
    (folder / made.sha256).write_bytes(b"%PDF-1.7 forged")
    with pytest.raises(FileDamaged):
        artefacts.content(paper_shop, made.id)
    broken = [result for result in verify(paper_shop).checks if result.checked.broken]
    assert [result.name for result in broken] == ["files"]
    assert broken[0].checked.broken.record == "INV-2026-00001"


def test_the_database_refuses_to_change_an_artefact(paper_shop, issued):
    artefacts.printed(paper_shop, issued)
    forging = (
        update(Artefact)
        .where(Artefact.tenant_id == paper_shop.tenant.id)
        .values(provider="paper.forged")
    )
    with (
        pytest.raises(DBAPIError, match=r"append_only|permission denied"),
        paper_shop.transaction() as session,
    ):
        session.execute(forging)
    db.session.rollback()


def test_who_sees_documents_sees_their_files_without_more(paper_shop, issued):
    """Sales may see documents, and neither store nor open other files."""
    seller = join("shop", "sam@shop.example", role="sales").ctx
    with seller.acting():
        made = artefacts.printed(seller, issued)
        assert artefacts.content(seller, made.id).content.startswith(b"%PDF")
        with pytest.raises(Forbidden):
            files.read(seller, new_id())


def test_another_tenant_finds_none_of_it(paper_shop, issued):
    made = artefacts.printed(paper_shop, issued)
    open_tenant("acme", pack=("paper",))
    with operator_context("acme").acting():
        acme = operator_context("acme")
        for act in (
            lambda: artefacts.printed(acme, issued),
            lambda: artefacts.e_invoice(acme, issued),
            lambda: artefacts.get(acme, made.id),
            lambda: artefacts.content(acme, made.id),
        ):
            with pytest.raises(NotFound):
                act()
        assert artefacts.of_document(acme, issued) == []
