"""The contract of each hook, read from its specification: arguments, answer, failure mode."""

import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from billhook.sdk.hookspecs import MODULES, PROJECT, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class HookContract:
    """What the core and a plugin promise each other about one hook."""

    name: str
    topic: str
    failure: Failure
    since: str
    arguments: tuple[str, ...]
    answer: Any
    """The type that the specification returns."""
    one_per: str
    """The argument that the answer has one element for, in its order; or empty."""
    deprecated: str
    """What to use instead, and until when it is called; empty for a hook that stays."""
    specification: Callable[..., Any]

    def complaint(self, answer: object, arguments: Mapping[str, Any]) -> str | None:
        """Tell how an answer breaks the contract; None where it keeps it."""
        found = mismatch(answer, self.answer)
        if found or not self.one_per or answer is None:
            return found
        wanted, given = len(arguments[self.one_per]), len(typing.cast(Sequence[Any], answer))
        if wanted == given:
            return None
        return f"{given} answers for {wanted} {self.one_per}"


def contracts(modules: Iterable[ModuleType] = MODULES) -> dict[str, HookContract]:
    """Read every hook of the specifications, in the order in which they stand."""
    return {
        contract.name: contract
        for module in modules
        for contract in (_read(module, each) for each in vars(module).values() if _is_spec(each))
    }


def _is_spec(candidate: object) -> bool:
    return inspect.isfunction(candidate) and hasattr(candidate, f"{PROJECT}_spec")


@cache
def _read(module: ModuleType, specification: Any) -> HookContract:
    return HookContract(
        name=specification.__name__,
        topic=module.__name__.rpartition(".")[2],
        failure=specification.failure,
        since=specification.since,
        arguments=tuple(inspect.signature(specification).parameters),
        answer=typing.get_type_hints(specification)["return"],
        one_per=specification.one_per,
        deprecated=specification.deprecated,
        specification=specification,
    )


def mismatch(value: object, expected: Any, where: str = "the answer") -> str | None:
    """Tell where a value is not of a type, as far down as the type goes; None where it is."""
    origin, parts = typing.get_origin(expected), typing.get_args(expected)
    if expected is Any:
        return None
    if origin in (typing.Union, types.UnionType):
        found = [mismatch(value, part, where) for part in parts]
        return None if None in found else found[0]
    if origin is type:
        return None if _is_subclass(value, parts[0]) else _not(value, expected, where)
    if origin is typing.Literal:
        return None if value in parts else _not(value, expected, where)
    if origin is None:
        wanted = type(None) if expected is None else expected
        return None if isinstance(value, wanted) else _not(value, expected, where)
    if not isinstance(value, origin) or isinstance(value, str | bytes):
        return _not(value, expected, where)
    if isinstance(value, Sequence):
        return _first(mismatch(each, parts[0], f"{where}[{i}]") for i, each in enumerate(value))
    raise TypeError(f"hooks cannot return {expected}: no rule says how to check it")


def _is_subclass(value: object, root: type) -> bool:
    return isinstance(value, type) and issubclass(value, root)


def _first(found: Iterable[str | None]) -> str | None:
    return next((each for each in found if each), None)


def _not(value: object, expected: Any, where: str) -> str:
    name = expected.__name__ if isinstance(expected, type) else str(expected)
    return f"{where} is {type(value).__name__}, not {name.replace('typing.', '')}"
