"""``billhook demo``: two tenants with a month to bill, to look at and to play with."""

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from billhook.cli.bill_run import run_answer
from billhook.cli.command import plain_command
from billhook.cli.output import Answer, Table
from billhook.cli.session import application, configuration, drain
from billhook.errors import Conflict
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.cli.demo_filling import Filled
    from billhook.config import Config


@plain_command(None, "demo", runs_in_app=False)
@click.option(
    "--fresh", is_flag=True, help="Delete the installation in BILLHOOK_HOME and start over."
)
def demo(fresh: bool) -> Answer:
    """Fill a demo of two companies, and bill their month.

    \b
    ./bin/demo
    ./bin/demo --fresh

    A software company in Germany and an agency in Switzerland, both sandboxes: they
    have customers, prices and charges of last month, and
    their month is billed. Nothing leaves the machine. Everything lies in
    BILLHOOK_HOME, ./var otherwise.

    Next: what it prints.
    """
    from billhook.plugins.migrating import upgrade_all

    config = configuration()
    if fresh:
        _start_over(config)
    upgrade_all(config)
    with application():
        from billhook.cli.demo_filling import TENANTS, fill, is_filled

        if is_filled():
            return _there_already(config)
        filled = []
        for tenant in TENANTS:
            click.echo(_("Filling and billing %(name)s …", name=tenant.wanted.name), err=True)
            filled.append(fill(tenant))
        drain()
        return _answer(config, filled)


def _start_over(config: "Config") -> None:
    """Delete what an embedded installation wrote. Raises Conflict for any other database."""
    if not config.is_default_database:
        raise Conflict(
            _(
                "--fresh deletes only the installation that lies in %(home)s, but "
                "BILLHOOK_DATABASE_URL names another database. Unset it, or empty that one.",
                home=config.home,
            )
        )
    for path in config.home.glob("billhook.db*"):
        path.unlink()
    shutil.rmtree(config.home / "files", ignore_errors=True)


def _there_already(config: "Config") -> Answer:
    text = _("The demo is in %(home)s already. Start over: ./bin/demo --fresh", home=config.home)
    return Answer({"home": str(config.home), "tenants": []}, [text, _next()])


def _answer(config: "Config", filled: Sequence["Filled"]) -> Answer:
    parts: list[Table | str] = []
    for each in filled:
        plugins = ", ".join(each.plugins)
        parts += ["", _("%(name)s, plugins: %(plugins)s", name=each.name, plugins=plugins)]
        parts += run_answer(each.summary).parts
        parts.append(
            _("The books are whole: every number, chain and sum was proved.")
            if each.verdict.is_whole
            else _("The books are broken. See: billhook verify --tenant %(slug)s", slug=each.slug)
        )
    content = {
        "home": str(config.home),
        "tenants": [
            {"tenant": each.slug, "is_whole": each.verdict.is_whole, **each.summary.as_json()}
            for each in filled
        ],
    }
    is_whole = all(each.verdict.is_whole for each in filled)
    return Answer(content, [*parts, "", _next()], exit_status=0 if is_whole else 1)


def _next() -> str:
    from billhook.cli.demo_filling import EMAIL, PASSWORD

    return _(
        """What to type next:
  ./bin/billhook documents list --tenant nimbus
  ./bin/billhook documents show INV-… --tenant nimbus
  ./bin/billhook parked list --tenant nimbus
  ./bin/billhook ledger trial-balance --tenant atelier
  ./bin/billhook verify --tenant nimbus
  ./bin/billhook --help
  ./bin/billhook serve      then log in as %(email)s with the password %(password)s""",
        email=EMAIL,
        password=PASSWORD,
    )
