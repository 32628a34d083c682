"""Documents that nobody made for these tests pass the official rules, and are read back whole."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from billhook.cli.demo_filling import TENANTS, fill
from billhook.db import db
from billhook.models.documents import DocumentRow
from billhook.money import to_major
from billhook.problems import errors
from billhook.services import billing, importing, publishing
from billhook.services.contexts import operator_context
from billhook.testing.members import open_tenant
from billhook_einvoice_ubl.formats import En16931, PeppolBis3
from billhook_einvoice_ubl.mapping import e_invoice
from billhook_einvoice_ubl.profiles import EN_16931
from billhook_einvoice_ubl.reading import read

RETAIL = Path(__file__).parents[3] / "tests" / "data" / "retail"
DECEMBER = date(2010, 12, 31)


def published(ctx):
    """Return all issued documents of a tenant as they go out."""
    return [publishing.publication(ctx, id_) for id_ in db.session.scalars(select(DocumentRow.id))]


def check_all(publications):
    """Write all, and return the errors that the rules find, by number."""
    found = {}
    for one, written in zip(publications, En16931(None).write(publications), strict=True):
        if problems := errors(written.verdict.findings):
            found[one.number] = [problem.message for problem in problems]
        assert "EN 16931 UBL" in written.verdict.rules
        assert read(written.content) == e_invoice(one, EN_16931)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.wanted.slug)
def test_every_document_of_the_demo_passes(app, tenant):
    fill(tenant)
    ctx = operator_context(tenant.wanted.slug)
    with ctx.acting():
        documents = published(ctx)
        assert len(documents) >= 5
        assert check_all(documents) == {}


@pytest.mark.slow
def test_documents_of_the_demo_with_electronic_addresses_pass_peppols_rules(app):
    fill(TENANTS[0])
    ctx = operator_context(TENANTS[0].wanted.slug)
    with ctx.acting():
        able = [
            one
            for one in published(ctx)
            if one.document.buyer.party.electronic_address
            and (one.document.buyer_reference or one.document.purchase_order)
        ]
        assert len(able) >= 5
        assert [written.verdict.findings for written in PeppolBis3(None).write(able)] == [
            ()
        ] * len(able)


@pytest.mark.slow
def test_all_391_documents_of_a_retailers_december_pass(app):
    open_tenant("retail", supplies="goods")
    ctx = operator_context("retail")
    with ctx.acting():
        for kind in ("customers", "charges"):
            with (RETAIL / f"{kind}.csv").open("rb") as file:
                importing.run(ctx, kind, file)
        billing.run(ctx, until=DECEMBER, issue_on=DECEMBER)
        documents = published(ctx)
        assert len(documents) == 391
        assert check_all(documents) == {}
        payable = sum(
            one.document.type.sign * to_major(one.document.payable, "GBP") for one in documents
        )
        assert str(payable) == "211767.19"
