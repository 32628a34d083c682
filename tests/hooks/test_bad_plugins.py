"""A bad plugin is refused with the reason, and stops nobody: neither the application nor a tenant."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import click
import pytest

from billhook.cli.main import COMMANDS
from billhook.errors import PluginUnavailable
from billhook.plugins.discovery import discover
from billhook.plugins.runtime import runtime
from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.jobs import PluginJob
from billhook.sdk.permissions import Permission
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.services.permissions import NAMES
from billhook.testing.plugins import plugin_module

REFUSED = "plugin.refused"
ROOT = Path(__file__).parents[2]


def good():
    def register_permissions():
        return [Permission("good.work", "Work well")]

    return plugin_module("good", register_permissions)


class Engine:
    key = "bad.engine"
    is_remote = False

    def __init__(self, ctx):
        pass

    def assess(self, queries):
        return []


class ForeignKey(Engine):
    key = "good.engine"


class DeepKey(Engine):
    key = "bad.engine.fast"


class NoKey:
    def __init__(self, ctx):
        pass


def registers(hook, answer):
    def implementation():
        return answer

    implementation.__name__ = hook
    return plugin_module("bad", implementation)


def raises_in_registration():
    def register_permissions():
        raise RuntimeError("oh dear")

    return plugin_module("bad", register_permissions)


def hangs_in_registration():
    def register_permissions():
        time.sleep(0.6)
        return []

    return plugin_module("bad", register_permissions)


def unknown_hook():
    def register_faxes():
        return []

    return plugin_module("bad", register_faxes)


def unknown_argument():
    def register_permissions(colour):
        return []

    return plugin_module("bad", register_permissions)


def without_info():
    module = plugin_module("bad")
    del module.info
    module.__name__ = "bad"
    return module


def not_a_dataclass():
    class Wrong:
        plugin = "bad"

    return registers("register_settings", Wrong)


def same_command():
    return registers("register_commands", [click.Command("go"), click.Command("go")])


def job(**options):
    return PluginJob(name="bad.job", work=print, **options)


BAD = [
    (raises_in_registration, "plugin.failed", "RuntimeError: oh dear"),
    (hangs_in_registration, "plugin.overran", "did not answer within 0.25 seconds"),
    (unknown_hook, "plugin.hook_unknown", "register_faxes"),
    (unknown_argument, "plugin.hook_unknown", "colour"),
    (without_info, "plugin.info_missing", "Add: info = PluginInfo"),
    (lambda: plugin_module("bad", version=""), "plugin.info_missing", "a version"),
    (
        lambda: plugin_module("bad", hook_api=HOOK_API + 1),
        "plugin.hook_api_differs",
        f"hook API {HOOK_API + 1}, this Billhook has {HOOK_API}. Upgrade Billhook",
    ),
    (
        lambda: plugin_module("bad", hook_api=0),
        "plugin.hook_api_differs",
        "Install a newer version of the plugin.",
    ),
    (
        lambda: plugin_module("bad", depends=("absent",)),
        "plugin.dependency_missing",
        "it depends on “absent”",
    ),
    (
        lambda: plugin_module("bad", depends=("bad",)),
        "plugin.dependency_missing",
        "it depends on “bad”",
    ),
    (
        lambda: registers("register_permissions", [Permission("good.send", "Send")]),
        "plugin.key_malformed",
        "registers “good.send”",
    ),
    (
        lambda: registers("register_permissions", [Permission("bad", "Be")]),
        "plugin.key_malformed",
        "“bad.<name>”",
    ),
    (
        lambda: registers("register_permissions", [Permission("bad.b", "B")] * 2),
        "plugin.key_clash",
        "registers “bad.b” twice",
    ),
    (same_command, "plugin.key_clash", "registers “go” twice"),
    (
        lambda: registers("register_tax_engines", [Engine, Engine]),
        "plugin.key_clash",
        "registers “bad.engine” twice",
    ),
    (
        lambda: registers("register_tax_engines", [ForeignKey]),
        "plugin.key_malformed",
        "registers “good.engine”",
    ),
    (
        lambda: registers("register_tax_engines", [DeepKey]),
        "plugin.key_malformed",
        "registers “bad.engine.fast”",
    ),
    (lambda: registers("register_tax_engines", [NoKey]), "plugin.failed", "the answer[0]"),
    (lambda: registers("register_tax_engines", Engine), "plugin.failed", "the answer is type"),
    (lambda: registers("register_commands", ["go"]), "plugin.failed", "not Command"),
    (not_a_dataclass, "plugin.failed", "the answer is type"),
    (
        lambda: registers("register_jobs", [PluginJob(name="good.send", work=print)]),
        "plugin.key_malformed",
        "registers “good.send”",
    ),
    (
        lambda: registers("register_jobs", [job(every=timedelta(seconds=1))]),
        "plugin.job_times",
        "run every 0:01:00 at most",
    ),
    (
        lambda: registers("register_jobs", [job(deadline=timedelta(days=1))]),
        "plugin.job_times",
        "may take at most 6:00:00",
    ),
    (
        lambda: registers("register_jobs", [job(on=("document.isued",))]),
        "plugin.event_unknown",
        "waits for “document.isued”",
    ),
]


@pytest.mark.parametrize(("make", "code", "reason"), BAD)
def test_a_bad_plugin_is_refused_with_its_reason_and_the_good_one_works(
    tenant_with, capsys, make, code, reason
):
    ctx = tenant_with(good(), make())
    refusal = runtime().host.refused["bad"]
    assert refusal.code == code
    assert reason in refusal.reason
    assert ctx.tenant.plugins == {"good"}
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each["plugin"], each["code"]) for each in logged if each["event"] == REFUSED] == [
        ("bad", code)
    ]
    with pytest.raises(PluginUnavailable, match="“bad” was refused at start"):
        plugins.enable(ctx, "bad")
    _wait_for_those_that_hang()


def _wait_for_those_that_hang():
    for thread in threading.enumerate():
        if thread.name.startswith("plugin "):
            thread.join(10)


def test_the_catalogue_says_why_a_plugin_was_refused(tenant_with):
    ctx = tenant_with(good(), plugin_module("bad", hook_api=99))
    bad, fine = plugins.catalogue(ctx)
    assert (bad.name, bad.state, bad.health[0].code) == (
        "bad",
        "refused",
        "plugin.hook_api_differs",
    )
    assert (fine.name, fine.state, fine.health) == ("good", "enabled", ())


@pytest.mark.parametrize("name", ["Fax", "fax-gateway", "fax__x", "9fax", "f" * 41, "fax.x", ""])
def test_a_name_that_cannot_stand_everywhere_is_refused(name):
    found = discover(None, [plugin_module(name)])
    assert [each.code for each in found.refused.values()] == ["plugin.name_malformed"]


@pytest.mark.parametrize("name", ["documents", "plugins", "database", "charge", "document", "tax"])
def test_a_name_that_the_core_uses_is_refused(name):
    found = discover(None, [plugin_module(name)])
    assert [each.code for each in found.refused.values()] == ["plugin.name_reserved"]


COMMAND_WORDS = {name.replace("-", "_") for name in COMMANDS}
RESOURCES = {name.partition(".")[0] for name in NAMES}
PAGE = (ROOT / "docs/reference/environment.md").read_text(encoding="utf-8")
OURS, _heading, _table = PAGE.partition("## Of plugins")
_theirs, _heading, TESTS = PAGE.partition("## Of tests")
VARIABLES = re.findall(r"BILLHOOK_([A-Z_]+)`", OURS + TESTS)
PREFIXES = {name.lower()[: end.start()] for name in VARIABLES for end in re.finditer("_", name)}


@pytest.mark.parametrize("name", sorted(COMMAND_WORDS | RESOURCES | PREFIXES))
def test_no_plugin_s_command_permission_or_variable_can_be_taken_for_the_core_s(name):
    assert discover(None, [plugin_module(name)]).installed == {}


def test_two_plugins_of_one_name_are_both_refused():
    found = discover(None, [plugin_module("fax"), plugin_module("fax"), plugin_module("telex")])
    assert found.installed.keys() == {"telex"}
    assert found.refused["fax"].code == "plugin.name_clash"


def test_what_a_refused_plugin_pulls_down_is_refused_for_that_reason():
    found = discover(
        None,
        [
            plugin_module("top", depends=("middle",)),
            plugin_module("middle", depends=("base_fax",)),
            plugin_module("base_fax", hook_api=99),
            plugin_module("alone"),
        ],
    )
    assert found.installed.keys() == {"alone"}
    assert "“middle”" in found.refused["top"].reason
    assert "“base_fax”" in found.refused["middle"].reason


def test_a_plugin_stands_after_those_that_it_depends_on():
    found = discover(
        None,
        [
            plugin_module("a", depends=("c",)),
            plugin_module("b"),
            plugin_module("c", depends=("d",)),
            plugin_module("d"),
        ],
    )
    assert list(found.installed) == ["b", "d", "c", "a"]


# Installed ones, found by entry points


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a distribution with one entry point into a folder of the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    packages = []

    def make(name: str, source: str, *, package: str = "", distribution: str = "") -> None:
        package = package or f"billhook_{name}"
        distribution = distribution or f"billhook-{name}"
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "plugin.py").write_text(source)
        about = tmp_path / f"{distribution.replace('-', '_')}-2.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.0\n"
        )
        points = f"[billhook.plugins]\n{name} = {package}.plugin\n"
        (about / "entry_points.txt").write_text(points)
        packages.append(package)

    yield make
    for module in list(sys.modules):
        if module.partition(".")[0] in packages:
            del sys.modules[module]


SOURCE = """
from billhook.sdk.hookspecs import HOOK_API
from billhook.sdk.info import PluginInfo

info = PluginInfo(name="{name}", title="X", summary="", version="2.0", hook_api=HOOK_API)
"""


def test_an_installed_plugin_is_found_with_its_distribution(install):
    install("telex", SOURCE.format(name="telex"))
    found = discover()
    assert found.installed["telex"].distribution == "billhook-telex 2.0"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import absent_library", "No module named 'absent_library'"),
        ("this is no Python", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_plugin_that_does_not_import_is_refused_and_named(install, source, reason):
    install("telex", source)
    found = discover()
    assert found.refused["telex"].code == "plugin.import_failed"
    assert reason in found.refused["telex"].reason
    assert "pip uninstall billhook-telex" in found.refused["telex"].reason
    assert {"pricing_standard", "tax_rules"} <= found.installed.keys()


@pytest.mark.parametrize(
    ("name", "wanted", "options"),
    [
        ("telex", "telex", {"package": "acme_telex"}),
        ("telex", "telex", {"distribution": "acme-telex"}),
        ("telex", "fax", {}),
    ],
)
def test_a_plugin_has_one_name_everywhere(install, name, wanted, options):
    install(name, SOURCE.format(name=wanted), **options)
    assert discover().refused[name].code == "plugin.name_differs"


def test_two_distributions_of_one_plugin_are_named(install):
    install("telex", SOURCE.format(name="telex"))
    install("telex", SOURCE.format(name="telex"), package="other", distribution="acme-telex")
    refusal = discover().refused["telex"]
    assert refusal.code == "plugin.name_clash"
    assert "billhook-telex 2.0" in refusal.reason
    assert "acme-telex 2.0" in refusal.reason


def test_the_application_starts_with_nothing_but_bad_plugins(make_app):
    app = make_app(plugins=[plugin_module("bad", hook_api=99)])
    with app.app_context():
        assert runtime().host.installed == {}
        assert app.test_client().get("/health").status_code == 200


# Off is off at once, in every process


def test_a_plugin_that_another_process_disabled_is_gone_with_the_next_context(tenant_with, config):
    ctx = tenant_with(good())
    assert ctx.tenant.plugins == {"good"}
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from dataclasses import replace\n"
        "from billhook.app import create_app\n"
        "from billhook.config import Config\n"
        "from billhook.services import plugins\n"
        "from billhook.services.contexts import operator_context\n"
        "import os\n"
        "app = create_app(Config.from_environ(os.environ), plugins=[])\n"
        "with app.app_context():\n"
        "    ctx = operator_context('shop')\n"
        "    with ctx.acting():\n"
        "        plugins.disable(ctx, 'good')\n"
    )
    environ = {
        **os.environ,
        "BILLHOOK_HOME": str(config.home),
        "BILLHOOK_DATABASE_URL": config.database_url,
        "BILLHOOK_OWNER_DATABASE_URL": config.owner_database_url,
    }
    subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent)], check=True, env=environ
    )
    assert operator_context("shop").tenant.plugins == frozenset()
    assert runtime().host.relay(operator_context("shop").tenant.plugins).permissions() == []


def test_a_plugin_that_is_no_longer_installed_is_left_out_and_named(tenant_with, make_app):
    ctx = tenant_with(good())
    with make_app(plugins=[]).app_context():
        later = operator_context("shop")
        assert later.tenant.plugins == {"good"}
        assert runtime().host.relay(later.tenant.plugins).plugins == {}
        with later.acting():
            (entry,) = plugins.catalogue(later)
            assert (entry.state, entry.health[0].code) == ("missing", "plugin.missing")
            plugins.disable(later, "good")
    assert operator_context("shop").tenant.plugins == frozenset()
    assert ctx.tenant.plugins == {"good"}


def test_only_functions_with_the_marker_are_hooks():
    module = plugin_module("fax")
    module.helper = lambda: None
    assert discover(None, [module]).installed["fax"].hooks == ()

    def register_permissions():
        return []

    module.register_permissions = hookimpl(register_permissions)
    assert discover(None, [module]).installed["fax"].hooks == ("register_permissions",)
