"""What a tenant chooses about its tax rules. Registrations are the tenant's own data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from billhook.problems import Problem
from billhook.sdk.settings import Settings, setting
from billhook_tax_rules.texts import gettext
from billhook_tax_rules.texts import lazy_gettext as _

_EXEMPTION_CODE = re.compile(r"VATEX-[A-Z]{2}-[0-9A-Z]+(-[0-9A-Z]+)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRulesSettings(Settings):
    """How exempt sales are explained, and how strictly buyers' tax numbers are read."""

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

    def problems(self) -> Sequence[Problem]:
        if not self.exemption_code or _EXEMPTION_CODE.fullmatch(self.exemption_code):
            return ()
        return (
            Problem(
                code="tax_rules.exemption_code_malformed",
                path="exemption_code",
                message=gettext(
                    "“%(code)s” is not in the form of the VATEX list. Enter one such as"
                    " VATEX-EU-132-1I, or leave it empty.",
                    code=self.exemption_code,
                ),
            ),
        )


DEFAULTS = TaxRulesSettings()
