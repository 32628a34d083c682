"""Seller and buyer as a document shows them."""

from collections.abc import Iterable

from billhook.domain.document_view import Field, ViewParty
from billhook.domain.parties import Party
from billhook.domain.publications import Publication
from billhook.services.presenting import own
from billhook.services.presenting.addresses import address_lines
from billhook.services.presenting.formats import Formats
from billhook.services.presenting.names import legal_id_label, tax_number_label
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import left_to_right


def seller(publication: Publication, formats: Formats) -> ViewParty:
    """Return who sells, with what a client needs to get in touch."""
    party = publication.document.seller.party
    website = publication.brand.website
    return selling(party, formats, website=website, is_abroad=is_abroad(publication))


def selling(party: Party, formats: Formats, *, website: str, is_abroad: bool) -> ViewParty:
    """Return a party as who sells."""
    contact = [
        (_("Contact"), party.contact_name),
        (_("Telephone"), left_to_right(party.phone)),
        (_("E-mail"), party.email),
        (_("Website"), website),
    ]
    fields = [*_ids(party), *contact]
    return _party(party, _("From"), formats, fields, is_abroad=is_abroad)


def buyer(publication: Publication, formats: Formats) -> ViewParty:
    """Return who is billed."""
    party = publication.document.buyer.party
    return buying(party, formats, is_abroad=is_abroad(publication))


def buying(party: Party, formats: Formats, *, is_abroad: bool) -> ViewParty:
    """Return a party as who is billed."""
    fields = [
        *_ids(party),
        (_("Attention"), party.contact_name),
        *own.printed(party.fields, formats),
    ]
    return _party(party, _("Billed to"), formats, fields, is_abroad=is_abroad)


def is_abroad(publication: Publication) -> bool:
    """Tell whether a border lies between the two."""
    document = publication.document
    return document.seller.party.address.country != document.buyer.party.address.country


def _party(
    party: Party,
    label: str,
    formats: Formats,
    fields: Iterable[tuple[str, str]],
    *,
    is_abroad: bool,
) -> ViewParty:
    return ViewParty(
        label=label,
        name=party.name,
        address=address_lines(party.address, formats, is_abroad=is_abroad),
        fields=tuple(Field(label=name, value=value) for name, value in fields if value),
    )


def _ids(party: Party) -> list[tuple[str, str]]:
    return [
        (tax_number_label(party.address.country), left_to_right(party.tax_number)),
        (legal_id_label(party), left_to_right(party.legal_id)),
    ]
