"""Runs the migrations of the core or of one plugin on the connection that it is given."""

from alembic import context
from sqlalchemy import MetaData

from billhook.db import Base

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=MetaData(naming_convention=Base.metadata.naming_convention),
    version_table=given["version_table"],
    runtime_role=given["runtime_role"],
)
with context.begin_transaction():
    context.run_migrations()

if given["runtime_role"]:
    given["connection"].exec_driver_sql(
        f"GRANT SELECT ON {given['version_table']} TO {given['runtime_role']}"
    )
