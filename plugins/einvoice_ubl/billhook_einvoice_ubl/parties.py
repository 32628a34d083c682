"""Seller and buyer, with the identifiers that a document's taxes allow."""

from dataclasses import replace

from billhook.domain.documents import Document
from billhook.domain.parties import Address, Party
from billhook.domain.publications import Publication
from billhook.domain.tax_numbers import PREFIXES
from billhook_einvoice_ubl.characters import clean
from billhook_einvoice_ubl.taxes import OUTSIDE_SCOPE, has_category
from billhook_einvoice_ubl.terms import Identifier, TradeParty

_PREFIX_OF_COUNTRY = {"GR": "EL"}


def seller(publication: Publication) -> TradeParty:
    """BG-4.

    Outside the scope of VAT no VAT identifier may stand (BR-O-02), yet a seller must
    have some identifier (BR-CO-26): then the number stands as BT-32, and as BT-29
    where there is none of the trade register.
    """
    document = publication.document
    found = replace(
        _party(document.seller.party), legal_information=clean(publication.brand.legal_text)
    )
    if not is_without_vat_ids(document):
        return found
    number = Identifier(found.vat_id) if found.vat_id and not found.legal_id else found.identifier
    return replace(found, vat_id="", tax_id=found.vat_id, identifier=number)


def buyer(document: Document) -> TradeParty:
    """BG-7. Outside the scope of VAT the buyer's number stands as BT-47, if that is free."""
    found = _party(document.buyer.party)
    if not is_without_vat_ids(document) or not found.vat_id:
        return found
    return replace(found, vat_id="", legal_id=found.legal_id or Identifier(found.vat_id))


def is_without_vat_ids(document: Document) -> bool:
    """BR-O-02 to BR-O-04."""
    return has_category(document, OUTSIDE_SCOPE)


def vat_id(party: Party) -> str:
    """BT-31, BT-48: the tax number after the code of its country (BR-CO-09)."""
    number = clean(party.tax_number)
    own = _PREFIX_OF_COUNTRY.get(party.address.country, party.address.country)
    if not number or number[:2] in PREFIXES or number.startswith(own):
        return number
    return own + number


def _party(party: Party) -> TradeParty:
    return TradeParty(
        name=clean(party.name),
        address=_address(party.address),
        endpoint=_identifier(party.electronic_address, party.electronic_scheme),
        identifier=_identifier(party.reference),
        vat_id=vat_id(party),
        legal_id=_identifier(party.legal_id, party.legal_id_scheme),
        contact_name=clean(party.contact_name),
        phone=clean(party.phone),
        email=clean(party.email),
    )


def _identifier(value: str, scheme: str = "") -> Identifier | None:
    return Identifier(clean(value), clean(scheme)) if clean(value) else None


def _address(address: Address) -> Address:
    return Address(
        country=address.country,
        street=clean(address.street),
        extra=clean(address.extra),
        postal_code=clean(address.postal_code),
        city=clean(address.city),
        subdivision=clean(address.subdivision),
    )
