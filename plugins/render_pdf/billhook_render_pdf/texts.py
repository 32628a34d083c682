"""The package's own texts, by gettext."""

from billhook.i18n import translator

gettext = translator("billhook_render_pdf", "render_pdf")
