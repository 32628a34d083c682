"""Worlds: what many tests begin with. Each is built once in a process; every test gets a copy of its own.

A world is a database and a home folder. Override the fixture `beginning` where tests begin in one:

```python
@pytest.fixture
def beginning(worlds) -> World[Ids]:
    return worlds.world("a shop", furnish)   # furnish(config) fills the database and tells the ids
```
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from billhook.config import Config
    from billhook.testing.databases import Databases, DatabaseUrls

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class World(Generic[T]):
    """What was built. Nobody goes in: tests get copies."""

    database: str
    home: Path
    told: T
    """What the builder returned, such as ids. All tests get the same: it is never changed."""


class Worlds:
    """The worlds that the tests of one process begin in."""

    def __init__(
        self,
        databases: Databases,
        *,
        process: str,
        configure: Callable[[DatabaseUrls, Path], Config],
    ) -> None:
        self._databases = databases
        self._process = process
        self._configure = configure
        self._built: dict[Hashable, World[Any]] = {}
        self._kept = contextlib.ExitStack()

    def world(self, name: Hashable, build: Callable[[Config], T]) -> World[T]:
        """Return the world of a name; the first who asks has it built.

        The builder gets the settings of an installation without tenants, and leaves no connection open.
        """
        if name not in self._built:
            self._built[name] = self._build(f"{self._process}_world_{len(self._built)}", build)
        return self._built[name]

    def _build(self, database: str, build: Callable[[Config], T]) -> World[T]:
        with contextlib.ExitStack() as made:
            urls = made.enter_context(self._databases.migrated(database))
            home = Path(made.enter_context(tempfile.TemporaryDirectory(prefix="billhook-world-")))
            world = World(database=database, home=home, told=build(self._configure(urls, home)))
            self._kept.push(made.pop_all())
        return world

    def close(self) -> None:
        """Remove all worlds."""
        self._kept.close()
