"""What a tenant chooses about its tax rules. Registrations are the tenant's own data."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from billhook.problems import Problem
from billhook.sdk.settings import Settings, setting
from billhook_tax_rules.subdivisions import current_code
from billhook_tax_rules.tables import withholding_keys
from billhook_tax_rules.texts import gettext
from billhook_tax_rules.texts import lazy_gettext as _

_EXEMPTION_CODE = re.compile(r"VATEX-[A-Z]{2}-[0-9A-Z]+(-[0-9A-Z]+)*", re.ASCII)
_SALES_TAXES = frozenset({"CA", "US"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRulesSettings(Settings):
    """How exempt sales are explained, what is not taxed or kept back, how numbers are read."""

    plugin: ClassVar[str] = "tax_rules"

    exemption_code: str = setting(
        "",
        label=_("Code of exempt sales"),
        hint=_("Printed on e-invoices for products of the category “exempt”: VATEX-EU-132-1I."),
    )
    exemption_reason: str = setting(
        "",
        label=_("Reason of exempt sales"),
        hint=_("Printed on documents; name the law, such as “§ 4 Nr. 21 UStG”."),
    )
    refuses_wrong_numbers: bool = setting(
        False,
        label=_("Refuse mistyped tax numbers"),
        hint=_(
            "Stops documents that charge no tax because of a tax number that is not well formed."
        ),
    )

    untaxed_services: str = setting(
        "",
        label=_("Where sales tax leaves out your services"),
        hint=_(
            "States and provinces where you are registered, but your services bear no sales tax,"
            " by comma: US-CA, CA-BC."
        ),
    )
    untaxed_electronic_services: str = setting(
        "",
        label=_("Where sales tax leaves out your electronic services"),
        hint=_("The same for what is supplied online, such as software: US-CA, US-FL."),
    )
    withholding: str = setting(
        "",
        label=_("Tax that businesses keep back"),
        hint=_(
            "What your customers withhold when they pay for services, such as es-irpf or"
            " it-ritenuta. It is shown and does not change the amount to pay."
        ),
    )
    withholding_categories: str = setting(
        "",
        label=_("Tax categories with withholding"),
        hint=_("Categories of products by comma; all services where it is left empty."),
    )

    def problems(self) -> Sequence[Problem]:
        return (
            *self._of_exemption_code(),
            *self._of_places("untaxed_services", self.untaxed_services),
            *self._of_places("untaxed_electronic_services", self.untaxed_electronic_services),
            *self._of_withholding(),
        )

    def _of_exemption_code(self) -> Iterator[Problem]:
        if self.exemption_code and not _EXEMPTION_CODE.fullmatch(self.exemption_code):
            yield Problem(
                code="tax_rules.exemption_code_malformed",
                path="exemption_code",
                message=gettext(
                    "“%(code)s” is not in the form of the VATEX list. Enter one such as"
                    " VATEX-EU-132-1I, or leave it empty.",
                    code=self.exemption_code,
                ),
            )

    def _of_places(self, path: str, text: str) -> Iterator[Problem]:
        for place in sorted(listed(text)):
            country, _dash, code = place.partition("-")
            if country not in _SALES_TAXES or current_code(country, code) is None:
                yield Problem(
                    code="tax_rules.place_unknown",
                    path=path,
                    message=gettext(
                        "“%(place)s” is no state or province with a sales tax. Enter codes such"
                        " as US-CA or CA-BC, by comma.",
                        place=place,
                    ),
                )

    def _of_withholding(self) -> Iterator[Problem]:
        known = withholding_keys()
        if self.withholding and self.withholding not in known:
            yield Problem(
                code="tax_rules.withholding_unknown",
                path="withholding",
                message=gettext(
                    "There is no withholding “%(key)s”. Choose one of %(known)s.",
                    key=self.withholding,
                    known=", ".join(known),
                ),
            )


DEFAULTS = TaxRulesSettings()


@lru_cache(maxsize=1024)
def listed(text: str) -> frozenset[str]:
    """Return the words of a list by comma."""
    return frozenset(word.strip() for word in text.split(",") if word.strip())
