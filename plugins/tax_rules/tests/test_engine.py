from datetime import date

from billhook.domain.tax import TaxQuery
from billhook_tax_rules.engine import RulesEngine


def test_answers_stand_in_the_order_of_queries_and_lines(situation, line):
    at_home = TaxQuery(
        situation=situation("GB", "GB"),
        lines=(line("goods", "2010-12-31"), line("goods", "2011-01-04")),
    )
    abroad = TaxQuery(situation=situation("GB", "JP"), lines=(line("goods", "2010-12-31"),))
    home_answer, export_answer = RulesEngine().assess([at_home, abroad])
    assert [str(each.rate) for each in home_answer.treatments] == ["17.5", "20"]
    assert [each.category for each in export_answer.treatments] == ["G"]


def test_equal_treatments_are_one_object_across_documents(situation, line):
    queries = [
        TaxQuery(situation=situation("GB", buyer), lines=(line("goods", "2010-12-01"),) * 2)
        for buyer in ("GB", "DE", "FR")
    ]
    answers = RulesEngine().assess(queries)
    assert len({id(each) for answer in answers for each in answer.treatments}) == 1


def test_a_line_that_cannot_be_decided_leaves_its_document_without_treatments(situation, line):
    good, bad = line("goods", "2024-01-01"), line("goods", "2024-01-01", "luxury")
    query = TaxQuery(situation=situation("DE", "DE"), lines=(good, bad, bad))
    other = TaxQuery(situation=situation("DE", "DE"), lines=(good,))
    refused, answered = RulesEngine().assess([query, other])
    assert refused.treatments == ()
    assert [problem.code for problem in refused.problems] == ["tax_rules.rate_missing"]
    assert [each.category for each in answered.treatments] == ["S"]


def test_consumer_and_business_of_one_country_are_not_confused(situation, line):
    lines = (line("service", "2024-01-01"),)
    answers = RulesEngine().assess(
        [
            TaxQuery(situation=situation("DE", "FR", business=business), lines=lines)
            for business in (False, True, False)
        ]
    )
    assert [answer.treatments[0].category for answer in answers] == ["S", "AE", "S"]


def test_a_document_without_lines_has_no_treatments(situation):
    (answer,) = RulesEngine().assess([TaxQuery(situation=situation("DE", "DE"), lines=())])
    assert (answer.treatments, answer.problems) == ((), ())


def test_it_calls_no_one_and_needs_nothing_before_its_first_question(situation, line):
    assert RulesEngine.is_remote is False
    query = TaxQuery(situation=situation("SE", "SE"), lines=(line("goods", "2026-11-20"),))
    (answer,) = RulesEngine().assess([query])
    assert answer.treatments[0].rate == 25
    assert query.lines[0].tax_on == date(2026, 11, 20)
