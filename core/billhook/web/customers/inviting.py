"""Many customers' people invited at once: what will happen, and to whom."""

from collections.abc import Sequence
from uuid import UUID

from flask import request, url_for

from billhook.domain.states import PortalRight
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.sdk.context import Context
from billhook.services import client_invitations
from billhook.services.client_invitations import InvitationPlan
from billhook.web.lists import Asked, Choice, Outcome, Question

MOST_NAMED = 20
"""Names that a question lists; it counts the others."""


def ask_to_invite(ctx: Context, chosen: Sequence[UUID]) -> Question:
    """Tell whom an invitation would reach, and ask what they may do."""
    found = client_invitations.plan(ctx, chosen)
    text = ngettext(
        "%(count)s person is invited by mail, with a link that works once, for a week.",
        "%(count)s people are invited by mail, each with a link that works once, for a week.",
        found.count,
    )
    return Question(
        text, details=_details(found), problems=_obstacles(found), asked=_rights_asked()
    )


def _details(found: InvitationPlan) -> list[str]:
    details = []
    if found.new:
        details.append(
            ngettext(
                "For %(count)s customer without such a contact, its own e-mail address becomes one.",
                "For %(count)s customers without such a contact, their own e-mail addresses "
                "become contacts.",
                len(found.new),
            )
        )
    if found.with_account:
        details.append(
            ngettext(
                "%(count)s person is in already and is left alone.",
                "%(count)s people are in already and are left alone.",
                found.with_account,
            )
        )
    return details


def _obstacles(found: InvitationPlan) -> list[str]:
    problems = [] if found.can_mail else [client_invitations.no_mail()]
    if not found.count:
        problems.append(_("There is nobody to invite. Choose customers with an address."))
    if found.unreachable:
        problems.append(
            _("Without an e-mail address: %(customers)s", customers=_named(found.unreachable))
        )
    if found.taken:
        problems.append(
            _("Another customer's contact already: %(emails)s", emails=_named(found.taken))
        )
    return problems


def _named(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:MOST_NAMED])
    more = len(texts) - MOST_NAMED
    return shown if more <= 0 else _("%(names)s and %(count)s more", names=shown, count=more)


def _rights_asked() -> Asked:
    return Asked(
        "rights",
        _("What they may do"),
        [
            Choice("see", _("See documents and balances")),
            Choice("pay", _("See, and pay open invoices")),
            Choice("manage", _("See, pay, change the company's data and let colleagues in")),
        ],
    )


_RIGHTS = {
    "see": (PortalRight.SEE,),
    "pay": (PortalRight.SEE, PortalRight.PAY),
    "manage": tuple(PortalRight),
}


def invite_all(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    """Let them in, and let the mails go; the batch has a page of its own."""
    rights = _RIGHTS.get(request.form.get("rights", ""), _RIGHTS["see"])
    try:
        batch_id = client_invitations.invite_all(ctx, chosen, rights)
    except Conflict as error:
        return Outcome(error.message)
    return Outcome(
        _("The invitations are on their way."),
        page=url_for("customers.invitations", batch_id=batch_id),
    )
