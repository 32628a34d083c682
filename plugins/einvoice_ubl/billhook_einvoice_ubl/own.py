"""The seller's own fields: properties of items where they are a line's, notes where the document's.

EN 16931 has no place for more fields of a document or of its buyer, so that they are words there.
"""

from collections.abc import Iterator

from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import Document, DocumentLine
from billhook_einvoice_ubl.characters import clean
from billhook_einvoice_ubl.terms import ItemProperty
from billhook_einvoice_ubl.texts import gettext as _


def properties(line: DocumentLine) -> tuple[ItemProperty, ...]:
    """BG-32."""
    return tuple(
        ItemProperty(name=clean(one.label), value=clean(one.text)) for one in _printed(line.fields)
    )


def notes(document: Document) -> Iterator[str]:
    """Return what BT-22 says of the document's fields, its buyer's, and of which part it is."""
    if document.reference:
        yield _("Part: %(reference)s", reference=clean(document.reference))
    for one in _printed((*document.fields, *document.buyer.party.fields)):
        yield _("%(label)s: %(text)s", label=clean(one.label), text=clean(one.text))


def _printed(fields: tuple[FieldValue, ...]) -> Iterator[FieldValue]:
    return (one for one in fields if one.is_printed and clean(one.label) and clean(one.text))
