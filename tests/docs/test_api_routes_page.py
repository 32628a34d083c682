"""The example of “Add routes to the API” is a plugin that works."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from billhook.sdk.permissions import Permission
from billhook.services.contexts import operator_context
from billhook.testing.members import open_tenant
from billhook.testing.plugins import plugin_module
from billhook.testing.programs import program

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "add-api-routes.md"


def register_permissions():
    return [Permission("bell.view", "See bells"), Permission("bell.hang", "Hang bells")]


@pytest.fixture
def written(monkeypatch) -> dict[str, Any]:
    """Run the page's code, with a shelf for the functions that it leaves to the plugin."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shelf: dict[UUID, object] = {}
    module = ModuleType("billhook_bell.routes")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = vars(module)

    def hang(_ctx, tone):
        bell = names["BellAnswer"](id=UUID(int=len(shelf) + 1), tone=tone, version=1)
        return shelf.setdefault(bell.id, bell)

    names |= {
        "hang": hang,
        "bell": lambda _ctx, bell_id: shelf.get(bell_id),
        "bells_after": lambda _ctx, _after, *, limit, tone: (
            [bell for bell in shelf.values() if tone in ("", bell.tone)][:limit],
            None,
        ),
    }
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102
    return names


def test_the_example_hangs_lists_and_shows_bells(make_app, config, written):
    module = plugin_module("bell", register_permissions)
    module.register_api_routes = written["register_api_routes"]
    app = make_app(config, plugins=[module])
    with app.app_context():
        open_tenant("shop", pack=("bell",))
        ctx = operator_context("shop")
        with ctx.acting():
            ours = program(app, ctx, "bell.view", "bell.hang")
    made = ours.post("/x/bell/bells", {"tone": "ding"}, key="1")
    assert ours.post("/x/bell/bells", {"tone": "ding"}, key="1").json == made.json
    assert ours.get("/x/bell/bells", tone="ding").json == {"data": [made.json], "next": None}
    assert ours.get(made.headers["Location"].removeprefix("/api/v1")).headers["ETag"] == '"1"'
    assert ours.get(f"/x/bell/bells/{UUID(int=9)}").status_code == 404
