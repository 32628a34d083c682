import pytest

from billhook.problems import Severity
from billhook_tax_rules.findings import document_findings
from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings

STRICT = TaxRulesSettings(refuses_wrong_numbers=True)


@pytest.mark.parametrize(
    ("category", "country", "number", "on", "codes"),
    [
        ("AE", "FR", "FR61954506077", "2024-06-30", []),
        ("K", "FR", "61 954 506 077", "2024-06-30", []),
        ("K", "GR", "EL094259216", "2024-06-30", []),
        ("K", "GB", "XI980780684", "2024-06-30", []),
        ("K", "GB", "GB980780684", "2020-12-31", []),
        ("K", "GB", "GB980780684", "2021-01-01", ["tax_rules.number_not_of_union"]),
        ("AE", "US", "12-3456789", "2024-06-30", ["tax_rules.number_not_of_union"]),
        ("AE", "DE", "DE136695978", "2024-06-30", ["tax_number.mistyped"]),
        ("K", "FR", "hello", "2024-06-30", ["tax_number.malformed"]),
        ("S", "DE", "DE136695978", "2024-06-30", []),  # nothing rests on the number
        ("G", "US", "12-3456789", "2024-06-30", []),
    ],
)
def test_what_rests_on_a_tax_number_needs_a_good_one(
    document, category, country, number, on, codes
):
    (found,) = document_findings([document(category, country, number, on=on)], DEFAULTS)
    assert [problem.code for problem in found] == codes
    assert all(problem.path == "buyer.tax_number" for problem in found)


@pytest.mark.parametrize(("settings", "severity"), [(DEFAULTS, "warning"), (STRICT, "error")])
def test_the_tenant_chooses_whether_a_wrong_number_stops(document, settings, severity):
    bad = [document("AE", "DE", "DE136695978"), document("AE", "US", "12-3456789")]
    found = document_findings(bad, settings)
    assert [[problem.severity for problem in each] for each in found] == [[Severity(severity)]] * 2


def test_there_is_an_answer_for_each_document_in_order(document):
    documents = [
        document("S", "DE", ""),
        document("AE", "FR", "hello"),
        document("K", "FR", "FR61954506077"),
    ]
    assert [len(each) for each in document_findings(documents, DEFAULTS)] == [0, 1, 0]
