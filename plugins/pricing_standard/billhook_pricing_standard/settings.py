"""What a tenant chooses about its standard prices."""

from dataclasses import dataclass
from typing import ClassVar

from billhook.sdk.settings import Settings, setting
from billhook_pricing_standard.texts import lazy_gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingStandardSettings(Settings):
    """How flat prices treat a quantity of zero."""

    plugin: ClassVar[str] = "pricing_standard"

    bills_zero_quantity: bool = setting(
        True,
        label=_("Flat prices are due at a quantity of zero"),
        hint=_(
            "A month without usage still costs its flat price. Choose false where nothing used "
            "means nothing to pay."
        ),
    )
