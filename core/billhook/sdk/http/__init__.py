"""The one way by which the core and plugins call others over HTTP.

```python
answer = ctx.ports.http.send(Request(method="POST", url=url, body=body))
```

It goes where the operator lets it, follows no redirect, reads so much of an answer
and no more, and ends by a deadline that counts everything from the name server on.
"""

from billhook.sdk.http.client import Answer, Http, NoAnswer, Request, TimedOut
from billhook.sdk.http.guard import (
    AddressRefused,
    Guard,
    HostUnknown,
    OutboundError,
    Place,
    UrlInvalid,
    read_url,
)

__all__ = [
    "AddressRefused",
    "Answer",
    "Guard",
    "HostUnknown",
    "Http",
    "NoAnswer",
    "OutboundError",
    "Place",
    "Request",
    "TimedOut",
    "UrlInvalid",
    "read_url",
]
