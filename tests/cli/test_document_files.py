"""Documents as files and messages, from the command line."""

import json
from hashlib import sha256

import pytest
from sqlalchemy import update

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.models.brands import BrandRow
from billhook.problems import Problem, Severity
from billhook.services import delivering
from billhook.testing.outward import CHANNEL, FORMAT, RENDERER, Paper, paper_plugin
from billhook.testing.shops import acting

NUMBER = "INV-2026-00001"
BY_HAND = ("--channel", CHANNEL, "--no-wait")


@pytest.fixture
def paper():
    """What the plugin that makes and sends paper was asked to do."""
    return Paper()


@pytest.fixture
def app(make_app, config, paper):
    app = make_app(config, plugins=[pricing_standard, tax_rules, paper_plugin(paper)])
    with app.app_context():
        yield app


@pytest.fixture
def shop(billhook, monkeypatch, tmp_path):
    """Return `billhook` with a tenant whose documents are made of paper, in an empty folder."""
    billhook(
        *("tenant", "create", "shop", "--name", "Shop GmbH", "--country", "DE"),
        *("--currency", "EUR", "--vat-id", "DE136695976"),
        *("--pack", "pricing_standard,tax_rules,paper"),
    )
    with acting("shop") as ctx, ctx.transaction() as session:
        session.execute(
            update(BrandRow).where(BrandRow.tenant_id == ctx.tenant.id).values(renderer=RENDERER)
        )
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words, **options):
        return billhook("--tenant", "shop", *words, **options)

    return run


def test_the_pdf_is_saved_under_its_number_and_is_the_kept_one(billed, tmp_path, paper):
    told = billed("documents", "pdf", NUMBER, "--json").json
    saved = (tmp_path / "here" / f"{NUMBER}.pdf").read_bytes()
    assert saved.startswith(b"%PDF-")
    assert told["sha256"] == sha256(saved).hexdigest()
    assert (told["file"], told["size"]) == (f"{NUMBER}.pdf", len(saved))
    ran = billed("documents", "pdf", NUMBER, "--out", tmp_path / "again.pdf")
    assert told["sha256"] in ran.out
    assert (tmp_path / "again.pdf").read_bytes() == saved
    assert paper.rendered == [NUMBER]


def test_the_e_invoice_tells_what_it_passed_and_what_was_found(billed, tmp_path, paper):
    paper.findings["ann"] = (
        Problem(code="CLAY-7", message="Burn it longer.", severity=Severity.WARNING),
    )
    ran = billed("documents", "xml", NUMBER, "--out", tmp_path / "it.xml")
    assert (tmp_path / "it.xml").read_text() == f"<clay>{NUMBER}</clay>"
    assert "It passed Clay rules 1." in ran.out
    assert "CLAY-7: Burn it longer." in ran.err
    told = billed("documents", "xml", NUMBER, "--format", FORMAT, "--json").json
    assert (told["rules"], told["findings"][0]["code"]) == ("Clay rules 1", "CLAY-7")


def test_an_e_invoice_that_the_rules_refuse_is_not_saved(billed, tmp_path, paper):
    paper.findings["ann"] = (Problem(code="CLAY-1", path="BT-10", message="It has no holes."),)
    ran = billed("documents", "xml", NUMBER, "--out", tmp_path / "it.xml", status=1)
    assert "BT-10: It has no holes." in ran.err
    assert not (tmp_path / "it.xml").exists()


def test_a_draft_is_previewed_and_nothing_of_it_kept(charged, tmp_path, paper):
    charged("bill-run", "--until", "2026-01-31", "--issue-date", "2026-01-31", "--draft")
    draft = charged("drafts", "list", "--json").json["drafts"][0]["id"]
    out = tmp_path / "draft.pdf"
    told = charged("documents", "preview", draft, "--out", out, "--json").json
    assert (told["draft"], told["size"]) == (draft, len(out.read_bytes()))
    assert str(out) in charged("documents", "preview", draft, "--out", out).out
    assert len(paper.rendered) == 2
    charged("documents", "preview", draft, status=2)


def test_a_document_is_sent_to_whom_one_says(billed):
    billed("documents", "send", NUMBER, *BY_HAND, status=1)  # Ann has no address
    told = billed(
        *("documents", "send", NUMBER, "--to", "a@x.example", "--to", "b@x.example"),
        *("--cc", "c@x.example", "--bcc", "d@x.example", "--tone", "friendly", *BY_HAND, "--json"),
    ).json["delivery"]
    assert [(one["kind"], one["address"]) for one in told["recipients"]] == [
        ("to", "a@x.example"),
        ("to", "b@x.example"),
        ("cc", "c@x.example"),
        ("bcc", "d@x.example"),
    ]
    assert told["state"] == "queued"


def test_sent_twice_with_one_key_it_goes_once(billed, paper):
    words = ("documents", "send", NUMBER, "--to", "a@x.example", "--key", "k1", "--channel")
    told = [billed(*words, CHANNEL, "--json").json["delivery"]["id"] for _time in range(2)]
    assert told[0] == told[1]
    assert len(paper.sent) == 1
    with acting("shop") as ctx:
        assert delivering.get(ctx, delivering.listing(ctx)[0].id).entry.state == "sent"


def test_what_is_not_there_is_said_to_be_missing(shop):
    for words in (("pdf", "INV-9"), ("xml", "INV-9"), ("send", "INV-9")):
        ran = shop("documents", *words, "--json", status=1)
        assert json.loads(ran.err)["error"]["code"] == "resource.not_found"


def test_a_statement_is_shown_and_saved(billed, tmp_path):
    out = tmp_path / "statement.pdf"
    told = billed("documents", "statement", "ann", "--out", out, "--json").json
    [found] = told["currencies"]
    assert [item["number"] for item in found["items"]] == [NUMBER]
    assert found["balance"] == found["owed"] == found["items"][0]["open"]
    assert out.read_bytes().startswith(b"%PDF-")
    assert f"Balance: {found['balance']}" in billed("documents", "statement", "ann").out
    billed("documents", "statement", "nobody", status=1)
