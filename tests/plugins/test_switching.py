"""Enabling, disabling and setting up: what is refused, what follows, what is noted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

import pytest
from cryptography.fernet import Fernet
from flask import current_app
from sqlalchemy import select, text

from billhook.db import db, tenant_scope
from billhook.errors import Forbidden, PluginUnavailable, ValidationFailed
from billhook.models.audit import Audit
from billhook.models.plugins import PluginSetting, Secret
from billhook.models.work import Outbox
from billhook.plugins import activation
from billhook.plugins.migrating import upgrade_all
from billhook.plugins.secrets import SecretUnreadable
from billhook.sdk.settings import Settings, secret, setting
from billhook.services import company, plugins, products
from billhook.services.contexts import operator_context
from billhook.testing.members import join, open_tenant
from billhook.testing.plugins import plugin_module


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxSettings(Settings):
    plugin: ClassVar[str] = "fax"

    retries: int = setting(3, label="Retries")
    sender: str = setting("", label="Sender")
    price: Decimal = setting(Decimal(0), label="Price")
    password: str = secret(label="Password")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelexSettings(Settings):
    plugin: ClassVar[str] = "telex"

    answerback: str = setting(label="Answerback")


class Engine:
    key = "fax.tax"
    is_remote = False

    def __init__(self, ctx):
        pass

    def assess(self, queries):
        return []


class Second(Engine):
    key = "two_taxes.second"


class First(Engine):
    key = "two_taxes.first"


def register_settings():
    return FaxSettings


def register_tax_engines():
    return [Engine]


def with_telex_settings():
    return TelexSettings


def with_two_engines():
    return [First, Second]


with_telex_settings.__name__ = "register_settings"
with_two_engines.__name__ = "register_tax_engines"

MIGRATION = """
from billhook.sdk.migrations import *

revision = "0001"
down_revision = None


def upgrade():
    tenant_table("telegraph_wire", Column("id", Id, nullable=False))
"""

FAX = plugin_module("fax", register_settings, register_tax_engines)
TELEX = plugin_module("telex", with_telex_settings)
COVER = plugin_module("cover_sheets", depends=("fax",))
TWO = plugin_module("two_taxes", with_two_engines)


@pytest.fixture
def ctx(make_app) -> Iterator:
    """A tenant without any plugin, acting, in an application that has four."""
    with make_app(plugins=[FAX, TELEX, COVER, TWO]).app_context():
        open_tenant("shop", pack=())
        found = operator_context("shop")
        with found.acting():
            yield found


def audits(action: str) -> list[Audit]:
    query = select(Audit).where(Audit.action == action).order_by(Audit.id)
    return list(db.session.scalars(query))


def events() -> list[tuple[str, str]]:
    query = select(Outbox.name, Outbox.payload).where(Outbox.name.startswith("plugin."))
    return [(name, payload["plugin"]) for name, payload in db.session.execute(query)]


def fax(ctx) -> FaxSettings:
    inside = replace(ctx, tenant=replace(ctx.tenant, plugins=frozenset({"fax"})))
    return ctx.ports.settings.read(inside, FaxSettings)


# Switching


def test_every_switch_is_one_audit_row_and_one_event(ctx):
    plugins.enable(ctx, "fax")
    assert plugins.enable(ctx, "fax") == []  # is on: nothing happens
    plugins.disable(ctx, "fax")
    assert plugins.disable(ctx, "fax") == []
    (on,), (off,) = audits("plugin.enabled"), audits("plugin.disabled")
    assert (on.object_kind, on.object_id, on.details) == (
        "plugin",
        "fax",
        {"version": "1.0.0", "tax_engine": "fax.tax"},
    )
    assert off.object_id == "fax"
    assert events() == [("plugin.enabled", "fax"), ("plugin.disabled", "fax")]


def test_only_who_manages_plugins_switches_them(ctx):
    join("shop", "ada@shop.example")
    clerk = join("shop", "carl@shop.example", role="clerk").ctx
    acts = (
        lambda: plugins.enable(clerk, "fax"),
        lambda: plugins.disable(clerk, "fax"),
        lambda: plugins.read_settings(clerk, "fax"),
        lambda: plugins.change_settings(clerk, "fax", {"retries": "4"}),
        lambda: plugins.catalogue(clerk),
    )
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    assert activation.activations() == {}


def test_what_is_not_installed_cannot_be_enabled(ctx):
    with pytest.raises(
        PluginUnavailable, match=r"Install its distribution .* billhook-pigeon-post"
    ):
        plugins.enable(ctx, "pigeon_post")


def test_a_plugin_waits_for_those_it_depends_on(ctx):
    with pytest.raises(ValidationFailed, match="billhook plugin enable fax") as refused:
        plugins.enable(ctx, "cover_sheets")
    assert [problem.code for problem in refused.value.problems] == ["plugin.dependency_disabled"]
    plugins.enable(ctx, "fax")
    plugins.enable(ctx, "cover_sheets")
    assert activation.enabled(ctx.tenant.id) == {"fax", "cover_sheets"}


def test_a_plugin_that_others_need_stays_on(ctx):
    plugins.enable(ctx, "fax")
    plugins.enable(ctx, "cover_sheets")
    with pytest.raises(ValidationFailed, match="billhook plugin disable cover_sheets"):
        plugins.disable(ctx, "fax")
    plugins.disable(ctx, "cover_sheets")
    plugins.disable(ctx, "fax")
    assert activation.enabled(ctx.tenant.id) == frozenset()


def test_a_plugin_that_lacks_a_setting_is_not_enabled_before_it_has_it(ctx):
    with pytest.raises(ValidationFailed, match="billhook plugin settings telex answerback="):
        plugins.enable(ctx, "telex")
    plugins.change_settings(ctx, "telex", {"answerback": "4711 shop d"})
    plugins.enable(ctx, "telex")
    assert activation.enabled(ctx.tenant.id) == {"telex"}


def test_a_plugin_whose_tables_are_not_there_is_not_enabled(make_app, config, tmp_path):
    telegraph = plugin_module("telegraph")
    telegraph.__file__ = str(tmp_path / "plugin.py")
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "versions" / "0001_first.py").write_text(MIGRATION)
    with make_app(plugins=[telegraph]).app_context():
        ctx = open_tenant("shop", pack=())
        with ctx.acting():
            with pytest.raises(ValidationFailed, match="billhook db upgrade"):
                plugins.enable(ctx, "telegraph")
            (entry,) = plugins.catalogue(ctx)
            assert [problem.code for problem in entry.health] == ["plugin.tables_old"]
            db.session.remove()
            upgrade_all(config, [telegraph])
            assert plugins.enable(ctx, "telegraph") == []
            assert plugins.catalogue(ctx)[0].health == ()


def test_a_tenant_without_a_tax_engine_takes_the_only_one_of_a_plugin(ctx):
    plugins.enable(ctx, "two_taxes")
    assert operator_context("shop").tenant.tax_engine == ""  # two: somebody has to choose
    plugins.enable(ctx, "fax")
    assert operator_context("shop").tenant.tax_engine == "fax.tax"


def test_a_tenant_keeps_the_tax_engine_that_it_chose(ctx):
    plugins.enable(ctx, "two_taxes")
    chosen = company.TenantChange(tax_engine="two_taxes.second")
    company.change(operator_context("shop"), chosen)
    plugins.enable(ctx, "fax")
    assert operator_context("shop").tenant.tax_engine == "two_taxes.second"


def test_switching_the_tax_engine_off_says_what_follows_and_forgets_nothing(ctx):
    plugins.enable(ctx, "fax")
    (warning,) = plugins.disable(ctx, "fax")
    assert warning.code == "plugin.tax_engine_disabled"
    assert "billhook tenant set --tax-engine" in warning.message
    assert operator_context("shop").tenant.tax_engine == "fax.tax"


def test_switches_at_the_same_time_leave_no_plugin_without_what_it_needs(ctx):
    app = current_app._get_current_object()
    plugins.enable(ctx, "fax")

    def act(switch, name):
        with app.app_context():
            mine = operator_context("shop")
            with mine.acting(), suppress(ValidationFailed):
                switch(mine, name)

    with ThreadPoolExecutor(2) as pool:
        for _round in range(5):
            db.session.rollback()
            on = pool.submit(act, plugins.enable, "cover_sheets")
            off = pool.submit(act, plugins.disable, "fax")
            on.result(), off.result()
            db.session.rollback()
            enabled = activation.enabled(ctx.tenant.id)
            assert "cover_sheets" not in enabled or "fax" in enabled
            for name in ("cover_sheets", "fax"):
                plugins.disable(ctx, name)
            plugins.enable(ctx, "fax")


def test_prices_that_stay_behind_are_counted(app):
    ctx = open_tenant("shop")
    with ctx.acting():
        products.save(ctx, products.ProductInput(sku="FEE", name="Fee"))
        price = products.PriceInput(
            sku="FEE", model="pricing_standard.flat", parameters={"amount": "49"}
        )
        products.add_price(ctx, price)
        (warning,) = plugins.disable(ctx, "pricing_standard")
    assert warning.code == "plugin.prices_disabled"
    assert warning.message.startswith("1 price is of its models.")


def test_one_tenant_s_switch_is_not_another_s(ctx):
    plugins.enable(ctx, "fax")
    other = open_tenant("other", pack=())
    assert other.tenant.plugins == frozenset()
    with tenant_scope(None), other.acting():
        plugins.disable(other, "fax")
    assert activation.enabled(ctx.tenant.id) == {"fax"}


def test_the_catalogue_says_what_there_is_and_who_switched_it(ctx):
    ada = join("shop", "ada@shop.example")
    plugins.enable(ada.ctx, "fax")
    found = {entry.name: entry for entry in plugins.catalogue(ctx)}
    assert list(found) == ["cover_sheets", "fax", "telex", "two_taxes"]
    one = found["fax"]
    assert (one.state, one.version, one.families, one.hooks) == (
        "enabled",
        "1.0.0",
        ("tax engine",),
        ("register_settings", "register_tax_engines"),
    )
    assert (one.changed_by, one.changed_by_name) == (ada.person_id, "ada")
    assert one.changed_at is not None
    assert found["cover_sheets"].depends == ("fax",)
    assert (found["telex"].state, found["telex"].changed_at) == ("available", None)


def test_the_catalogue_shows_that_an_enabled_plugin_cannot_be_used(ctx, monkeypatch):
    plugins.enable(ctx, "fax")
    monkeypatch.setenv("BILLHOOK_FAX_RETRIES", "many")
    (one,) = (entry for entry in plugins.catalogue(ctx) if entry.name == "fax")
    assert [problem.code for problem in one.health] == ["setting.malformed"]


# Settings


def test_settings_are_kept_as_texts_and_read_as_values(ctx):
    plugins.change_settings(ctx, "fax", {"retries": "5", "price": "0.10", "sender": "Zoë"})
    assert fax(ctx) == FaxSettings(retries=5, price=Decimal("0.1"), sender="Zoë")
    row = db.session.scalars(select(PluginSetting)).one()
    assert (row.values, row.version) == ({"retries": "5", "price": "0.1", "sender": "Zoë"}, 1)


def test_none_takes_a_setting_back_to_its_default(ctx):
    plugins.change_settings(ctx, "fax", {"retries": "5", "sender": "Zoë"})
    plugins.change_settings(ctx, "fax", {"retries": None})
    assert fax(ctx) == FaxSettings(sender="Zoë")


def test_every_change_is_noted_without_secrets_and_free_texts(ctx):
    plugins.change_settings(
        ctx, "fax", {"retries": "5", "sender": "Zoë Doe", "password": "hunter2"}
    )
    plugins.change_settings(ctx, "fax", {"retries": None, "password": ""})
    first, second = audits("plugin.settings_changed")
    assert first.details == {"retries": "3 → 5", "sender": "set", "password": "set"}
    assert second.details == {"retries": "5 → 3", "password": "removed"}


def test_nothing_is_noted_where_nothing_changes(ctx):
    plugins.change_settings(ctx, "fax", {"retries": "5"})
    plugins.change_settings(ctx, "fax", {"retries": "5", "sender": None, "password": ""})
    assert len(audits("plugin.settings_changed")) == 1


def test_bad_values_are_refused_together_and_none_is_kept(ctx):
    with pytest.raises(ValidationFailed) as refused:
        plugins.change_settings(ctx, "fax", {"retries": "many", "speed": "9600", "sender": "x"})
    assert [(problem.code, problem.path) for problem in refused.value.problems] == [
        ("setting.malformed", "retries"),
        ("setting.unknown", "speed"),
    ]
    assert fax(ctx) == FaxSettings()
    assert audits("plugin.settings_changed") == []


def test_what_the_environment_holds_is_shown_as_such_and_not_changed(ctx, monkeypatch):
    monkeypatch.setenv("BILLHOOK_FAX_RETRIES", "7")
    monkeypatch.setenv("BILLHOOK_FAX_PASSWORD", "hunter2")
    found = {entry.name: entry for entry in plugins.read_settings(ctx, "fax")}
    retries, password = found["retries"], found["password"]
    assert (retries.value, retries.source, retries.variable) == (
        "7",
        "environment",
        "BILLHOOK_FAX_RETRIES",
    )
    assert (password.value, password.is_set, password.source) == ("", True, "environment")
    assert fax(ctx).password == "hunter2"
    with pytest.raises(ValidationFailed, match="BILLHOOK_FAX_RETRIES"):
        plugins.change_settings(ctx, "fax", {"retries": "5"})


def test_settings_are_shown_with_their_source_and_secrets_never(ctx):
    plugins.change_settings(ctx, "fax", {"retries": "5", "password": "hunter2"})
    found = plugins.read_settings(ctx, "fax")
    assert [(entry.name, entry.value, entry.source, entry.is_set) for entry in found] == [
        ("retries", "5", "stored", True),
        ("sender", "", "default", False),
        ("price", "0", "default", False),
        ("password", "", "stored", True),
    ]
    assert "hunter2" not in repr(found)


def test_a_plugin_without_settings_says_so(ctx):
    with pytest.raises(PluginUnavailable, match="has no settings"):
        plugins.read_settings(ctx, "two_taxes")


# Secrets


def test_a_secret_reaches_its_plugin_alone_and_is_sealed_at_rest(ctx):
    plugins.change_settings(ctx, "fax", {"password": "hunter2"})
    assert fax(ctx).password == "hunter2"
    row = db.session.scalars(select(Secret)).one()
    assert (row.plugin, row.name) == ("fax", "password")
    assert b"hunter2" not in row.sealed


def test_an_empty_secret_is_removed(ctx):
    plugins.change_settings(ctx, "fax", {"password": "hunter2"})
    plugins.change_settings(ctx, "fax", {"password": ""})
    assert fax(ctx).password == ""
    assert db.session.scalars(select(Secret)).all() == []


def test_a_sealed_value_does_not_open_in_another_place(ctx):
    plugins.change_settings(ctx, "fax", {"password": "hunter2"})
    sealed = db.session.scalars(select(Secret.sealed)).one()
    other = open_tenant("other", pack=("fax",))
    with tenant_scope(None), other.acting(), other.transaction() as session:
        session.add(Secret(plugin="fax", name="password", sealed=sealed, changed_at=ctx.now()))
    with tenant_scope(None), other.acting(), pytest.raises(SecretUnreadable):
        other.ports.settings.read(other, FaxSettings)


def test_a_lost_key_is_an_error_until_the_secret_is_entered_again(make_app, config):
    with make_app(plugins=[FAX]).app_context():
        ctx = open_tenant("shop", pack=("fax",))
        with ctx.acting():
            plugins.change_settings(ctx, "fax", {"password": "hunter2"})
    other_key = replace(config, secret_keys=(Fernet.generate_key().decode(),))
    with make_app(other_key, plugins=[FAX]).app_context():
        ctx = operator_context("shop")
        with ctx.acting():
            with pytest.raises(SecretUnreadable, match="BILLHOOK_SECRET_KEYS"):
                fax(ctx)
            plugins.change_settings(ctx, "fax", {"password": "hunter3"})
            assert fax(ctx).password == "hunter3"


def test_rotation_reseals_the_secrets_of_all_tenants_with_the_first_key(make_app, config):
    old, new = config.secret_keys[0], Fernet.generate_key().decode()

    def passwords(*keys: str) -> list[str]:
        with make_app(replace(config, secret_keys=keys), plugins=[FAX]).app_context():
            found = []
            for slug in ("one", "two"):
                ctx = operator_context(slug)
                found.append(ctx.ports.settings.read(ctx, FaxSettings).password)
            return found

    with make_app(plugins=[FAX]).app_context():
        for slug in ("one", "two"):
            ctx = open_tenant(slug, pack=("fax",))
            with ctx.acting():
                plugins.change_settings(ctx, "fax", {"password": f"{slug}'s"})
    with make_app(replace(config, secret_keys=(new, old)), plugins=[FAX]).app_context():
        rotation = plugins.rotate_secrets()
        assert (rotation.tenants, rotation.secrets, rotation.unreadable) == (2, 2, ())
        with operator_context("two").acting():
            assert [row.details for row in audits("secrets.rotated")] == [{"secrets": "1"}]
    assert passwords(new) == ["one's", "two's"]
    with pytest.raises(SecretUnreadable):
        passwords(old)


def test_rotation_goes_on_past_a_secret_that_no_key_opens_and_names_it(make_app, config):
    new = Fernet.generate_key().decode()
    with make_app(plugins=[FAX]).app_context():
        for slug in ("one", "two"):
            ctx = open_tenant(slug, pack=("fax",))
            with ctx.acting():
                plugins.change_settings(ctx, "fax", {"password": slug})
        with operator_context("one").acting(), ctx.transaction() as session:
            session.scalars(select(Secret)).one().sealed = b"garbage"
        rotation = plugins.rotate_secrets()
        assert (rotation.secrets, [each.path for each in rotation.unreadable]) == (1, ["one"])
    with make_app(replace(config, secret_keys=(new,)), plugins=[FAX]).app_context():
        assert len(plugins.rotate_secrets().unreadable) == 2


def test_no_secret_is_left_in_the_database(ctx):
    plugins.change_settings(ctx, "fax", {"password": "correct horse"})
    plugins.change_settings(ctx, "fax", {"password": "battery staple"})
    tables = ("audit", "outbox", "plugin_setting", "secret", "plugin_state")
    for table in tables:
        rows = db.session.execute(
            text(f"SELECT * FROM {table} WHERE tenant_id = :tenant"),
            {
                "tenant": ctx.tenant.id.bytes
                if db.engine.dialect.name == "sqlite"
                else ctx.tenant.id
            },
        )
        found = repr([tuple(map(bytes_as_text, row)) for row in rows])
        assert "horse" not in found
        assert "staple" not in found


def bytes_as_text(value: object) -> object:
    return value.decode("latin-1") if isinstance(value, bytes) else value
