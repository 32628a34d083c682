"""One theme: its files, its colours, and what it makes of a document or a mail."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from jinja2 import TemplateError, TemplateSyntaxError

from billhook.domain.brands import Brand
from billhook.domain.document_view import DocumentView, Look, Picture
from billhook.domain.message_view import MessageView
from billhook.domain.portal_view import PortalView
from billhook.errors import PluginFailed, PluginOverran
from billhook.i18n import gettext as _
from billhook.plugins import colours, pictures, typefaces
from billhook.plugins.fence import fenced
from billhook.plugins.palettes import palette
from billhook.plugins.theme_sandbox import ThemeEnvironment, TooLarge, rendered
from billhook.plugins.typefaces import Kind, Typeface

T = TypeVar("T")

DEADLINE = timedelta(seconds=60)
FRAMING = timedelta(seconds=5)
"""How long the frame of a portal page may take: a client waits for it."""
DOCUMENT = "document.html"
MAIL = ("mail/document.html", "mail/document.txt")
PORTAL = "portal/frame.html"
PORTAL_STYLE = "portal.css"
"""Of the folder static."""
LOGO = "logo"
"""The stem of the resource that holds a brand's logo."""


class ThemeFailed(PluginFailed):
    """A theme's template is wrong, or writes without end."""

    code = "theme.failed"

    def __init__(self, theme: str, reason: str) -> None:
        super().__init__(f"theme {theme}", reason)
        self.message = _(
            "The theme “%(theme)s” failed: %(reason)s. Correct it, or choose another: "
            "billhook theme list",
            theme=theme,
            reason=reason.rstrip("."),
        )
        self.args = (self.message,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeFont:
    """A typeface that a theme brings, by its files in the folder static."""

    title: str
    kind: Kind
    file: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeInfo:
    """What a theme's theme.toml says."""

    name: str
    title: str
    summary: str
    version: str
    colours: Mapping[str, str]
    """Its own, by name, as #rrggbb; `accent` is always there."""
    logo_box: tuple[int, int]
    """The room for a logo, width and height in millimetres."""
    mail_logo_box: tuple[int, int]
    """The same in a mail, in pixels."""
    preview: str
    """A picture of it, a path in its folder; empty where there is none."""
    fonts: Mapping[str, ThemeFont] = field(default_factory=dict)
    """Typefaces that brands can choose for their portal, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """A mail's two parts, which say the same."""

    html: str
    text: str


@dataclass(frozen=True)
class Theme:
    """An installed theme. It renders values, and knows neither tenant nor database."""

    info: ThemeInfo
    folder: Path
    distribution: str = ""
    _environment: ThemeEnvironment = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_environment", ThemeEnvironment(self.folder / "templates"))

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def version(self) -> str:
        return self.info.version

    def document_html(
        self, view: DocumentView, brand: Brand, resources: Mapping[str, bytes]
    ) -> str:
        """Return a document as a page that names its resources as `resource:<name>`.

        Raises ThemeFailed.
        """
        look = self.look(brand, resources, self.info.logo_box)
        return self._rendered(DOCUMENT, view=view, look=look)

    def mail(self, view: MessageView, brand: Brand, resources: Mapping[str, bytes]) -> MailPage:
        """Return a mail that names its pictures as `cid:<name>`. Raises ThemeFailed."""
        look = self.look(brand, resources, self.info.mail_logo_box)
        html, text = (self._rendered(name, view=view, look=look) for name in MAIL)
        return MailPage(html=html, text=text)

    @cached_property
    def has_portal(self) -> bool:
        """Tell whether it lays out portal pages."""
        return PORTAL in self._environment.list_templates()

    def portal_page(self, view: PortalView, look: Look) -> str:
        """Return a portal page in the theme's frame. Raises ThemeFailed, PluginFailed.

        It runs behind the fence as documents do: loops of a template that is small can
        still go on without end, and only a deadline ends them. The fence was measured at
        0.07 to 0.09 ms a page, beside 0.16 ms for the frame itself.
        """
        template = self._environment.get_template
        return self._fenced(
            lambda: rendered(template(PORTAL), view=view, look=look), deadline=FRAMING
        )

    def portal_look(self, brand: Brand, resources: Mapping[str, bytes]) -> Look:
        """Return the theme in a brand's colours, its logo fitted for a screen, in pixels.

        All colours are readable on the grounds of a portal, see `billhook.plugins.palettes`.
        """
        look = self.look(brand, resources, self.info.mail_logo_box)
        chosen = {**self.info.colours, **dict(brand.colours)}
        return replace(look, colours=MappingProxyType(palette(chosen)))

    @cached_property
    def typefaces(self) -> Mapping[str, Typeface]:
        """Return the typefaces that it brings, by name."""
        return MappingProxyType(
            {
                name: typefaces.of_theme(
                    name, font.title, font.kind, font.file, self.resources()[font.file]
                )
                for name, font in self.info.fonts.items()
            }
        )

    @property
    def portal_style(self) -> str:
        """The theme's own style of the portal; it changes what the core's style says."""
        return self.resources().get(PORTAL_STYLE, b"").decode()

    def look(self, brand: Brand, resources: Mapping[str, bytes], box: tuple[int, int]) -> Look:
        """Return the theme in a brand's colours, its logo fitted into the box."""
        chosen = {**self.info.colours, **dict(brand.colours)}
        return Look(
            brand=brand.name,
            website=brand.website,
            colours=MappingProxyType(_shades(chosen)),
            logo=_logo(resources, box),
        )

    def resources(self) -> Mapping[str, bytes]:
        """Return the theme's own pictures, by name."""
        return self._pictures

    @cached_property
    def _pictures(self) -> Mapping[str, bytes]:
        folder = self.folder / "static"
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        return MappingProxyType(
            {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
        )

    def check(self) -> None:
        """Compile all templates. Raises ThemeFailed."""
        names = {DOCUMENT, *MAIL, *self._environment.list_templates()}
        self._fenced(lambda: [self._environment.get_template(name) for name in sorted(names)])

    def _rendered(self, name: str, **values: object) -> str:
        template = self._environment.get_template
        return self._fenced(lambda: rendered(template(name), **values))

    def _fenced(self, act: Callable[[], T], *, deadline: timedelta = DEADLINE) -> T:
        try:
            return fenced(f"theme {self.name}", lambda: self._told(act), deadline=deadline)
        except PluginOverran as error:
            raise ThemeFailed(self.name, error.reason) from error

    def _told(self, act: Callable[[], T]) -> T:
        """Say in which line of which template it went wrong."""
        try:
            return act()
        except (TemplateError, TooLarge) as error:
            reason = " ".join(str(error).split())
            raise ThemeFailed(self.name, f"{self._place(error)}{reason}") from error

    def _place(self, error: Exception) -> str:
        templates = self.folder.resolve() / "templates"
        frames = [
            (Path(frame.filename), frame.lineno)
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        if isinstance(error, TemplateSyntaxError) and error.filename:
            frames.append((Path(error.filename), error.lineno))
        own = [(path, line) for path, line in frames if path.is_relative_to(templates)]
        if not own:
            return ""
        path, line = own[-1]
        return _(
            "%(file)s, line %(line)s: ",
            file=path.relative_to(templates).as_posix(),
            line=line,
        )


def _shades(chosen: Mapping[str, str]) -> dict[str, str]:
    """Give each colour those that go with it."""
    shades = dict(chosen)
    for name, colour in chosen.items():
        shades[f"on_{name}"] = colours.text_on(colour)
        shades[f"{name}_text"] = colours.legible(colour)
        shades[f"{name}_tint"] = colours.tint(colour)
    return shades


def _logo(resources: Mapping[str, bytes], box: tuple[int, int]) -> Picture | None:
    """Find the brand's logo among the resources; none where it is no picture."""
    for name, content in resources.items():
        if name.partition(".")[0] == LOGO and (size := pictures.pixels(content)):
            width, height = pictures.fitted(size, box)
            return Picture(name=name, width=width, height=height)
    return None
