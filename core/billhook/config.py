"""Settings of an installation, read once from the environment.

No setting at all means the embedded mode: SQLite, jobs in a thread, files in a
folder. ``BILLHOOK_DATABASE_URL`` and ``BILLHOOK_REDIS_URL`` make it production.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from cryptography.fernet import Fernet

from billhook.errors import BillhookError
from billhook.i18n import gettext as _

Network = IPv4Network | IPv6Network


class SettingInvalid(BillhookError):
    """The environment says what cannot be used."""

    code = "setting.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that the operator decides; tenants' settings live in the database."""

    home: Path
    """Folder of everything that an embedded installation writes."""
    database_url: str
    """SQLAlchemy URL of the runtime role, which owns nothing."""
    owner_database_url: str
    """SQLAlchemy URL of the role that owns the tables; used by `db upgrade` alone."""
    redis_url: str | None
    """Where RQ finds Redis; None drains the outbox in a thread."""
    secret_keys: tuple[str, ...]
    """Fernet keys that seal secrets; the first seals, all open."""
    session_key: str
    """Signs cookies and one-time links."""
    base_url: str = "http://127.0.0.1:8000"
    """Where people reach the pages; links in mails and on the console start with it."""
    proxies: int = 0
    """How many proxies of the operator's stand in front, each adding X-Forwarded-*; others lie."""
    lease: timedelta = timedelta(seconds=30)
    """How long a worker may hold a piece of work before another takes it."""
    plugin_deadline: timedelta = timedelta(seconds=20)
    """How long one call of a plugin may take."""
    outbound_networks: tuple[Network, ...] = ()
    """Networks of the operator's own that requests may go to although private, without TLS, too."""
    is_testing: bool = False

    @property
    def is_embedded(self) -> bool:
        """Tell whether jobs are drained in this process."""
        return self.redis_url is None

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def is_default_database(self) -> bool:
        """Tell whether the database is the file at home, which nobody named."""
        return self.database_url == default_database_url(self.home)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """Read ``BILLHOOK_*``; make the home folder and its keys where they are missing."""
        home = Path(environ.get("BILLHOOK_HOME") or "var").resolve()
        home.mkdir(parents=True, exist_ok=True)
        url = _driven(environ.get("BILLHOOK_DATABASE_URL") or default_database_url(home))
        stored = environ.get("BILLHOOK_SECRET_KEYS") or _kept(home / "secret.keys", _new_key)
        return cls(
            home=home,
            database_url=url,
            owner_database_url=_driven(environ.get("BILLHOOK_OWNER_DATABASE_URL") or url),
            redis_url=environ.get("BILLHOOK_REDIS_URL") or None,
            secret_keys=tuple(stored.replace(",", " ").split()),
            session_key=environ.get("BILLHOOK_SESSION_KEY")
            or _kept(home / "session.key", lambda: secrets.token_urlsafe(48)),
            base_url=environ.get("BILLHOOK_BASE_URL")
            or f"http://127.0.0.1:{environ.get('BILLHOOK_PORT') or 8000}",
            proxies=_whole(environ, "BILLHOOK_PROXIES", 0),
            lease=timedelta(seconds=_whole(environ, "BILLHOOK_LEASE_SECONDS", 30)),
            outbound_networks=_networks(environ, "BILLHOOK_OUTBOUND_NETWORKS"),
        )


def default_database_url(home: Path) -> str:
    """Return the URL of the file that an embedded installation keeps everything in."""
    return f"sqlite:///{home / 'billhook.db'}"


def _driven(url: str) -> str:
    """Name the driver in the URL of a PostgreSQL, which tools write in several ways."""
    scheme, _separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    """Raises SettingInvalid."""
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise SettingInvalid(
            _("%(name)s is “%(text)s”. Set it to a whole number.", name=name, text=text[:40])
        )
    return int(text)


def _networks(environ: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Raises SettingInvalid."""
    texts = (environ.get(name) or "").replace(",", " ").split()
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingInvalid(
            _(
                "%(name)s cannot be read: %(reason)s. Set it to networks such as 10.1.0.0/16, "
                "separated by spaces.",
                name=name,
                reason=error,
            )
        ) from None


def _new_key() -> str:
    return Fernet.generate_key().decode()


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return a file's text, made at the first call, for its owner's eyes only.

    It appears whole: of several first calls one wins, and all read the same.
    """
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        with open(made, "x", opener=_private) as file:
            file.write(make() + "\n")
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
