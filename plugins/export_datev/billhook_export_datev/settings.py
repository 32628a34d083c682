"""What the accountant tells: whose books they are, and which account there is which here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from billhook.problems import Problem
from billhook.sdk.settings import Settings, setting
from billhook_export_datev.texts import gettext
from billhook_export_datev.texts import lazy_gettext as _

_PAIR = re.compile(
    r"(?P<ours>[^=@,\s]+(?:@[0-9]{1,3}(?:\.[0-9]{1,6})?)?)\s*=\s*(?P<theirs>[0-9]{1,9})", re.ASCII
)
_KEY = re.compile(r"[0-9]{0,4}", re.ASCII)


class Chart(StrEnum):
    """The standard chart that the books follow, as the header of a batch names it."""

    NONE = ""
    SKR03 = "03"
    SKR04 = "04"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDatevSettings(Settings):
    """Numbers that DATEV gave the accountant and the company, and the accounts."""

    plugin: ClassVar[str] = "export_datev"

    consultant_number: int = setting(
        1001,
        label=_("Consultant number (Beraternummer)"),
        hint=_("Between 1001 and 9999999; the accountant has it."),
    )
    client_number: int = setting(
        1,
        label=_("Client number (Mandantennummer)"),
        hint=_("Between 1 and 99999; the accountant has it."),
    )
    account_length: int = setting(
        4,
        label=_("Digits of an account (Sachkontenlänge)"),
        hint=_("Between 4 and 8. Accounts of customers have one more."),
    )
    fiscal_year_month: int = setting(
        1,
        label=_("First month of the fiscal year"),
        hint=_("1 is January. A batch lies within one fiscal year."),
    )
    chart: Chart = setting(Chart.NONE, label=_("Standard chart (SKR)"))
    accounts: str = setting(
        "",
        label=_("Accounts"),
        hint=_(
            "Yours = theirs, by comma: 1200 = 1400, 4000 = 8400, 2200@19 = 1776, 2200@7 = 1771. A"
            " rate after @ names the account of that tax rate."
        ),
    )
    uses_references_as_debtors: bool = setting(
        False,
        label=_("Customers' references are their accounts"),
        hint=_(
            "A reference of as many digits as an account of a customer has stands for it; other"
            " customers share the account of receivables."
        ),
    )
    revenue_key: str = setting(
        "",
        label=_("Posting key on revenue (BU-Schlüssel)"),
        hint=_(
            "Empty for accounts without automatic tax. Revenue and tax are handed over apart: ask"
            " the accountant for the key that keeps an automatic account from adding tax again."
        ),
    )
    is_final: bool = setting(
        False,
        label=_("Fix the batch (Festschreibung)"),
        hint=_("Whether DATEV lets nobody change the postings once they are read."),
    )

    def problems(self) -> Sequence[Problem]:
        return (
            *_out_of("consultant_number", self.consultant_number, 1001, 9_999_999),
            *_out_of("client_number", self.client_number, 1, 99_999),
            *_out_of("account_length", self.account_length, 4, 8),
            *_out_of("fiscal_year_month", self.fiscal_year_month, 1, 12),
            *self._of_accounts(),
            *self._of_key(),
        )

    def _of_accounts(self) -> Iterator[Problem]:
        for part in _parts(self.accounts):
            found = _PAIR.fullmatch(part)
            if found is None:
                yield _problem(
                    "accounts",
                    gettext(
                        "“%(part)s” is no pair of accounts. Write yours = theirs, such as"
                        " 4000 = 8400.",
                        part=part[:40],
                    ),
                )
            elif len(found["theirs"]) > self.account_length + 1:
                yield _problem(
                    "accounts",
                    gettext(
                        "%(account)s has more digits than an account of a customer.",
                        account=found["theirs"],
                    ),
                )

    def _of_key(self) -> Iterator[Problem]:
        if not _KEY.fullmatch(self.revenue_key):
            yield _problem("revenue_key", gettext("A posting key has up to four digits."))


@lru_cache(maxsize=256)
def mapping(accounts: str) -> Mapping[str, str]:
    """Return the accounts as written, theirs by ours."""
    pairs = (_PAIR.fullmatch(part) for part in _parts(accounts))
    return {pair["ours"]: pair["theirs"] for pair in pairs if pair}


def _parts(accounts: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,\n]", accounts) if part.strip()]


def _out_of(path: str, value: int, lowest: int, highest: int) -> Iterator[Problem]:
    if not lowest <= value <= highest:
        yield _problem(
            path,
            gettext(
                "Enter a number between %(lowest)s and %(highest)s.",
                lowest=lowest,
                highest=highest,
            ),
        )


def _problem(path: str, message: str) -> Problem:
    return Problem(code=f"export_datev.{path}_malformed", path=path, message=message)
