"""The two formats: EN 16931, and Peppol BIS Billing 3.0, which narrows it."""

from collections.abc import Iterator, Sequence

from billhook.domain.publications import Publication
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.providers import Verdict, Written
from billhook_einvoice_ubl import writing
from billhook_einvoice_ubl.findings import findings
from billhook_einvoice_ubl.mapping import e_invoice
from billhook_einvoice_ubl.profiles import EN_16931, PEPPOL_BIS_3, Profile
from billhook_einvoice_ubl.terms import EInvoice
from billhook_einvoice_ubl.texts import gettext as _
from billhook_einvoice_ubl.verdicts import rule_problem, verdict


class _Ubl:
    """What both have in common."""

    content_type = "application/xml"
    extension = "xml"
    profile: Profile

    def __init__(self, ctx: Context) -> None:
        """Ask nothing of the tenant: a document brings all that is written."""

    def write(self, publications: Sequence[Publication]) -> Sequence[Written]:
        """Raises process.RulesFailed."""
        return [self._written(publication) for publication in publications]

    def _written(self, publication: Publication) -> Written:
        invoice = e_invoice(publication, self.profile)
        tree = writing.tree(invoice)
        content = writing.content(tree)
        ours = findings(publication)
        if errors(ours):  # what is not right to begin with would only break rule after rule
            return Written(content=content, verdict=Verdict(rules="", findings=tuple(ours)))
        theirs = verdict(tree, content, self.profile)
        found = _once((*ours, *self._demands(invoice), *theirs.findings))
        return Written(content=content, verdict=Verdict(rules=theirs.rules, findings=found))

    def _demands(self, invoice: EInvoice) -> Iterator[Problem]:
        """Return what the specification asks for, and must hold where its rules are not here."""
        yield from ()


class En16931(_Ubl):
    """UBL 2.1 by EN 16931."""

    key = "einvoice_ubl.en16931"
    profile = EN_16931


class PeppolBis3(_Ubl):
    """UBL 2.1 by Peppol BIS Billing 3.0."""

    key = "einvoice_ubl.peppol_bis3"
    profile = PEPPOL_BIS_3

    def _demands(self, invoice: EInvoice) -> Iterator[Problem]:
        if not (invoice.buyer_reference or invoice.order_number):
            yield rule_problem(
                "PEPPOL-EN16931-R003",
                _("A buyer reference or purchase order reference MUST be provided."),
            )
        if invoice.buyer.endpoint is None:
            yield rule_problem(
                "PEPPOL-EN16931-R010", _("Buyer electronic address MUST be provided.")
            )
        if invoice.seller.endpoint is None:
            yield rule_problem(
                "PEPPOL-EN16931-R020", _("Seller electronic address MUST be provided.")
            )


def _once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Keep the first of each code, but our warnings, which may differ in what they name."""
    seen: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        is_rule = problem.code.startswith("einvoice_ubl.peppol_en16931_r")
        seen.setdefault((problem.code, "" if is_rule else problem.message), problem)
    return tuple(seen.values())
