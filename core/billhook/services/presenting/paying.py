"""How a document is to be paid: until when, and to which account."""

from collections.abc import Iterator

from billhook.domain.brands import BankAccount, Brand
from billhook.domain.document_view import Field, ViewAccount, ViewPayment
from billhook.domain.publications import Publication
from billhook.domain.statements import Statement
from billhook.domain.states import DocumentType
from billhook.services.payment_codes import CODE, payload
from billhook.services.presenting.formats import Formats
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import left_to_right


def payment(publication: Publication, formats: Formats) -> ViewPayment:
    """Return the terms, and the accounts that take the document's currency."""
    is_due = publication.document.type is DocumentType.INVOICE and publication.document.payable > 0
    code = CODE if payload(publication) else ""
    return ViewPayment(
        label=_("Payment"),
        terms=tuple(_terms(publication, formats)),
        accounts=tuple(account(one) for one in accounts(publication)) if is_due else (),
        code=code,
        code_label=_("Scan to pay") if code else "",
    )


def accounts(publication: Publication) -> list[BankAccount]:
    """Return the brand's accounts for the document's currency, its own before those for any."""
    return accounts_for(publication.brand, publication.document.currency)


def accounts_for(brand: Brand, currency: str) -> list[BankAccount]:
    """Return the brand's accounts for a currency, its own before those for any."""
    fitting = [one for one in brand.bank_accounts if one.currency in ("", currency)]
    return sorted(fitting, key=lambda one: one.currency != currency)


def accounts_of(brand: Brand, statement: Statement) -> tuple[BankAccount, ...]:
    """Return the brand's accounts for each currency in which something is to be paid, each once."""
    owed = [one.currency for one in statement.currencies if one.balance > 0]
    found = [one for currency in owed for one in accounts_for(brand, currency)]
    return tuple(dict.fromkeys(found))


def _terms(publication: Publication, formats: Formats) -> Iterator[str]:
    document = publication.document
    values = {
        "amount": formats.money(document.payable),
        "day": formats.day(document.due_on),
        "number": publication.number,
    }
    if document.terms:
        yield from document.terms.split("\n")
        if document.payable > 0 and document.type is DocumentType.INVOICE:
            yield _("Please state the number %(number)s with your payment.", **values)
    elif document.type is DocumentType.CREDIT_NOTE:
        yield _("We refund this amount or set it off against open invoices.")
    elif document.payable <= 0:
        yield _("There is nothing to pay.")
    else:
        if document.due_on <= document.issue_on:
            yield _("Please pay %(amount)s on receipt, without deduction.", **values)
        else:
            yield _("Please pay %(amount)s by %(day)s, without deduction.", **values)
        yield _("Please state the number %(number)s with your payment.", **values)


def account(found: BankAccount) -> ViewAccount:
    """Return an account as it is printed."""
    fields = [
        (_("Account holder"), found.holder),
        (_("Bank"), found.bank),
        (_("IBAN"), left_to_right(grouped(found.iban))),
        (_("Account number"), left_to_right(found.number)),
        (_("BIC"), found.bic),
    ]
    return ViewAccount(
        fields=tuple(Field(label=label, value=value) for label, value in fields if value)
    )


def grouped(iban: str) -> str:
    """Write an IBAN in groups of four, as ISO 13616 has it printed."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
