"""An office with documents, and programs that use its API.

- `office`: as tests/web has it; `program("customers.view")`: a program whose key has these
  scopes in the office, and all of the core's without any.
"""

from collections.abc import Callable

import pytest
from tests.web.conftest import Office, beginning, browse, office

from billhook.testing import programs
from billhook.testing.programs import Program

__all__ = ["beginning", "browse", "office"]


@pytest.fixture
def program(office: Office) -> Callable[..., Program]:
    """Return a way to make programs of the office."""
    return lambda *scopes, **options: programs.program(office.app, office.ctx, *scopes, **options)
