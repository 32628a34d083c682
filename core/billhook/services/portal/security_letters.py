"""Mails that tell a contact that something changed about how they log in: in case it was not them."""

from uuid import UUID

from babel.support import LazyProxy

from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.services.portal import letters
from billhook.services.portal.clients import Client
from billhook.services.portal.letters import Letter

_NOT_YOU = _(
    "If it was not you, ask for another password on the log-in page at once, and tell us."
)


def password_changed(ctx: Context, contact_id: UUID) -> None:
    """Say that the password was changed, inside the transaction that does it."""
    _queue(
        ctx,
        contact_id,
        _("Your password was changed"),
        _("The password with which you log in to our client pages was changed just now."),
    )


def factor_added(client: Client) -> None:
    """Say that an authenticator app was set up, inside the transaction that does it."""
    _queue_own(
        client,
        _("An authenticator app was set up"),
        _("From now on, our client pages ask you for a code of your authenticator app, too."),
    )


def factor_removed(client: Client) -> None:
    """Say that the authenticator app was removed, inside the transaction that does it."""
    _queue_own(
        client,
        _("Your authenticator app was removed"),
        _("From now on, your password alone lets you into our client pages."),
    )


def _queue_own(client: Client, subject: LazyProxy, text: LazyProxy) -> None:
    if client.contact_id is not None:
        _queue(client.ctx, client.contact_id, subject, text)


def _queue(ctx: Context, contact_id: UUID, subject: LazyProxy, text: LazyProxy) -> None:
    letter = Letter(
        subject=subject, paragraphs=(text, _NOT_YOU), label=_("Log in"), path="/log-in"
    )
    letters.queue(ctx, contact_id, letter, key=str(new_id()))
