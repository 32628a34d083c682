"""Texts of documents and mails, by gettext, in the catalogue `documents`.

It is apart from the application's own texts, so that a language is complete here
before all screens are translated.
"""

from billhook.i18n import translator

gettext = translator("billhook", "documents")
