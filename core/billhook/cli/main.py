"""``billhook``: the group of all commands, each loaded when it is asked for."""

import os
from importlib import import_module

import click

from billhook.cli.failing import FailingGroup
from billhook.cli.plugin_commands import plugin_group

COMMANDS = {
    "api-key": "billhook.cli.api_keys:api_key",
    "audit": "billhook.cli.audit:audit",
    "bill-run": "billhook.cli.bill_run:bill_run",
    "brand": "billhook.cli.brand:brand",
    "charges": "billhook.cli.charges:charges",
    "db": "billhook.cli.db:db",
    "deliveries": "billhook.cli.deliveries:deliveries",
    "demo": "billhook.cli.demo:demo",
    "documents": "billhook.cli.documents:documents",
    "drafts": "billhook.cli.drafts:drafts",
    "export": "billhook.cli.exports:exports",
    "field": "billhook.cli.own_fields:field",
    "fx-rates": "billhook.cli.fx_rates:fx_rates",
    "import": "billhook.cli.imports:imports",
    "ledger": "billhook.cli.ledger:ledger",
    "mail": "billhook.cli.mail:mail",
    "numbers": "billhook.cli.numbers:numbers",
    "outbox": "billhook.cli.outbox:outbox",
    "parked": "billhook.cli.parked:parked",
    "people": "billhook.cli.people:people",
    "plugin": "billhook.cli.plugin:plugin",
    "portal": "billhook.cli.portal:portal",
    "questions": "billhook.cli.questions:questions",
    "secrets": "billhook.cli.secrets:secrets",
    "series": "billhook.cli.series:series",
    "serve": "billhook.cli.serve:serve",
    "tenant": "billhook.cli.tenant:tenant",
    "theme": "billhook.cli.theme:theme",
    "verify": "billhook.cli.verify:verify",
    "webhook": "billhook.cli.webhooks:webhook",
    "worker": "billhook.cli.worker:worker",
}


class Commands(FailingGroup):
    """Loads a command when it is named; a name that is none of ours may be a plugin's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return plugin_group(cmd_name)
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command takes --json and has its own --help. Plugins bring commands of their own: "
    "billhook plugin list",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    help="Folder of an embedded installation; BILLHOOK_HOME, else ./var.",
)
@click.option("--tenant", help="Tenant of the command; BILLHOOK_TENANT.")
@click.version_option(package_name="billhook", prog_name="billhook")
@click.pass_context
def billhook(ctx: click.Context, home: str | None, tenant: str | None) -> None:
    """Bill what was sold: charges in, numbered and posted documents out.

    \b
    billhook tenant create shop --name "Shop Ltd" --country GB --currency GBP
    billhook import customers customers.csv --tenant shop
    billhook import charges charges.csv --tenant shop
    billhook bill-run --until 2026-11-30 --tenant shop
    billhook verify --tenant shop

    Without settings everything lives in ./var: an SQLite database and the files.
    BILLHOOK_DATABASE_URL and BILLHOOK_REDIS_URL make it PostgreSQL and Redis.
    """
    if home:
        os.environ["BILLHOOK_HOME"] = home
    ctx.meta["billhook.tenant"] = tenant
