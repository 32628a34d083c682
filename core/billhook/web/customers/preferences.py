"""How a customer wants documents: by which channels, in which formats, in which tone."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.plugins.registries import CHANNELS, DOCUMENT_FORMATS
from billhook.plugins.runtime import relay
from billhook.services import brands, customers
from billhook.services import preferences as service
from billhook.services.preferences import NONE, PreferenceChange
from billhook.services.provider_names import provider_choices
from billhook.web.access import context, requires
from billhook.web.customers.forms import PreferencesForm
from billhook.web.customers.rooms import blueprint, page

_BY_CHANNEL = "by-"
"""What the names of inputs of single channels begin with."""


@blueprint.get("/<uuid:customer_id>/sending")
@requires("customers.view")
def preferences_of(customer_id: UUID) -> str:
    """Show how a customer wants documents."""
    stored = service.chosen(context(), customer_id)
    form = PreferencesForm(
        brand=stored.brand,
        tone=stored.tone,
        own_channels="own" if stored.channels else "",
        channels=_keys(stored.channels),
        own_formats="own" if stored.formats else "",
        formats=_keys(stored.formats),
    )
    return _page(customer_id, form, dict(stored.by_channel or {}))


@blueprint.post("/<uuid:customer_id>/sending")
@requires("customers.edit")
def save_preferences(customer_id: UUID) -> Response | tuple[str, int]:
    """Change how a customer wants documents."""
    ctx = context()
    reference = customers.by_id(ctx, customer_id).reference
    form = PreferencesForm()
    by_channel = _by_channel()
    try:
        if form.validate():
            service.save(ctx, reference, _change(form, by_channel))
            flash(_("Saved. Documents from now on go out like this."))
            address = url_for(".preferences_of", customer_id=customer_id)
            return redirect(address, HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    return _page(customer_id, form, by_channel), HTTPStatus.UNPROCESSABLE_ENTITY


def _change(form: PreferencesForm, by_channel: dict[str, str]) -> PreferenceChange:
    return PreferenceChange(
        brand=form.brand.data or "",
        tone=form.tone.data or "",
        channels=_text(form.own_channels.data, form.channels.data),
        formats=_text(form.own_formats.data, form.formats.data),
        by_channel=by_channel,
    )


def _by_channel() -> dict[str, str]:
    """Return what was chosen for single channels: usual, none, or the keys of formats."""
    return {
        name.removeprefix(_BY_CHANNEL): _text(own, request.form.getlist(f"formats-{name}"))
        for name, own in request.form.items()
        if name.startswith(_BY_CHANNEL)
    }


def _text(own: str | None, keys: list[str] | None) -> str:
    return (",".join(keys or []) or NONE) if own == "own" else ""


def _keys(text: str | None) -> list[str]:
    return [] if not text or text == NONE else text.split(",")


def _page(customer_id: UUID, form: PreferencesForm, by_channel: dict[str, str]) -> str:
    ctx = context()
    way = relay(ctx)
    channels = provider_choices(ctx, list(way.keys(CHANNELS)))
    formats = provider_choices(ctx, list(way.keys(DOCUMENT_FORMATS)))
    form.choose(
        brands=[(one.code, one.name) for one in brands.listing(ctx)] if _sees_brands() else [],
        channels=channels,
        formats=formats,
    )
    return page(
        "customers/preferences.html",
        customer_id,
        form=form,
        channels=channels,
        formats=formats,
        by_channel={key: _keys(text) for key, text in by_channel.items() if text},
        holds=service.of_customer(ctx, customer_id),
        names=dict([*channels, *formats]),
    )


def _sees_brands() -> bool:
    ctx = context()
    return ctx.permissions is None or "brands.view" in ctx.permissions
