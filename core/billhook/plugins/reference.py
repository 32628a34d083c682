"""The reference for plugin authors, written from the contract itself.

python -m billhook.plugins.reference docs/reference
"""

import ast
import dataclasses
import inspect
import re
import sys
import textwrap
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from billhook.domain import brands, document_view, message_view, portal_view
from billhook.plugins.contract import HookContract, contracts
from billhook.plugins.registries import FAMILIES, Family
from billhook.problems import Problem, Severity
from billhook.sdk import api, context, jobs, permissions, portal, ports, providers, settings
from billhook.sdk.hookspecs import HOOK_API, MODULES, Failure
from billhook.sdk.info import PluginInfo

WIDTH = 92

_WRITTEN = """\
Written from the code by `python -m billhook.plugins.reference docs/reference`; a test keeps it current.
How to use it: [Write a plugin](../howto/write-a-plugin.md)."""


def _rest_of(module: ModuleType) -> str:
    """Return a module's docstring without its first line."""
    return inspect.cleandoc(module.__doc__ or "").partition("\n")[2].strip()


_FAILURES = {
    Failure.STRICT: "Strict: the act fails, names the plugin and leaves nothing behind.",
    Failure.ISOLATED: "Isolated: the contribution is left out, logged and said; the act goes on.",
    Failure.QUEUED: "Queued: runs after the commit as a job, is retried, then shown as failed.",
}
_HOOKS = f"""\
# Hooks

{_WRITTEN}

A plugin is a module with an `info` and functions that implement hooks:

```python
from billhook.sdk.hookspecs import HOOK_API, hookimpl
```

`HOOK_API` is {HOOK_API}. A plugin states in its `info` which one it was written for, and is refused by a core with
another. An implementation may leave out arguments that it does not need, and returns what the signature says: the
core checks it, down to the elements. `None` is no contribution.

Each call has a deadline of {{deadline}} seconds. A plugin that raises, overruns or answers
something else is named to whoever asked, and what happens then stands with each hook. It may raise `Retryable`
("not now") and `Rejected` ("not like this") of `billhook.errors`; every other error counts as its bug. Rows that a
failed call wrote are undone; a call that overruns inside a transaction undoes all of that.
"""
_PROVIDERS = f"""\
# Providers

{_WRITTEN}

Providers are alternatives of which tenants, prices and documents store the key, `<plugin>.<name>`. A plugin registers
factories by a hook.

{_rest_of(providers)}

They get values and return values: no rows, no clock, no rounding of their own. Each batch has a deadline, and the
answers are checked before the core uses them: their number, their types, and that every number is a `Decimal` within
the digits that are stored. Raise `Retryable(reason, after)` where an answer is not to be had now, and
`Rejected(problems)` where a person must correct the input. An outage is never an answer.
"""
_PORTS = f"""\
# Ports

{_WRITTEN}

What a plugin asks of the core goes through ports: `ctx.ports.settings`, `ctx.ports.prices`,
`ctx.ports.jobs`. They take and return values of `billhook.domain`. More come with the first plugin that needs them.
"""


_THEMES = f"""\
# What themes get

Written from the code by `python -m billhook.plugins.reference docs/reference`; a test keeps it current.
How to use it: [Make a theme](../howto/make-a-theme.md).

A template gets `view` and `look`. In `document.html` the view is a `DocumentView`, in `mail/document.html` and
`mail/document.txt` a `MessageView`, in `portal/frame.html` a `PortalView`; the look is a `Look`.

{_rest_of(document_view)}
"""


def hooks_page() -> str:
    """Return the page of hooks as Markdown."""
    lines = [_HOOKS.format(deadline=_deadline())]
    for module in MODULES:
        lines += _topic(module)
    used = ["## What hooks use", "", *_code(_NAMED_BY_HOOKS)]
    routes = ["## Routes of the API", "", inspect.cleandoc(api.__doc__ or ""), ""]
    shown = ["## What clients are shown", "", inspect.cleandoc(portal.__doc__ or ""), ""]
    of_portal = _code(_defined_in(portal))
    return _page([*lines, *used, *routes, *_code(_ROUTES), *shown, *of_portal])


def providers_page() -> str:
    """Return the page of families of providers as Markdown."""
    return _page([_PROVIDERS, *(line for family in FAMILIES for line in _family(family))])


def ports_page() -> str:
    """Return the page of ports as Markdown."""
    hints = typing.get_type_hints(ports.Ports)
    fields = [field.name for field in dataclasses.fields(ports.Ports)]
    found = [line for name in fields for line in _port(name, hints[name])]
    return _page([_PORTS, *found, "## The context", "", *_code(_NAMED_BY_PORTS)])


def themes_page() -> str:
    """Return the page of what templates of themes get as Markdown."""
    shown = [document_view.Look, document_view.Picture, *_defined_in(document_view)]
    views = (message_view, portal_view)
    others = [one for view in views for one in _defined_in(view)]
    code = _code([*dict.fromkeys(shown), *others, brands.Block, brands.Column])
    return _page([_THEMES, *code])


PAGES = {
    "hooks.md": hooks_page,
    "providers.md": providers_page,
    "ports.md": ports_page,
    "themes.md": themes_page,
}

_NAMED_BY_HOOKS = [
    PluginInfo,
    permissions.Permission,
    settings.Settings,
    jobs.PluginJob,
    Problem,
    Severity,
]
_ROUTES = [
    api.Routes,
    api.Query,
    api.PageQuery,
    api.Input,
    api.Upload,
    api.Match,
    api.Answer,
    api.Page,
    api.Made,
    api.Download,
]
_NAMED_BY_PORTS = [context.Context, context.TenantSnapshot, context.Actor, context.ActorKind]


def _deadline() -> str:
    from billhook.config import Config

    (found,) = (each for each in dataclasses.fields(Config) if each.name == "plugin_deadline")
    return f"{found.default.total_seconds():g}"  # type: ignore[union-attr]


def _topic(module: ModuleType) -> Iterator[str]:
    yield from (f"## {module.__name__.rpartition('.')[2].capitalize()}", "")
    yield from (inspect.cleandoc(module.__doc__ or ""), "")
    for contract in contracts([module]).values():
        yield from _hook(contract)


def _hook(contract: HookContract) -> Iterator[str]:
    yield from (
        f"### {contract.name}",
        "",
        "```python",
        _header(contract.specification),
        "```",
        "",
    )
    yield from (inspect.getdoc(contract.specification) or "", "")
    if contract.one_per:
        yield from (f"The answer has one element for each of `{contract.one_per}`, in order.", "")
    yield from (f"{_FAILURES[contract.failure]} Since {contract.since}.", "")
    if contract.deprecated:
        yield from (f"**Deprecated.** {contract.deprecated}", "")


def _header(function: Any) -> str:
    """Write a function's signature as it stands in the code, broken where it is long."""
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    returns = f" -> {_unparsed(node.returns)}" if node.returns else ""
    whole = f"def {node.name}({_unparsed(node.args)}){returns}"
    if len(whole) <= WIDTH:
        return whole
    arguments = ",\n".join(f"    {part}" for part in _arguments(node.args))
    return f"def {node.name}(\n{arguments},\n){returns}"


def _unparsed(node: ast.AST) -> str:
    return ast.unparse(node).replace("'", "")  # a name in quotes is one that is imported late


def _arguments(arguments: ast.arguments) -> Iterator[str]:
    yield from (_unparsed(each) for each in arguments.args)
    if arguments.kwonlyargs:
        yield "*"
        yield from (_unparsed(each) for each in arguments.kwonlyargs)


def _family(family: Family[Any]) -> Iterator[str]:
    yield from (f"## {family.name.capitalize()}", "", f"Registered by `{family.hook}`.", "")
    yield from _code([family.factory, family.provider])
    yield from ("Questions and answers:", "")
    shown = (family.factory, family.provider)
    values = dict.fromkeys(each for contract in reversed(shown) for each in _beside(contract))
    yield from _code([each for each in values if each not in shown])


def _beside(contract: type) -> list[type]:
    """List the classes of a contract's own module, in the order in which they stand."""
    module = inspect.getmodule(contract)
    assert module is not None
    return _defined_in(module)


def _defined_in(module: ModuleType) -> list[type]:
    """List a module's own classes, in the order in which they stand."""
    return [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and each.__module__ == module.__name__
    ]


def _port(name: str, protocol: type) -> Iterator[str]:
    yield from (f"## ctx.ports.{name}", "", inspect.getdoc(protocol) or "", "")
    for method in vars(protocol).values():
        if inspect.isfunction(method) and not method.__name__.startswith("_"):
            yield from ("```python", _header(method), "```", "", inspect.getdoc(method) or "", "")


def _code(classes: Iterable[type]) -> Iterator[str]:
    """Show classes as they stand in the code, with what is written beside their fields."""
    module = ""
    for each in classes:
        yield "```python"
        if each.__module__ != module:
            module = each.__module__
            yield f"# {module}"
        yield from (_contract(each), "```", "")


def _contract(shown: type) -> str:
    """Return a class's source without what its methods do."""
    source = inspect.getsource(shown)
    lines = source.splitlines()
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__post_init__":
            lines[method.lineno - 1 : method.end_lineno] = [""] * (
                (method.end_lineno or 0) - method.lineno + 1
            )
        elif isinstance(method, ast.FunctionDef) and ast.get_docstring(method):
            end = method.body[0].end_lineno or 0
            lines[end : method.end_lineno] = [""] * ((method.end_lineno or end) - end)
    kept = [line for line in lines if line != "@runtime_checkable"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
