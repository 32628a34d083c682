"""The package's own texts, by gettext."""

from billhook.i18n import translator

gettext = translator("billhook_pricing_tiered", "pricing_tiered")
