"""Forgetting messages and answers after a month, and secrets whose time is over."""

from sqlalchemy import delete, select

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.webhooks import KEPT
from billhook.ids import first_id_of
from billhook.models.webhooks import WebhookMessage, WebhookSecret
from billhook.sdk.context import Context


def tidy(ctx: Context) -> int:
    """Forget the oldest messages, at most `limits.PAGE_ROWS`; return their number.

    What was sent of them, and every answer, goes with them.
    """
    now = SystemClock().now()
    old = (
        select(WebhookMessage.id)
        .where(
            WebhookMessage.tenant_id == ctx.tenant.id,
            WebhookMessage.id < first_id_of(now - KEPT),
        )
        .order_by(WebhookMessage.id)
        .limit(limits.PAGE_ROWS)
    )
    with ctx.transaction():
        over = delete(WebhookSecret).where(WebhookSecret.expires_at < now)
        db.session.execute(over.execution_options(synchronize_session=False))
        gone = (
            delete(WebhookMessage).where(WebhookMessage.id.in_(old)).returning(WebhookMessage.id)
        )
        return len(
            db.session.execute(gone, execution_options={"synchronize_session": False}).all()
        )
