"""Value added tax as EN 16931 shows it: one category and rate per line, one subtotal per pair."""

from collections.abc import Iterable

from billhook.domain.documents import Document
from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.domain.totals import TaxGroup
from billhook.money import to_major
from billhook_einvoice_ubl.characters import clean
from billhook_einvoice_ubl.terms import TaxCategory, TaxSubtotal

OUTSIDE_SCOPE = "O"
WITHIN_UNION = "K"
WITH_REASON = frozenset({"E", "AE", "K", "G", "O"})
"""Categories that say why no tax is charged; S and Z must not (BR-S-10, BR-Z-10)."""


def category(treatment: TaxTreatment) -> TaxCategory:
    """BT-151, BT-152; a treatment outside the standard has no code, and is a finding."""
    code = treatment.category or ""
    return TaxCategory(code, None if code == OUTSIDE_SCOPE else treatment.rate)


def is_within_standard(treatment: TaxTreatment) -> bool:
    """Tell whether one plain tax with a category is all there is."""
    kinds = [component.kind for component in treatment.components]
    return bool(treatment.category) and kinds == [ComponentKind.PLAIN]


def has_category(document: Document, code: str) -> bool:
    return any(group.treatment.category == code for group in document.groups)


def subtotals(document: Document) -> tuple[TaxSubtotal, ...]:
    """BG-23: one per category and rate, also where documents hold several for different reasons."""
    return tuple(
        TaxSubtotal(
            category=kind,
            net=to_major(sum(group.net for group in alike), document.currency),
            tax=to_major(sum(group.tax for group in alike), document.currency),
            exemption_code=exemption_code(alike),
            exemption_reason=_exemption_reason(kind, alike),
        )
        for kind, alike in groups_by_category(document).items()
    )


def groups_by_category(document: Document) -> dict[TaxCategory, list[TaxGroup]]:
    """Return the document's groups by what the standard tells apart, in order of appearance."""
    found: dict[TaxCategory, list[TaxGroup]] = {}
    for group in document.groups:
        found.setdefault(category(group.treatment), []).append(group)
    return found


def exemption_code(groups: Iterable[TaxGroup]) -> str:
    """BT-121: where all groups agree on it."""
    codes = {group.treatment.exemption_code for group in groups}
    return codes.pop() if len(codes) == 1 else ""


def _exemption_reason(kind: TaxCategory, groups: Iterable[TaxGroup]) -> str:
    """BT-120."""
    if kind.code not in WITH_REASON:
        return ""
    return " ".join(dict.fromkeys(filter(None, (clean(g.treatment.note) for g in groups))))


def notes_of_taxed(document: Document) -> list[str]:
    """Return what treatments say that the subtotal has no place for."""
    return [
        group.treatment.note
        for group in document.groups
        if group.treatment.category not in WITH_REASON and group.treatment.note
    ]
