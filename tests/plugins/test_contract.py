"""An answer is checked against the type that the hook's specification returns, all the way down."""

from collections.abc import Sequence
from typing import Any, Literal

import pytest

from billhook.plugins.contract import contracts, mismatch
from billhook.problems import Problem
from billhook.sdk.hookspecs import Failure
from billhook.sdk.settings import Settings

PROBLEM = Problem(code="x", message="X")


class Fine(Settings):
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([PROBLEM], Sequence[Problem]),
        ((), Sequence[Problem]),
        ([[PROBLEM], ()], Sequence[Sequence[Problem]]),
        ((PROBLEM,), tuple[Problem, ...]),
        (None, Problem | None),
        (Fine, type[Settings] | None),
        (None, type[Settings] | None),
        ("issue", Literal["draft", "issue"]),
        (None, None),
        (3, Any),
    ],
)
def test_what_is_of_the_type_passes(value, expected):
    assert mismatch(value, expected) is None


@pytest.mark.parametrize(
    ("value", "expected", "complaint"),
    [
        (None, Sequence[Problem], "the answer is NoneType"),
        ("text", Sequence[str], "the answer is str"),  # a text is a sequence of texts
        ({PROBLEM}, Sequence[Problem], "the answer is set"),
        ((each for each in ()), Sequence[Problem], "the answer is generator"),
        ([PROBLEM, "x"], Sequence[Problem], "the answer[1] is str, not Problem"),
        ([[], [3]], Sequence[Sequence[Problem]], "the answer[1][0] is int, not Problem"),
        ([PROBLEM], tuple[Problem, ...], "the answer is list"),
        (Fine(), type[Settings] | None, "the answer is Fine"),
        (Problem, type[Settings], "the answer is type"),
        ("print", Literal["draft", "issue"], "the answer is str"),
    ],
)
def test_what_is_not_of_the_type_is_told_with_its_place(value, expected, complaint):
    assert mismatch(value, expected).startswith(complaint)


def test_a_contract_is_read_from_its_specification():
    contract = contracts()["document_problems"]
    assert contract.failure is Failure.STRICT
    assert contract.arguments == ("ctx", "documents", "stage")
    assert contract.one_per == "documents"
    assert contract.topic == "documents"
