"""Commands for ``billhook einvoice_ubl …``."""

import json
from pathlib import Path

import click
from lxml.etree import _Element

from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.providers import Verdict
from billhook_einvoice_ubl import writing
from billhook_einvoice_ubl.advice import no_advice
from billhook_einvoice_ubl.parsing import NotReadable, parse
from billhook_einvoice_ubl.process import RulesFailed
from billhook_einvoice_ubl.profiles import EN_16931, PEPPOL_BIS_3
from billhook_einvoice_ubl.reading import e_invoice
from billhook_einvoice_ubl.schematron import SchematronRefused
from billhook_einvoice_ubl.terms import EInvoice
from billhook_einvoice_ubl.texts import gettext as _
from billhook_einvoice_ubl.verdicts import verdict


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def check(_ctx: Context, file: Path, *, as_json: bool) -> None:
    """Run the official rules on an e-invoice, whoever wrote it.

    \b
    billhook einvoice_ubl check INV-2026-00001.xml
    billhook einvoice_ubl check --json from-a-supplier.xml

    FILE is an Invoice or CreditNote of UBL 2.1. Peppol's rules are run on top where
    the file says that it follows them. Ends with 1 where a rule is broken.
    """
    try:
        root = parse(file.read_bytes())
        invoice = e_invoice(root)
        found = _verdict(root, invoice)
    except (NotReadable, RulesFailed, SchematronRefused) as error:
        raise click.ClickException(str(error)) from error
    click.echo(_as_json(invoice, found) if as_json else _as_text(invoice, found))
    if errors(found.findings):
        raise SystemExit(1)


def _verdict(root: _Element, invoice: EInvoice) -> Verdict:
    is_peppol = invoice.specification == PEPPOL_BIS_3.specification
    profile = PEPPOL_BIS_3 if is_peppol else EN_16931
    return verdict(root, writing.content(root), profile, advise=no_advice)


def _as_json(invoice: EInvoice, found: Verdict) -> str:
    content = {
        "number": invoice.number,
        "seller": invoice.seller.name,
        "buyer": invoice.buyer.name,
        "currency": invoice.currency,
        "payable": str(invoice.sums.payable),
        "rules": found.rules,
        "findings": [_finding_json(problem) for problem in found.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _finding_json(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "path": problem.path,
        "message": problem.message,
    }


def _as_text(invoice: EInvoice, found: Verdict) -> str:
    head = _(
        "%(number)s, %(seller)s to %(buyer)s: %(payable)s %(currency)s",
        number=invoice.number,
        seller=invoice.seller.name,
        buyer=invoice.buyer.name,
        payable=invoice.sums.payable,
        currency=invoice.currency,
    )
    findings = [
        f"{problem.severity.value}: {' '.join(filter(None, (problem.path, problem.message)))}"
        for problem in found.findings
    ]
    rules = _("Checked by %(rules)s.", rules=found.rules)
    return "\n".join([head, rules, *(findings or [_("No rule is broken.")])])
