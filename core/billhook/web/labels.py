"""Words for the closed sets that pages show."""

from enum import StrEnum

from babel.support import LazyProxy

from billhook.domain.addresses import PostalName, SubdivisionName
from billhook.domain.brands import Block
from billhook.domain.brands import Column as ShownColumn
from billhook.domain.custom_fields import FieldKind, FieldSubject
from billhook.domain.deliveries import DeliveryState, RecipientKind, Tone
from billhook.domain.links import LinkKind
from billhook.domain.states import (
    ChargeState,
    Consolidation,
    DocumentType,
    DraftState,
    Reach,
    RunMode,
    Supply,
    TaxRounding,
)
from billhook.domain.webhooks import EndpointState, WebhookDeliveryState
from billhook.i18n import lazy_gettext as _
from billhook.services.api_keys import KeyState
from billhook.services.customer_merging import Part
from billhook.services.customer_search import CustomerState
from billhook.services.delivering.trail import StepKind
from billhook.services.duplicates import Likeness

_LABELS: dict[tuple[type[StrEnum], str], LazyProxy] = {
    (type(value), value.value): label
    for value, label in (
        (RunMode.ISSUE, _("Documents are issued")),
        (RunMode.DRAFT, _("Drafts are made")),
        (ChargeState.OPEN, _("Waits")),
        (ChargeState.CLAIMED, _("On a draft")),
        (ChargeState.BILLED, _("Billed")),
        (ChargeState.HELD, _("Held")),
        (ChargeState.WITHDRAWN, _("Withdrawn")),
        (CustomerState.ACTIVE, _("Active")),
        (CustomerState.INACTIVE, _("Not active")),
        (CustomerState.PARKED, _("Parked")),
        (CustomerState.MERGED, _("Merged into another")),
        (Consolidation.PER_RUN, _("One document per bill run")),
        (Consolidation.PER_GROUP, _("One document per group")),
        (Consolidation.PER_CHARGE, _("One document per charge")),
        (Consolidation.MONTH, _("One document per month")),
        (Consolidation.QUARTER, _("One document per quarter")),
        (PostalName.POSTAL_CODE, _("Postal code")),
        (PostalName.POSTCODE, _("Postcode")),
        (PostalName.ZIP, _("ZIP code")),
        (PostalName.PIN, _("PIN code")),
        (PostalName.EIRCODE, _("Eircode")),
        (SubdivisionName.STATE, _("State")),
        (SubdivisionName.PROVINCE, _("Province")),
        (SubdivisionName.COUNTY, _("County")),
        (SubdivisionName.PREFECTURE, _("Prefecture")),
        (SubdivisionName.EMIRATE, _("Emirate")),
        (SubdivisionName.CANTON, _("Canton")),
        (SubdivisionName.REGION, _("Region")),
        (Part.CHARGES, _("Charges that wait to be billed")),
        (Part.DRAFTS, _("Open drafts")),
        (Part.CONTACTS, _("Contacts")),
        (Part.NOTES, _("Notes")),
        (Part.TAGS, _("Tags")),
        (Part.PREFERENCES, _("How documents go out")),
        (Part.PRICES, _("Agreed prices")),
        (Part.CHILDREN, _("Customers whom it pays for")),
        (Part.DOCUMENTS, _("Issued documents")),
        (Likeness.TAX_NUMBER, _("The same tax number")),
        (Likeness.EMAIL, _("The same e-mail address")),
        (Likeness.NAME, _("The same name and postal code")),
        (DeliveryState.QUEUED, _("Waiting")),
        (DeliveryState.SENT, _("Sent")),
        (DeliveryState.BOUNCED, _("Bounced")),
        (DeliveryState.FAILED, _("Failed")),
        (DeliveryState.OPENED, _("Opened")),
        (DocumentType.INVOICE, _("Invoice")),
        (DocumentType.CREDIT_NOTE, _("Credit note")),
        (DraftState.OPEN, _("Open")),
        (DraftState.APPROVED, _("Approved")),
        (DraftState.DISCARDED, _("Discarded")),
        (LinkKind.SPLIT, _("Split off")),
        (LinkKind.MERGED, _("Merged from drafts")),
        (LinkKind.REBILLED, _("Bills a credited invoice anew")),
        (LinkKind.DUPLICATED, _("Made as a copy")),
        (LinkKind.CREDITED, _("Credited")),
        (Reach.ALL, _("All customers")),
        (Reach.OWN, _("Their own customers")),
        (Reach.TAGS, _("Their own, and those with a tag")),
        (RecipientKind.TO, _("To")),
        (RecipientKind.CC, _("Copy")),
        (RecipientKind.BCC, _("Blind copy")),
        (StepKind.TRIED, _("Tried")),
        (StepKind.COMMITTED, _("Handed over; the other side may have it from here on")),
        (StepKind.SENT, _("Taken by the other side")),
        (StepKind.CAPTURED, _("Kept by the sandbox")),
        (StepKind.REFUSED, _("Refused")),
        (StepKind.POSTPONED, _("Postponed by the other side")),
        (StepKind.FAILED, _("Failed")),
        (StepKind.UNKNOWN, _("No answer: nobody knows whether it arrived")),
        (StepKind.BOUNCED, _("Came back")),
        (StepKind.OPENED, _("Opened")),
        (StepKind.RETRIED, _("Sent again by somebody here")),
        (Supply.GOODS, _("Goods")),
        (Supply.SERVICE, _("Services")),
        (Supply.ELECTRONIC_SERVICE, _("Electronic services")),
        (TaxRounding.GROUP, _("Once for each rate")),
        (TaxRounding.LINE, _("On each line")),
        (FieldSubject.CUSTOMER, _("Customers")),
        (FieldSubject.PRODUCT, _("Products")),
        (FieldSubject.DOCUMENT, _("Documents")),
        (FieldSubject.LINE, _("Lines of documents")),
        (FieldKind.TEXT, _("Text")),
        (FieldKind.NUMBER, _("Number")),
        (FieldKind.DATE, _("Date")),
        (FieldKind.CHOICE, _("One of a list")),
        (FieldKind.YES_NO, _("Yes or no")),
        (KeyState.ACTIVE, _("Active")),
        (KeyState.EXPIRED, _("Ended")),
        (KeyState.REVOKED, _("Revoked")),
        (EndpointState.ACTIVE, _("Active")),
        (EndpointState.PAUSED, _("Paused")),
        (EndpointState.DISABLED, _("Switched off")),
        (WebhookDeliveryState.WAITING, _("Waiting")),
        (WebhookDeliveryState.DELIVERED, _("Received")),
        (WebhookDeliveryState.FAILED, _("Given up")),
        (WebhookDeliveryState.DROPPED, _("Dropped")),
        (Block.INTRO, _("Opening words")),
        (Block.LINES, _("Lines")),
        (Block.TAXES, _("Taxes by rate")),
        (Block.TOTALS, _("Totals")),
        (Block.NOTES, _("Notes")),
        (Block.TERMS, _("Terms")),
        (Block.PAYMENT, _("How to pay")),
        (Block.ATTACHMENTS, _("List of attachments")),
        (ShownColumn.POSITION, _("Position")),
        (ShownColumn.SKU, _("Article number")),
        (ShownColumn.DESCRIPTION, _("Description")),
        (ShownColumn.DATE, _("Date of supply")),
        (ShownColumn.QUANTITY, _("Quantity")),
        (ShownColumn.UNIT, _("Unit")),
        (ShownColumn.UNIT_PRICE, _("Unit price")),
        (ShownColumn.DISCOUNT, _("Discount")),
        (ShownColumn.TAX, _("Tax rate")),
        (ShownColumn.NET, _("Net amount")),
        (Tone.FORMAL, _("Formal")),
        (Tone.FRIENDLY, _("Friendly")),
    )
}


def label(value: StrEnum) -> str:
    """Return a value's word in the reader's language."""
    return str(_LABELS[type(value), value.value])
