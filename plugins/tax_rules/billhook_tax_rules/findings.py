"""What is wrong with documents that charge no tax because of the buyer's tax number."""

from collections.abc import Sequence
from dataclasses import replace

from billhook.domain.documents import Document
from billhook.domain.states import Supply
from billhook.domain.tax_numbers import check
from billhook.problems import Problem, Severity
from billhook_tax_rules.places import is_in_union
from billhook_tax_rules.settings import TaxRulesSettings
from billhook_tax_rules.texts import gettext as _

_NEEDS_A_NUMBER = frozenset({"AE", "K"})
_PREFIXES = {"EL": "GR"}


def document_findings(
    documents: Sequence[Document], settings: TaxRulesSettings
) -> list[list[Problem]]:
    """Check the buyer's number where reverse charge or intra-Community supply rests on it."""
    severity = Severity.ERROR if settings.refuses_wrong_numbers else Severity.WARNING
    return [_findings(document, severity) for document in documents]


def _findings(document: Document, severity: Severity) -> list[Problem]:
    if not any(group.treatment.category in _NEEDS_A_NUMBER for group in document.groups):
        return []
    buyer = document.buyer.party
    found = check(buyer.address.country, buyer.tax_number)
    if isinstance(found, Problem):
        return [replace(found, path="buyer.tax_number", severity=severity)]
    prefix = _PREFIXES.get(found[:2], found[:2])
    if is_in_union(prefix, Supply.GOODS, document.issue_on):
        return []
    return [_not_of_the_union(buyer.tax_number, severity)]


def _not_of_the_union(number: str, severity: Severity) -> Problem:
    return Problem(
        code="tax_rules.number_not_of_union",
        path="buyer.tax_number",
        severity=severity,
        message=_(
            "“%(number)s” is no tax number of a member state of the EU, which a supply without"
            " tax needs here. Ask the customer for the number under which it buys.",
            number=number,
        ),
    )
