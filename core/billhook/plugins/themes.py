"""Find themes, and refuse, with the reason, those that cannot be used.

A theme is a package named by an entry point of group `billhook.themes`: data and
no behaviour. Its code is never imported; a package with any is refused. A refused
theme never stops the application: the log and `billhook theme list` say why.
"""

import ast
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog

from billhook.errors import BillhookError, PluginFailed
from billhook.i18n import gettext as _
from billhook.plugins.colours import is_colour
from billhook.plugins.theming import Theme, ThemeFont, ThemeInfo
from billhook.plugins.typefaces import Kind

GROUP = "billhook.themes"
DEFAULT = "default"

LOGO_BOX = (60, 20)  # millimetres
MAIL_LOGO_BOX = (220, 64)  # pixels
LARGEST_BOX = 1_000

WOFF2 = b"wOF2"
_FONT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_FONT_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{0,60}", re.ASCII)

log = structlog.get_logger(__name__)


class ThemeMissing(BillhookError):
    """A brand names a theme that is not there, or was refused."""

    code = "theme.missing"


class _Refused(Exception):
    """Why a theme cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTheme:
    """A theme that is installed and cannot be used."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True)
class Themes:
    """The themes of one application; looked for when the first is asked for."""

    group: str = GROUP

    @property
    def installed(self) -> Mapping[str, Theme]:
        """Return all that can be used, by name."""
        return self._found[0]

    @property
    def refused(self) -> Mapping[str, RefusedTheme]:
        """Return all that cannot, by name."""
        return self._found[1]

    def get(self, name: str) -> Theme:
        """Return a theme. Raises ThemeMissing."""
        if theme := self.installed.get(name):
            return theme
        if refusal := self.refused.get(name):
            raise ThemeMissing(
                _(
                    "The theme “%(theme)s” cannot be used: %(reason)s",
                    theme=name,
                    reason=refusal.reason,
                )
            )
        raise ThemeMissing(
            _(
                "The theme “%(theme)s” is not installed. Install its distribution "
                "billhook-theme-%(theme)s, or choose another: billhook theme list",
                theme=name,
            )
        )

    @cached_property
    def _found(self) -> tuple[dict[str, Theme], dict[str, RefusedTheme]]:
        installed: dict[str, Theme] = {}
        refused: dict[str, RefusedTheme] = {}
        points = sorted(metadata.entry_points(group=self.group), key=lambda one: one.name)
        for point in points:
            try:
                _refuse_twins(point, points)
                installed[point.name] = read(point.name, _folder(point.value), _origin(point))
            except _Refused as error:
                refused[point.name] = _refusal(point, str(error))
            except PluginFailed as error:
                refused[point.name] = _refusal(point, error.reason)
        return installed, refused


def read(name: str, folder: Path, distribution: str = "") -> Theme:
    """Read and check a theme's folder. Raises _Refused, ThemeFailed."""
    _refuse_links(folder)
    _refuse_code(folder)
    theme = Theme(info=_info(name, folder), folder=folder, distribution=distribution)
    theme.check()
    return theme


def _refusal(point: metadata.EntryPoint, reason: str) -> RefusedTheme:
    log.error("theme.refused", theme=point.name, reason=reason)
    return RefusedTheme(name=point.name, distribution=_origin(point), reason=reason)


def _origin(point: metadata.EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else ""


def _refuse_twins(point: metadata.EntryPoint, points: Iterable[metadata.EntryPoint]) -> None:
    same = [_origin(one) for one in points if one.name == point.name]
    if len(same) > 1:
        raise _Refused(
            _(
                "Several distributions bring a theme of this name: %(origins)s. "
                "Uninstall all but one.",
                origins=", ".join(same),
            )
        )


def _folder(package: str) -> Path:
    """Return a package's folder without importing it."""
    spec = find_spec(package) if package.isidentifier() else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    if len(places) != 1 or not Path(places[0]).is_dir():
        raise _Refused(
            _(
                "Its entry point has to name a package with a folder of its own, such as "
                "billhook_theme_plain; “%(package)s” is none.",
                package=package,
            )
        )
    return Path(places[0])


def _refuse_links(folder: Path) -> None:
    """Refuse links: they would bring files of the server into documents."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise _Refused(
                _(
                    "A theme has files of its own, and “%(file)s” is a link. Put the file in its "
                    "place.",
                    file=path.relative_to(folder).as_posix(),
                )
            )


def _refuse_code(folder: Path) -> None:
    """Refuse what is more than data: modules, or an __init__.py that says more than a docstring."""
    for path in sorted(folder.rglob("*.py")):
        if path != folder / "__init__.py" or not _is_only_docstring(path):
            raise _Refused(
                _(
                    "A theme has no code, and “%(file)s” is some. Write a plugin for behaviour.",
                    file=path.relative_to(folder).as_posix(),
                )
            )


def _is_only_docstring(path: Path) -> bool:
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return False
    return all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in body)


def _info(name: str, folder: Path) -> ThemeInfo:
    told = _toml(folder / "theme.toml")
    if told.get("name") != name:
        raise _Refused(
            _(
                "Its theme.toml says name = “%(told)s”. Say “%(name)s”, as its entry point does.",
                told=told.get("name", ""),
                name=name,
            )
        )
    preview = _text(told, "preview", default="")
    static = folder / "static"
    own = {path.relative_to(static) for path in static.rglob("*") if path.is_file()}
    if preview and Path(preview) not in own:
        raise _Refused(_("Its preview “%(file)s” is not in the folder static.", file=preview))
    return ThemeInfo(
        name=name,
        title=_text(told, "title"),
        summary=_text(told, "summary", default=""),
        version=_text(told, "version"),
        colours=_colours(told.get("colours")),
        logo_box=_box(told, "logo", LOGO_BOX),
        mail_logo_box=_box(told, "mail_logo", MAIL_LOGO_BOX),
        preview=preview,
        fonts=_fonts(told.get("fonts", {}), static, own),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _Refused(_("It has no theme.toml beside its __init__.py.")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _Refused(
            _("Its theme.toml cannot be read: %(reason)s.", reason=str(error))
        ) from None


def _text(told: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
    value = told.get(key, default)
    if isinstance(value, str) and (value or default is not None):
        return value
    raise _Refused(_("Its theme.toml needs a text %(key)s.", key=key))


def _colours(told: object) -> dict[str, str]:
    """Read colours; each name is an identifier, for templates to write."""
    if not isinstance(told, dict) or "accent" not in told:
        raise _Refused(_('Its theme.toml needs [colours] with accent = "#rrggbb".'))
    for name, colour in told.items():
        is_written = isinstance(colour, str) and is_colour(colour)
        if not is_written or not name.isidentifier() or name.startswith("on_"):
            raise _Refused(
                _(
                    "The colour “%(name)s” in its theme.toml is not written as "
                    'name = "#rrggbb", in small letters.',
                    name=name,
                )
            )
    return dict(told)


def _fonts(told: object, static: Path, own: Collection[Path]) -> dict[str, ThemeFont]:
    """Read typefaces. What they are called goes into styles, so it is plain words."""
    tables: dict[str, Any] = told if isinstance(told, dict) else {"": {}}
    found = {}
    for name, font in tables.items():
        match font if isinstance(font, dict) else {}:
            case {"title": str(title), "file": str(file), "licence": str(licence)} if (
                _FONT_NAME.fullmatch(name)
                and _FONT_TITLE.fullmatch(title)
                and font.get("kind", "sans") in ("sans", "serif")
                and {Path(file), Path(licence)} <= {*own}
                and (static / file).read_bytes().startswith(WOFF2)
            ):
                kind: Kind = "serif" if font.get("kind") == "serif" else "sans"
                found[name] = ThemeFont(title=title, kind=kind, file=file, licence=licence)
            case _:
                raise _Refused(
                    _(
                        "The typeface “%(name)s” in its theme.toml needs a title in plain words, "
                        "a file (woff2) and a licence, both in the folder static, and may say "
                        'kind = "sans" or "serif".',
                        name=name,
                    )
                )
    return found


def _box(told: Mapping[str, Any], key: str, default: tuple[int, int]) -> tuple[int, int]:
    box = told.get(key, {"width": default[0], "height": default[1]})
    sides = (box.get("width"), box.get("height")) if isinstance(box, dict) else ()
    match sides:
        case (int(width), int(height)) if 0 < width <= LARGEST_BOX and 0 < height <= LARGEST_BOX:
            return width, height
    raise _Refused(_("[%(key)s] in its theme.toml needs a width and a height.", key=key))
