"""``billhook demo``: two companies with a month billed, to look at and to play with."""

import logging
import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from billhook.cli.bill_run import run_answer
from billhook.cli.command import plain_command
from billhook.cli.output import Answer, Table, show
from billhook.cli.serve import HOST, PORT, answer, refuse_taken
from billhook.cli.session import application, configuration, drain
from billhook.errors import Conflict
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.cli.demo_filling import Filled
    from billhook.config import Config

THREADS = 8


@plain_command(None, "demo", runs_in_app=False)
@click.option(
    "--fresh", is_flag=True, help="Delete the installation in BILLHOOK_HOME and start over."
)
@click.option(
    "--fill-only", is_flag=True, help="Do all the work that waits, and end without serving."
)
@PORT
def demo(fresh: bool, fill_only: bool, port: int) -> Answer:
    """Fill a demo of two companies, bill their month, and serve it.

    \b
    ./bin/demo
    ./bin/demo --fresh
    BILLHOOK_PORT=9000 ./bin/demo

    A software company in Germany and an agency in Switzerland, both sandboxes: they have
    customers in many scripts, prices, charges of last month, brands with logos, and their
    month is billed. PDFs, e-invoices and mails are made while you look. Nothing leaves the
    machine: each mail is shown under Outbox. Everything lies in BILLHOOK_HOME, ./var
    otherwise.

    Next: open the address that it prints, and log in. Ctrl-C stops it.
    """
    from billhook.plugins.migrating import upgrade_all

    if not fill_only:
        refuse_taken(HOST, port)
    os.environ.setdefault("BILLHOOK_OUTBOUND_NETWORKS", "127.0.0.1/32")  # webhooks to try out
    config = configuration()
    if fresh:
        _start_over(config)
    upgrade_all(config)
    with application() as app:
        told = _filled(config)
        if fill_only:
            drain()
            return told
        show(told, as_json=False)
        click.echo(_address(port))
    logging.getLogger("billhook.web").setLevel(logging.WARNING)  # else requests hide the log-ins
    answer(app, host=HOST, port=port, threads=THREADS)
    return Answer({}, [_("Stopped. What was filled stays: ./bin/demo")])


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


def _filled(config: "Config") -> Answer:
    """Fill what is not filled yet, and tell what is there."""
    from billhook.cli.demo_filling import fill, is_filled
    from billhook.cli.demo_tenants import TENANTS

    if is_filled():
        text = _(
            "The demo is in %(home)s already. Start over: ./bin/demo --fresh", home=config.home
        )
        return Answer({"home": str(config.home), "tenants": []}, [text, _next()])
    filled = []
    for tenant in TENANTS:
        click.echo(_("Filling and billing %(name)s …", name=tenant.wanted.name), err=True)
        filled.append(fill(tenant))
    return _answer(config, filled)


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
    return _(
        """What to type next, in another terminal:
  ./bin/billhook documents list --tenant nimbus
  ./bin/billhook documents pdf INV-… --tenant nimbus
  ./bin/billhook deliveries list --tenant nimbus
  ./bin/billhook ledger trial-balance --tenant atelier
  ./bin/billhook verify --tenant nimbus
  ./bin/billhook --help"""
    )


def _address(port: int) -> str:
    from billhook.cli.demo_tenants import CLIENTS, PASSWORD, SEATS

    lines = [f"  {email}  {role}, {tenant}" for email, _name, role, tenant in SEATS]
    client, place = CLIENTS[0][1], CLIENTS[0][-1]
    return _(
        """
Open  http://%(host)s:%(port)s  and log in, each with the password %(password)s
%(people)s
As a client:  http://%(host)s:%(port)s/portal/%(place)s/  %(client)s, the same password
Ctrl-C stops it.""",
        host=HOST,
        port=port,
        password=PASSWORD,
        people="\n".join(lines),
        place=place,
        client=client,
    )
