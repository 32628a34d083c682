"""How to pay: the means, and the bank accounts that take the document's currency."""

from billhook.domain.brands import BankAccount
from billhook.domain.publications import Publication
from billhook.domain.states import DocumentType
from billhook_einvoice_ubl.characters import clean
from billhook_einvoice_ubl.terms import CreditAccount, PaymentInstructions

# UNTDID 4461
UNDEFINED = "1"
CREDIT_TRANSFER = "30"
SEPA_CREDIT_TRANSFER = "58"


def instructions(publication: Publication) -> PaymentInstructions | None:
    """BG-16: the brand's accounts for the currency; a credit note names none."""
    document = publication.document
    if document.type is DocumentType.CREDIT_NOTE:
        return PaymentInstructions(code=UNDEFINED)
    accounts = _accounts(publication)
    if not accounts:
        return None
    return PaymentInstructions(
        code=_code(accounts, document.currency),
        reference=clean(publication.number),
        accounts=tuple(_account(account) for account in accounts),
    )


def _accounts(publication: Publication) -> list[BankAccount]:
    """Return the accounts that take the currency, its own before those for any."""
    currency = publication.document.currency
    fitting = [one for one in publication.brand.bank_accounts if one.currency in ("", currency)]
    return sorted(fitting, key=lambda one: one.currency != currency)


def _code(accounts: list[BankAccount], currency: str) -> str:
    """BT-81: one for all accounts (UBL-SR-47)."""
    is_sepa = currency == "EUR" and all(account.iban for account in accounts)
    return SEPA_CREDIT_TRANSFER if is_sepa else CREDIT_TRANSFER


def _account(account: BankAccount) -> CreditAccount:
    return CreditAccount(
        number=clean(account.iban or account.number),
        holder=clean(account.holder),
        bic=clean(account.bic),
    )
