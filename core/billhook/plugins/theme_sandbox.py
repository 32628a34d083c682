"""Where a theme's templates run: they lay out what they are given, and can do nothing else.

A template's syntax is an allow-list: no arithmetic, no joining of texts, no method
of a value, no filter that is not named here. So the size of what comes out is
bounded by what went in, but for loops and macros; these meet `LARGEST`, and the
deadline of whoever renders.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, nodes
from jinja2.environment import Environment, Template, TemplateModule
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from billhook.i18n import gettext as _

LARGEST = 32 * 1024 * 1024
"""Characters of a page: a document of 10,000 lines has some 5 million."""
LARGEST_TEMPLATE = 256 * 1024

FILTERS = (
    *("default", "e", "escape", "first", "join", "last", "length", "list", "lower", "reverse"),
    "upper",
)
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
        self.filters = {name: self.filters[name] for name in FILTERS} | {"lines": lines}
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

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        for node in _all(parsed):
            if not isinstance(node, _NODES):
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
        return parsed


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
            raise TooLarge(template)
        return path.read_text(encoding="utf-8"), str(path), None

    def list_templates(self) -> list[str]:
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self._folder).as_posix() for path in found)


def rendered(template: Template, **values: object) -> str:
    """Write a page. Raises TooLarge, and what the template does wrong."""
    return bounded(template.generate(**values))


def bounded(parts: Iterable[str]) -> str:
    """Join texts. Raises TooLarge."""
    kept = []
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST:
            raise TooLarge(_("A page of more than %(largest)s characters.", largest=LARGEST))
        kept.append(part)
    return "".join(kept)


def lines(text: str) -> Markup:
    """Write a text of several lines as markup: each on its own."""
    return Markup("<br/>").join(escape(line) for line in text.split("\n"))


def _is_markup(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")


def _all(node: nodes.Node) -> Iterable[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)
