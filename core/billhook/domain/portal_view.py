"""The frame of a portal page, as a theme lays it out: everything around what the page says."""

from dataclasses import dataclass

from markupsafe import Markup

from billhook.domain.document_view import Direction, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLink:
    """A label that leads somewhere."""

    label: str
    address: str
    is_current: bool = False
    count: str = ""
    """How many wait there; empty for none."""
    kind: str = ""
    """In the navigation, what is there: `home`, `documents`, `statement`, `questions`, `profile`,
    `security` or `more`, for a class that draws a picture of it."""
    language: str = ""
    """The language of the label, where it is not that of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalView:
    """All that a theme may show of a portal page; texts are plain, but for the two of markup."""

    language: str  # IETF tag
    direction: Direction
    title: str
    """Of the page, for the browser's tab; what the page says has its own heading."""
    company: str
    """Who bills."""
    home: str
    """The address of the first page."""
    stylesheet: str
    """The address of the portal's own style, the theme's and the brand's colours in one."""
    icon: str
    """The address of the favicon; an empty picture where there is none."""
    logo: str
    """The address of the brand's logo; empty for none. Its size is in `look.logo`."""
    content: Markup
    """What the page says."""
    account: Markup
    """Who is logged in, and the button to leave; empty for nobody."""
    navigation: tuple[PortalLink, ...] = ()
    languages: tuple[PortalLink, ...] = ()
    """The same page in other languages."""
    legal: tuple[PortalLink, ...] = ()
    """Imprint, privacy, terms."""
    footer: tuple[str, ...] = ()
    contact: tuple[Field, ...] = ()
    """How to reach who bills; each value is text."""
    marks: tuple[str, ...] = ()
    """What has to be said on top of each page: a sandbox, a look by a member of the company."""
    skip: str = ""
    """The label of the link that skips to the content."""
    navigation_label: str = ""
    """What the navigation is called by readers of screens."""
    is_entrance: bool = False
    """A page to get in at: it has no navigation, and a little to say."""
