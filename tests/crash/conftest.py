"""A tenant on an installation whose leases lapse fast, so that killed work comes back at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billhook.testing.working import handles, open_tenant

__all__ = ["handles"]


@pytest.fixture
def config(config):
    return replace(config, lease=timedelta(seconds=1))


@pytest.fixture
def ctx(app):
    return open_tenant()
