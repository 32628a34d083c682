"""Exchange rates by date."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Day, Exact, Instant, Words
from billhook.db import EntityRow


class FxRate(EntityRow):
    """How many units of the tenant's base currency one unit of `currency` is worth."""

    __tablename__ = "fx_rate"
    __table_args__ = (UniqueConstraint("tenant_id", "currency", "rate_on", "source"),)

    currency: Mapped[str] = mapped_column(Words(3))
    rate_on: Mapped[date] = mapped_column(Day)
    rate: Mapped[Decimal] = mapped_column(Exact)
    source: Mapped[str] = mapped_column(Words(limits.CODE))
    created_at: Mapped[datetime] = mapped_column(Instant)
