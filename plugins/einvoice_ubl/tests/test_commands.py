"""``billhook einvoice_ubl check``."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from billhook_einvoice_ubl.commands import check
from billhook_einvoice_ubl.rules import FOLDER

from .sales import SELLER, STANDARD, line, publication


@pytest.fixture
def run(tmp_path):
    """Check a file of that content."""

    def run(content, *options):
        path = tmp_path / "invoice.xml"
        path.write_bytes(content)
        return CliRunner().invoke(check, [str(path), *options], obj=None)

    return run


def test_a_good_file_is_told_with_the_rules_that_were_run(run, peppol):
    result = run(peppol(publication()).content)
    assert result.exit_code == 0
    assert "INV-2026-00001, Nimbus Cloud GmbH to Atelier Lumière SARL: 119.00 EUR" in result.output
    assert "EN 16931 UBL" in result.output
    assert "Peppol BIS Billing" in result.output
    assert "No rule is broken." in result.output


def test_peppols_rules_are_for_files_that_follow_them(run, en16931):
    assert "Peppol" not in run(en16931(publication()).content).output


def test_a_bad_file_ends_with_1_and_says_why(run, en16931):
    nobody = replace(SELLER, tax_number="", legal_id="", reference="")
    result = run(en16931(publication((line(), STANDARD), seller=nobody)).content, "--json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert [one["code"] for one in found["findings"]] == [
        "einvoice_ubl.br_s_02",
        "einvoice_ubl.br_co_26",
    ]
    assert found["payable"] == "119.00"
    assert "billhook" not in found["findings"][1]["message"]  # a supplier's file is not ours


def test_rules_that_cannot_be_run_are_said(run, peppol, monkeypatch, tmp_path):
    (tmp_path / "PEPPOL-EN16931-UBL.sch").write_text(
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron"><include href="x"/></schema>'
    )
    content = peppol(publication()).content
    monkeypatch.setenv(FOLDER, str(tmp_path))
    result = run(content)
    assert result.exit_code == 1
    assert "Line 1 of the rules has a “include”" in result.output


def test_a_broken_schema_is_told(run, en16931):
    content = en16931(publication()).content
    result = run(content.replace(b"<cbc:IssueDate>", b"<cbc:ID>2</cbc:ID><cbc:IssueDate>"))
    assert result.exit_code == 1
    assert "UBL-XSD" in result.output


def test_what_is_no_e_invoice_is_refused(run):
    result = run(b"<!DOCTYPE x><x/>")
    assert result.exit_code == 1
    assert "DOCTYPE" in result.output
