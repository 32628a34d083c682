"""The check on the audit log."""

from sqlalchemy import func, select

from billhook.db import db
from billhook.models.audit import AuditLink
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.verifying.finding import Broken, Checked


def audit_chain(ctx: Context) -> Checked:
    """Check the links that the audit log has so far."""
    count = db.session.scalar(select(func.count()).select_from(AuditLink)) or 0
    problem = audit.verify_chain(ctx)
    broken = Broken(record=problem.path, reason=problem.message) if problem else None
    return Checked(count=count, broken=broken)
