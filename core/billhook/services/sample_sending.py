"""A sample of a brand to oneself: the mail and its file as clients get them, marked as a draft.

It goes by the real channel and takes no number. A sandbox sends nothing: it shows
what would have gone out.
"""

from dataclasses import dataclass

from sqlalchemy import select

from billhook.db import db
from billhook.domain.brands import Brand, Sender
from billhook.domain.deliveries import Dispatch, Message, Recipient, Tone
from billhook.domain.publications import FileContent, Publication, Stage
from billhook.domain.states import DocumentType
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.people import Person
from billhook.plugins.runtime import relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.services import audit, brands, messages, rendering, templates
from billhook.services.delivering.sending import chosen_channel
from billhook.services.design_samples import sample
from billhook.services.portal import guest_links


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSample:
    """What went out, or would have from a company that is real."""

    recipient: str
    channel: str
    sender: Sender
    message: Message
    files: tuple[FileContent, ...]
    is_captured: bool
    """Whether a sandbox kept it."""


def send_to_self(
    ctx: Context,
    *,
    brand: str = "",
    kind: DocumentType = DocumentType.INVOICE,
    channel: str = "",
) -> SentSample:
    """Send a sample document of a brand to the person who asks.

    Raises NotFound, ValidationFailed, PluginUnavailable, and what rendering and the
    channel raise: Retryable, Rejected, OutcomeUnknown, PluginFailed.
    """
    ctx.require("deliveries.send")
    recipient = _own_address(ctx)
    chosen = channel or chosen_channel(ctx)
    publication = _publication(ctx, brand, kind)
    made = rendering.rendered(ctx, publication)
    file = FileContent(name=made.name, content_type=made.content_type, content=made.content)
    message = messages.document_message(
        ctx, publication, Tone.FORMAL, link=guest_links.example(ctx)
    )
    sent = SentSample(
        recipient=recipient.address,
        channel=chosen,
        sender=publication.brand.sender,
        message=message,
        files=(file,),
        is_captured=ctx.tenant.is_sandbox,
    )
    if not sent.is_captured:
        _hand_over(ctx, sent, recipient, publication.document.language)
    with ctx.transaction():
        audit.record(ctx, "sample.sent", "brand", publication.brand.id, channel=chosen)
    return sent


def brand_of(ctx: Context, code: str) -> Brand:
    """Return a brand for those who send documents, whoever designs them. Raises NotFound."""
    ctx.require("deliveries.send")
    return brands.brand_of(ctx, brands.row_of(ctx, code))


def _publication(ctx: Context, code: str, kind: DocumentType) -> Publication:
    brand = brand_of(ctx, code)
    template = templates.template(ctx, brand.id, kind)
    return sample(ctx, kind, brand, template, stage=Stage.DRAFT)


def _hand_over(ctx: Context, sent: SentSample, recipient: Recipient, language: str) -> None:
    way = relay(ctx).channel(sent.channel, ctx)
    if problems := errors(way.recipient_problems([recipient])):
        raise ValidationFailed(problems)
    way.send(
        Dispatch(
            id=new_id(),
            sender=sent.sender,
            recipients=(recipient,),
            message=sent.message,
            language=language,
            files=sent.files,
        ),
        lambda: None,
    )


def _own_address(ctx: Context) -> Recipient:
    """Return the address of the person who acts: a sample never goes to anybody else."""
    person = db.session.scalar(select(Person).where(Person.id == ctx.actor.id))
    if person is None:
        raise ValidationFailed(
            [
                Problem(
                    code="sample.nobody",
                    message=_("Log in as a person: a sample goes to your own address."),
                )
            ]
        )
    return Recipient(address=person.email, name=person.name)
