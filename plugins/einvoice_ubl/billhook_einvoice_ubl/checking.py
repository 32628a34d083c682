"""Trying whether the official rules can be run on this machine."""

from collections.abc import Iterator

from billhook.domain.deliveries import TrialStep
from billhook.sdk.health import Health
from billhook_einvoice_ubl import process, rules
from billhook_einvoice_ubl.process import RulesFailed
from billhook_einvoice_ubl.profiles import PEPPOL_BIS_3
from billhook_einvoice_ubl.schematron import SchematronRefused
from billhook_einvoice_ubl.texts import gettext as _
from billhook_einvoice_ubl.verdicts import not_run, peppol_not_run

_EMPTY = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'


def checked() -> Health:
    """Compile each set of rules that is here, by running it on an empty invoice."""
    return Health(steps=tuple(_steps()))


def _steps() -> Iterator[TrialStep]:
    if not rules.has_saxon():
        what = _("Find the program that runs rules")
        yield TrialStep(what=what, is_good=False, advice=not_run().message)
        return
    try:
        sets = rules.rule_sets(PEPPOL_BIS_3)
    except (SchematronRefused, OSError) as error:
        yield TrialStep(what=_("Read the rules"), is_good=False, advice=str(error))
        return
    for one in sets:
        yield _compiled(one)
    if rules.lacks_peppol(PEPPOL_BIS_3):
        what = _("Find Peppol's own rules")
        yield TrialStep(what=what, is_good=False, advice=peppol_not_run().message)


def _compiled(one: rules.RuleSet) -> TrialStep:
    what = _("Compile %(rules)s", rules=one.name)
    try:
        process.transform(one.stylesheet, _EMPTY)
    except RulesFailed as error:
        return TrialStep(what=what, is_good=False, advice=str(error))
    return TrialStep(what=what, answer=_("ready"))
