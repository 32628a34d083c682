"""Where a theme's templates run: they lay out what they are given, and can do nothing else.

A template's syntax is an allow-list: no arithmetic, no joining of texts, no list
made of values, no method of a value, no filter that is not named here. So the size
of what comes out is bounded by what went in, but for loops and macros; these meet
`LARGEST`, all that they wrote on the way `LARGEST_WORK`, and the deadline of
whoever renders.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, nodes
from jinja2.environment import Environment, Template, TemplateModule
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from billhook.i18n import gettext as _

LARGEST = 32 * 1024 * 1024
"""Characters of a page: a document of 10,000 lines has some 5 million."""
LARGEST_WORK = 4 * LARGEST
"""Characters of a page, its macros and all that filters made, whether it is shown or not."""
LARGEST_TEMPLATE = 256 * 1024

FILTERS = ("default", "e", "escape", "first", "last", "length", "lower", "reverse", "upper")
_SPENT = "spent "
"""A filter that no template can write."""
TESTS = ("defined", "divisibleby", "eq", "even", "false", "in", "ne", "none", "odd", "true")

_NODES: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Block, nodes.Extends),
    *(nodes.Include, nodes.Import, nodes.FromImport, nodes.Macro, nodes.Call, nodes.CallBlock),
    *(nodes.For, nodes.If, nodes.CondExpr, nodes.Assign, nodes.Scope, nodes.With),
    *(nodes.Name, nodes.NSRef, nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair),
    *(
        nodes.Keyword,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Slice,
        nodes.Neg,
        nodes.Filter,
        nodes.Test,
    ),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)


class TooLarge(Exception):
    """A template writes more than a page can hold."""


@dataclass(slots=True)
class _Work:
    """What a page has cost so far, in characters."""

    size: int = 0


_work: ContextVar[_Work | None] = ContextVar("billhook_theme_work", default=None)


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """The Jinja environment of one theme."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            loader=ThemeLoader(folder),
            autoescape=_is_markup,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self.globals = {}
        chosen = {name: self.filters[name] for name in FILTERS} | {"lines": lines}
        self.filters = {name: _counted(make) for name, make in chosen.items()}
        self.filters[_SPENT] = _spent
        self.tests = {name: self.tests[name] for name in TESTS}
        self.concat = bounded  # type: ignore[method-assign]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Let templates read the fields of values, and what Jinja itself hands them."""
        if attr.startswith("_"):
            return False
        if is_dataclass(obj):
            return any(field.name == attr for field in fields(obj))
        return isinstance(obj, LoopContext | TemplateModule)

    def is_safe_callable(self, obj: Any) -> bool:
        """Let templates call their own macros and nothing that stands in a value."""
        return type(obj).__module__ == "jinja2.runtime"

    def getitem(self, obj: Any, argument: Any) -> Any:
        return _spent(super().getitem(obj, argument))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        for node in _all(parsed):
            if not isinstance(node, _NODES) or _is_made_of_values(node):
                raise TemplateSyntaxError(
                    _(
                        "“%(construct)s” cannot be used in a theme: templates lay out what "
                        "they are given.",
                        construct=type(node).__name__.lower(),
                    ),
                    node.lineno,
                    name,
                    filename,
                )
        _Slices().visit(parsed)
        return parsed


class _Slices(NodeTransformer):
    """Lets what is cut out of a value count as work, which Jinja does without asking anybody."""

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        cut = self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return cut
        return nodes.Filter(cut, _SPENT, [], [], None, None, lineno=node.lineno)


class ThemeLoader(BaseLoader):
    """Reads templates of one folder and nothing else, whatever links lie in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        path = (self._folder / PurePosixPath(template)).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise TemplateNotFound(template)
        if path.stat().st_size > LARGEST_TEMPLATE:
            raise TooLarge(
                _(
                    "The template %(name)s has more than %(most)s bytes.",
                    name=template,
                    most=LARGEST_TEMPLATE,
                )
            )
        return path.read_text(encoding="utf-8"), str(path), None

    def list_templates(self) -> list[str]:
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self._folder).as_posix() for path in found)


def rendered(template: Template, **values: object) -> str:
    """Write a page. Raises TooLarge, and what the template does wrong."""
    token = _work.set(_Work())
    try:
        return bounded(template.generate(**values))
    finally:
        _work.reset(token)


def bounded(parts: Iterable[str]) -> str:
    """Join texts. Raises TooLarge."""
    kept = []
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST:
            raise _too_large()
        kept.append(_spent(part))
    return "".join(kept)


def _spent(value: Any) -> Any:
    """Count a text or list that a template made. Raises TooLarge."""
    work = _work.get()
    if work is not None and isinstance(value, str | tuple | list):
        work.size += len(value)
        if work.size > LARGEST_WORK:
            raise _too_large()
    return value


def _too_large() -> TooLarge:
    return TooLarge(_("It writes more than %(largest)s characters.", largest=LARGEST))


def _counted(make: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter's texts count as work; how Jinja calls it stays as it is."""

    @wraps(make)
    def counted(*args: Any, **options: Any) -> Any:
        return _spent(make(*args, **options))

    return counted


def lines(text: str) -> Markup:
    """Write a text of several lines as markup: each on its own."""
    return Markup("<br/>").join(escape(line) for line in text.split("\n"))


def _is_markup(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")


def _all(node: nodes.Node) -> Iterable[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)


def _is_made_of_values(node: nodes.Node) -> bool:
    """Tell lists that hold more than constants: one that holds itself twice, again and again, grows
    without a loop, and nothing ends the printing or comparing of it."""
    if not isinstance(node, nodes.List | nodes.Tuple | nodes.Dict):
        return False
    if getattr(node, "ctx", "load") == "store":
        return False  # the names of a loop
    constant = (nodes.Const, nodes.Pair)
    return any(not isinstance(child, constant) for child in node.iter_child_nodes()) or any(
        not isinstance(pair.value, nodes.Const) for pair in node.find_all(nodes.Pair)
    )
