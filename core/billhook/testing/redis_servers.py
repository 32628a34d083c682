"""A Redis that tests may stop and start: it forgets everything when it ends.

```python
server = RedisServer(folder)
server.start()
...
server.stop()   # as kill -9 does
```
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from billhook.testing import services
from billhook.testing.crashing import wait_until


class RedisServer:
    """One server, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self._port = services._free_port()
        self._command = services._redis_command(services._redis_program(), folder, self._port)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it, and return once it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers, seconds=10)

    def stop(self) -> None:
        """Kill it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        with Redis.from_url(self.url) as connection:
            connection.flushall()

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as connection:
                return bool(connection.ping())
        except RedisError:
            return False
