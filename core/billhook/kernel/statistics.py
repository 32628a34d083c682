"""Plans that keep up with tables that fill."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def refresh_statistics(session: Session) -> None:
    """Have tables analysed that have outgrown their statistics; cheap where none has.

    PostgreSQL plans a look-up once and keeps the plan: made on an empty table it
    reads the whole of a full one. SQLite always goes by the key.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT refresh_statistics()"))
