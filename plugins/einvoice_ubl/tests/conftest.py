from collections.abc import Callable

import pytest

from billhook.domain.publications import Publication
from billhook.problems import Problem
from billhook.sdk.providers import Written
from billhook_einvoice_ubl.formats import En16931, PeppolBis3


@pytest.fixture(scope="session")
def en16931() -> Callable[[Publication], Written]:
    """Write one publication by EN 16931 and run the rules."""
    return lambda publication: En16931(None).write([publication])[0]


@pytest.fixture(scope="session")
def peppol() -> Callable[[Publication], Written]:
    """Write one publication by Peppol BIS Billing 3.0 and run the rules."""
    return lambda publication: PeppolBis3(None).write([publication])[0]


@pytest.fixture(scope="session")
def codes() -> Callable[[Written], list[str]]:
    """Return the codes of a verdict's findings, without the plugin's name."""
    return lambda written: [_short(problem) for problem in written.verdict.findings]


def _short(problem: Problem) -> str:
    return problem.code.removeprefix("einvoice_ubl.")
