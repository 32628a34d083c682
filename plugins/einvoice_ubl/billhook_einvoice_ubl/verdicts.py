"""What schema and rules say of a file, as findings for people."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from lxml.etree import _Element

from billhook.problems import Problem, Severity
from billhook.sdk.providers import Verdict
from billhook_einvoice_ubl import process, rules, schema
from billhook_einvoice_ubl.advice import SCHEMA, Advice, advice_on, words
from billhook_einvoice_ubl.profiles import Profile
from billhook_einvoice_ubl.svrl import Failure, failures
from billhook_einvoice_ubl.texts import gettext as _

Adviser = Callable[[str], Advice | None]

INSTALL = 'pip install "billhook-einvoice-ubl[rules]"'

_TERM = re.compile(r"B[TG]-\d+")
_LINES_NAMED = 5


def verdict(
    root: _Element, content: bytes, profile: Profile, *, advise: Adviser = advice_on
) -> Verdict:
    """Run all the rules that are here on a file; the tree is its content.

    Raises process.RulesFailed.
    """
    if invalid := schema.schema_errors(root):
        problems = [rule_problem(SCHEMA, error, advise=advise) for error in invalid]
        return Verdict(rules=schema.name(), findings=tuple(problems))
    if not rules.has_saxon():
        return Verdict(rules=schema.name(), findings=(not_run(),))
    sets = rules.rule_sets(profile)
    failed = [
        failure for one in sets for failure in failures(process.transform(one.stylesheet, content))
    ]
    lacking = [peppol_not_run()] if rules.lacks_peppol(profile) else []
    return Verdict(
        rules="; ".join([schema.name(), *(one.name for one in sets)]),
        findings=(*_by_rule(failed, advise), *lacking),
    )


def rule_problem(
    rule: str, text: str, *, severity: Severity = Severity.ERROR, advise: Adviser = advice_on
) -> Problem:
    """Return a broken rule as a finding: its id in front, and what to do about it at the end."""
    advice = advise(rule)
    term = _TERM.search(text)
    return Problem(
        code=f"einvoice_ubl.{rule.lower().replace('-', '_')}",
        path=advice.term if advice else term[0] if term else "",
        message=" ".join(filter(None, (f"{rule}: {text}", words(advice) if advice else ""))),
        severity=severity,
    )


def _by_rule(failed: Iterable[Failure], advise: Adviser) -> Iterator[Problem]:
    """Return one finding for each rule, however many lines break it."""
    groups: dict[str, list[Failure]] = {}
    for failure in failed:
        groups.setdefault(failure.rule, []).append(failure)
    for rule, alike in groups.items():
        text = alike[0].text
        if numbers := [failure.line_no for failure in alike if failure.line_no is not None]:
            text = f"{_lines(numbers)} {text}"
        yield rule_problem(rule, text, severity=alike[0].severity, advise=advise)


def _lines(numbers: Sequence[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_LINES_NAMED])
    if len(numbers) > _LINES_NAMED:
        return _(
            "In lines %(lines)s and %(more)s more:",
            lines=named,
            more=len(numbers) - _LINES_NAMED,
        )
    return _("In line %(lines)s:", lines=named)


def not_run() -> Problem:
    """Warn that the program which runs rules is not installed."""
    return Problem(
        code="einvoice_ubl.rules_not_run",
        severity=Severity.WARNING,
        message=_(
            "The official rules of EN 16931 were NOT run, only the schema: the program that runs"
            " them is not installed. The operator installs it: %(command)s",
            command=INSTALL,
        ),
    )


def peppol_not_run() -> Problem:
    """Warn that Peppol's own rules are not on this machine."""
    return Problem(
        code="einvoice_ubl.peppol_rules_not_run",
        severity=Severity.WARNING,
        message=_(
            "Peppol's own rules were NOT run, only those of EN 16931. The operator names a folder"
            " with the file PEPPOL-EN16931-UBL.sch or .xslt in %(variable)s, as OpenPeppol"
            " publishes it.",
            variable=rules.FOLDER,
        ),
    )
