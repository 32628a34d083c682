"""What plugins register is there for tenants that enabled them, and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import click
import pytest

from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PriceVersion
from billhook.domain.tax import (
    TaxAnswer,
    TaxComponent,
    TaxLine,
    TaxQuery,
    TaxSituation,
    TaxTreatment,
)
from billhook.errors import PluginUnavailable
from billhook.ids import new_id
from billhook.plugins.registries import PRICING_MODELS, TAX_ENGINES
from billhook.plugins.runtime import relay
from billhook.sdk.permissions import Permission
from billhook.sdk.settings import Settings, setting
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.testing.members import join
from billhook.testing.plugins import plugin_module


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxSettings(Settings):
    plugin: ClassVar[str] = "fax"
    retries: int = setting(3, label="Retries")


class Doubled:
    key = "fax.doubled"

    def __init__(self, ctx):
        pass

    def parameter_problems(self, parameters):
        return []

    def price(self, queries: Sequence[PriceQuery]):
        return [
            PriceAnswer(parts=(PricePart(quantity=query.quantity * 2, unit_price=Decimal(1)),))
            for query in queries
        ]


class Tithe:
    key = "fax.tithe"
    is_remote = False
    treatment = TaxTreatment(
        components=(TaxComponent(tax="VAT", country="GB", rate=Decimal(10)),), category="S"
    )

    def __init__(self, ctx):
        pass

    def assess(self, queries):
        return [TaxAnswer(treatments=(self.treatment,) * len(query.lines)) for query in queries]


def test_register_settings(tenant_with):
    def register_settings():
        return FaxSettings

    ctx = tenant_with(plugin_module("fax", register_settings))
    assert ctx.ports.settings.read(ctx, FaxSettings) == FaxSettings(retries=3)
    plugins.change_settings(ctx, "fax", {"retries": "5"})
    assert ctx.ports.settings.read(ctx, FaxSettings) == FaxSettings(retries=5)
    plugins.disable(ctx, "fax")
    with pytest.raises(PluginUnavailable, match="not enabled"):
        ctx.ports.settings.read(operator_context("shop"), FaxSettings)


def test_register_permissions(tenant_with):
    def register_permissions():
        return [Permission("fax.send", "Send faxes")]

    ctx = tenant_with(plugin_module("fax", register_permissions))
    ada = join("shop", "ada@shop.example")
    assert "fax.send" in ada.ctx.permissions
    plugins.disable(ctx, "fax")
    assert "fax.send" not in ada.ctx.permissions


def test_register_commands(tenant_with):
    @click.command()
    def redial():
        pass

    def register_commands():
        return [redial]

    ctx = tenant_with(plugin_module("fax", register_commands))
    assert relay(ctx).commands() == {"fax": (redial,)}
    plugins.disable(ctx, "fax")
    assert relay(operator_context("shop")).commands() == {}


def test_register_pricing_models(tenant_with):
    def register_pricing_models():
        return [Doubled]

    ctx = tenant_with(plugin_module("fax", register_pricing_models))
    price = PriceVersion(id=new_id(), model="fax.doubled", currency="GBP", parameters={})
    query = PriceQuery(price=price, quantity=Decimal(3))
    (answer,) = relay(ctx).pricing_model("fax.doubled", ctx).price([query])
    assert [part.quantity for part in answer.parts] == [6]
    plugins.disable(ctx, "fax")
    after = operator_context("shop")
    assert relay(after).keys(PRICING_MODELS) == []
    with pytest.raises(PluginUnavailable, match="billhook plugin enable fax"):
        relay(after).pricing_model("fax.doubled", after)


def test_register_tax_engines(tenant_with):
    def register_tax_engines():
        return [Tithe]

    ctx = tenant_with(plugin_module("fax", register_tax_engines))
    assert ctx.tenant.tax_engine == "fax.tithe"  # the only one: nobody has to choose
    situation = TaxSituation(
        seller_country="GB", registrations=(), buyer_country="GB", delivery_country="GB"
    )
    lines = (TaxLine(ctx.tenant.supplies, "standard", ctx.today()),)
    query = TaxQuery(situation=situation, lines=lines)
    (answer,) = relay(ctx).tax_engine("fax.tithe", ctx).assess([query])
    assert answer.treatments == (Tithe.treatment,)
    plugins.disable(ctx, "fax")
    after = operator_context("shop")
    assert relay(after).keys(TAX_ENGINES) == []
    with pytest.raises(PluginUnavailable, match="billhook plugin enable fax"):
        relay(after).tax_engine("fax.tithe", after)


def test_a_key_that_a_plugin_does_not_have_is_answered_with_those_it_has(tenant_with):
    def register_tax_engines():
        return [Tithe]

    ctx = tenant_with(plugin_module("fax", register_tax_engines))
    with pytest.raises(PluginUnavailable, match=r"no tax engine “fax.x”\. It has fax\.tithe"):
        relay(ctx).tax_engine("fax.x", ctx)
    with pytest.raises(PluginUnavailable, match="is not installed"):
        relay(ctx).tax_engine("telex.x", ctx)
