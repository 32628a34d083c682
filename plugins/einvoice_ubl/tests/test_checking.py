"""Trying the rules: they are compiled, or the page says what is missing."""

from billhook_einvoice_ubl import checking, process, rules
from billhook_einvoice_ubl.process import RulesFailed


def test_the_rules_of_this_machine_compile():
    health = checking.checked()
    assert "EN 16931" in health.steps[0].what
    assert health.steps[0].is_good


def test_rules_that_do_not_run_are_a_failed_step(monkeypatch):
    def refuse(stylesheet, document):
        raise RulesFailed("Line 7 is no XSLT")

    monkeypatch.setattr(process, "transform", refuse)
    health = checking.checked()
    assert not health.is_good
    assert "Line 7" in health.steps[0].advice


def test_without_the_program_the_page_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(rules, "has_saxon", lambda: False)
    (step,) = checking.checked().steps
    assert "pip install" in step.advice
