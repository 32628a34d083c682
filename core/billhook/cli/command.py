"""How a command is made: its options, where it runs, what becomes of its answer.

```python
@tenant_command(charges, "list")
@click.option("--state", type=click.Choice(ChargeState))
def list_charges(ctx: Context, state: str | None) -> Answer: …
```
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from billhook.cli.failing import AS_JSON
from billhook.cli.output import Answer, show

if TYPE_CHECKING:
    pass

P = ParamSpec("P")
Made = Callable[[Callable[..., Answer]], click.Command]


def tenant_command(
    group: click.Group | None, name: str, *, causes_jobs: bool = False, **options: Any
) -> Made:
    """Make a command that acts in a tenant: its function takes the context first.

    One that causes jobs drains them before it ends, unless ``--no-wait`` is given.
    """

    def make(function: Callable[..., Answer]) -> click.Command:
        @wraps(function)
        def run(tenant: str | None, as_json: bool, wait: bool = True, **values: Any) -> None:
            from billhook.cli.session import acting, application, drain, tenant_slug

            slug = tenant_slug(tenant)
            with application():
                with acting(slug) as ctx:
                    answer = function(ctx, **values)
                    show(answer, as_json=as_json)
                if causes_jobs and wait:
                    drain()
            _end(answer)

        if causes_jobs:
            run = click.option(
                "--no-wait",
                "wait",
                is_flag=True,
                flag_value=False,
                default=True,
                help="Leave the jobs that this causes to whoever drains the outbox next.",
            )(run)
        return _made(group, name, _with_json(_with_tenant(run)), options)

    return make


def plain_command(
    group: click.Group | None, name: str, *, runs_in_app: bool = True, **options: Any
) -> Made:
    """Make a command of the whole installation, inside the application or before it."""

    def make(function: Callable[..., Answer]) -> click.Command:
        @wraps(function)
        def run(as_json: bool, **values: Any) -> None:
            from billhook.cli.session import application

            with application() if runs_in_app else nullcontext():
                answer = function(**values)
                show(answer, as_json=as_json)
            _end(answer)

        return _made(group, name, _with_json(run), options)

    return make


def _made(
    group: click.Group | None, name: str, run: Callable[..., None], options: dict[str, Any]
) -> click.Command:
    made = click.command(name, **options)(run)
    if group is not None:
        group.add_command(made)
    return made


def _end(answer: Answer) -> None:
    if answer.exit_status:
        click.get_current_context().exit(answer.exit_status)


def _with_tenant(run: Callable[..., None]) -> Callable[..., None]:
    return click.option("--tenant", metavar="SLUG", help="Whose; BILLHOOK_TENANT.")(run)


def _with_json(run: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        is_eager=True,
        callback=_note_json,
        help="Print JSON; errors, too, on stderr.",
    )(run)


def _note_json(ctx: click.Context, _parameter: click.Parameter, as_json: bool) -> bool:
    ctx.meta[AS_JSON] = as_json
    return as_json
