"""A tenant with nothing in it, and jobs whose handlers a test brings along."""

from collections.abc import Iterator

import pytest

from billhook.sdk.context import Context
from billhook.testing.working import handles, open_tenant

__all__ = ["handles"]


@pytest.fixture
def ctx(app) -> Iterator[Context]:
    """Return the context of a tenant, entered."""
    ctx = open_tenant()
    with ctx.acting():
        yield ctx
