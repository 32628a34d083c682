"""The package's own texts, by gettext."""

from babel.support import LazyProxy

from billhook.i18n import translator

gettext = translator("billhook_einvoice_ubl", "einvoice_ubl")


def lazy_gettext(message: str) -> LazyProxy:
    """Return a text that is translated when it is shown, for module constants."""
    return LazyProxy(gettext, message, enable_cache=False)
