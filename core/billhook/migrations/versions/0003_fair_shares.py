"""Work is taken tenant by tenant: its indexes lead with the tenant."""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_index("ix_due_work_due", table_name="due_work")
    op.create_index("ix_due_work_tenant", "due_work", ["tenant_id", "due_at"])
    is_leased = text("leased_until IS NOT NULL")
    op.create_index(
        "ix_due_work_leased",
        "due_work",
        ["leased_until"],
        postgresql_where=is_leased,
        sqlite_where=is_leased,
    )
