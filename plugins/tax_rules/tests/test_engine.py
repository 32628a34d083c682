from datetime import date

from billhook.domain.tax import TaxQuery
from billhook_tax_rules.engine import RulesEngine, answers
from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings


def test_answers_stand_in_the_order_of_queries_and_lines(situation, line):
    at_home = TaxQuery(
        situation=situation("GB", "GB"),
        lines=(line("goods", "2010-12-31"), line("goods", "2011-01-04")),
    )
    abroad = TaxQuery(situation=situation("GB", "JP"), lines=(line("goods", "2010-12-31"),))
    home_answer, export_answer = answers([at_home, abroad], DEFAULTS)
    assert [str(each.rate) for each in home_answer.treatments] == ["17.5", "20"]
    assert [each.category for each in export_answer.treatments] == ["G"]


def test_equal_treatments_are_one_object_across_documents(situation, line):
    queries = [
        TaxQuery(situation=situation("GB", buyer), lines=(line("goods", "2010-12-01"),) * 2)
        for buyer in ("GB", "DE", "FR")
    ]
    found = answers(queries, DEFAULTS)
    assert len({id(each) for answer in found for each in answer.treatments}) == 1


def test_a_line_that_cannot_be_decided_leaves_its_document_without_treatments(situation, line):
    good, bad = line("goods", "2024-01-01"), line("goods", "2024-01-01", "luxury")
    query = TaxQuery(situation=situation("DE", "DE"), lines=(good, bad, bad))
    other = TaxQuery(situation=situation("DE", "DE"), lines=(good,))
    refused, answered = answers([query, other], DEFAULTS)
    assert refused.treatments == ()
    assert [problem.code for problem in refused.problems] == ["tax_rules.rate_missing"]
    assert [each.category for each in answered.treatments] == ["S"]


def test_consumer_and_business_of_one_country_are_not_confused(situation, line):
    lines = (line("service", "2024-01-01"),)
    found = answers(
        [
            TaxQuery(situation=situation("DE", "FR", business=business), lines=lines)
            for business in (False, True, False)
        ],
        DEFAULTS,
    )
    assert [answer.treatments[0].category for answer in found] == ["S", "AE", "S"]


def test_a_document_without_lines_has_no_treatments(situation):
    (answer,) = answers([TaxQuery(situation=situation("DE", "DE"), lines=())], DEFAULTS)
    assert (answer.treatments, answer.problems) == ((), ())


def test_it_calls_no_one_and_needs_nothing_before_its_first_question(situation, line):
    assert RulesEngine.is_remote is False
    query = TaxQuery(situation=situation("SE", "SE"), lines=(line("goods", "2026-11-20"),))
    (answer,) = answers([query], DEFAULTS)
    assert answer.treatments[0].rate == 25
    assert query.lines[0].tax_on == date(2026, 11, 20)


def test_two_tenants_with_other_settings_are_not_confused(situation, line):
    query = TaxQuery(
        situation=situation("DE", "DE"), lines=(line("service", "2024-01-01", "exempt"),)
    )
    school = TaxRulesSettings(exemption_code="VATEX-EU-132-1I", exemption_reason="§ 4 Nr. 21 UStG")
    for settings in (DEFAULTS, school):
        (answer,) = answers([query], settings)
        (treatment,) = answer.treatments
        assert treatment.exemption_code == settings.exemption_code
        assert treatment.note == settings.exemption_reason or settings is DEFAULTS
