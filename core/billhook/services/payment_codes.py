"""Codes that a banking app reads: EPC069-12, version 002, for SEPA credit transfers in euro."""

from collections.abc import Mapping
from io import BytesIO

import segno

from billhook.domain.brands import BankAccount
from billhook.domain.publications import Publication, Stage
from billhook.domain.states import DocumentType
from billhook.money import amount_text

CODE = "payment-code.png"
"""The name of the resource."""

_LARGEST = 99_999_999_999  # cents
_NAME, _REMITTANCE = 70, 140  # characters
_PIXELS = 8  # per module: sharp in print at 26 mm


def payload(publication: Publication) -> str:
    """Return the code's text; empty where the document cannot be paid by one.

    It takes an issued invoice over 0.01 to 999,999,999.99 EUR, and an account with
    an IBAN that takes euro. Drafts and a sandbox's documents are not to be paid.
    """
    document = publication.document
    account = _account(publication)
    if (
        account is None
        or document.type is not DocumentType.INVOICE
        or document.currency != "EUR"
        or publication.is_sandbox
        or publication.stage is not Stage.ISSUED
        or not 0 < document.payable <= _LARGEST
    ):
        return ""
    return "\n".join(
        [
            *("BCD", "002", "1", "SCT"),  # service tag, version, UTF-8, SEPA credit transfer
            account.bic,
            account.holder[:_NAME],
            account.iban,
            f"EUR{amount_text(document.payable, 'EUR')}",
            "",  # purpose
            "",  # structured reference
            publication.number[:_REMITTANCE],
        ]
    )


def pictures(publication: Publication) -> Mapping[str, bytes]:
    """Return the code as PNG by its resource's name; nothing where there is none."""
    text = payload(publication)
    if not text:
        return {}
    code = segno.make_qr(text, error="m", boost_error=False, encoding="utf-8", eci=False)
    written = BytesIO()
    code.save(written, kind="png", scale=_PIXELS, border=4)
    return {CODE: written.getvalue()}


def _account(publication: Publication) -> BankAccount | None:
    fitting = (
        one for one in publication.brand.bank_accounts if one.iban and one.currency in ("", "EUR")
    )
    return min(fitting, key=lambda one: one.currency != "EUR", default=None)
