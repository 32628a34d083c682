"""The package's own texts, by gettext."""

from babel.support import LazyProxy

from billhook.i18n import translator

gettext = translator("billhook_export_datev", "export_datev")


def lazy_gettext(message: str) -> LazyProxy:
    """Return a text that is translated when it is shown, for module constants."""
    return LazyProxy(gettext, message, enable_cache=False)
