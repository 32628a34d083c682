"""Settings of plugins as people see and change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billhook import limits
from billhook.db import current_tenant_id, db
from billhook.errors import BillhookError, Conflict, PluginUnavailable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.plugins import PluginSetting
from billhook.models.tenants import Tenant
from billhook.plugins import activation, secrets, settings
from billhook.plugins.admission import InstalledPlugin
from billhook.plugins.runtime import runtime
from billhook.plugins.settings import Field
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.settings import Settings
from billhook.services import audit, second_factor
from billhook.services.contexts import operator_context
from billhook.services.portal import factors as client_factors
from billhook.services.webhooks import sealing as webhook_secrets

Source = Literal["default", "stored", "environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingEntry:
    """One setting as a person sees it."""

    field: Field
    value: str
    """Its text; always empty for a secret."""
    is_set: bool
    source: Source

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def label(self) -> str:
        return str(self.field.text.label)

    @property
    def hint(self) -> str:
        return str(self.field.text.hint)

    @property
    def variable(self) -> str:
        """The environment variable that holds it, and so keeps people from changing it."""
        return settings.fixed_by(self.field)


def read_settings(ctx: Context, plugin: str) -> list[SettingEntry]:
    """List a plugin's settings, but for the values of secrets. Raises PluginUnavailable."""
    ctx.require("plugins.manage")
    stored, sealed = settings.stored(plugin), secrets.names(plugin)
    return [_entry(field, stored, sealed) for field in _fields(plugin)]


def _entry(field: Field, stored: Mapping[str, str], sealed: frozenset[str]) -> SettingEntry:
    source: Source = "default"
    text = settings.text_of(field.default)
    if field.name in stored or field.name in sealed:
        source, text = "stored", stored.get(field.name, "")
    if settings.fixed_by(field):
        source = "environment"
        text = "" if field.is_secret else settings.from_environment(field) or ""
    return SettingEntry(
        field=field,
        value="" if field.is_secret else text,
        is_set=source != "default",
        source=source,
    )


def has_settings(plugin: str) -> bool:
    """Tell whether there is anything to set up about a plugin that is installed."""
    installed = runtime().host.installed.get(plugin)
    return installed is not None and installed.registered.settings is not None


def settings_version(ctx: Context, plugin: str) -> int:
    """Return the version of the stored settings, for `change_settings` to compare; 0 for none."""
    ctx.require("plugins.manage")
    row = db.session.scalar(select(PluginSetting.version).where(PluginSetting.plugin == plugin))
    return row or 0


def change_settings(
    ctx: Context,
    plugin: str,
    values: Mapping[str, str | None],
    *,
    version: int | None = None,
) -> list[Problem]:
    """Change settings from texts, and return warnings; None takes one back to its default.

    A plugin can be set up before it is enabled: values that it still lacks are then
    no error. Nothing is noted where nothing changes.

    Raises ValidationFailed, PluginUnavailable, Conflict where the stored settings are not
    of the version any more.
    """
    ctx.require("plugins.manage")
    kind, fields = _kind(plugin), {field.name: field for field in _fields(plugin)}
    texts = _read(plugin, fields, values)
    with ctx.transaction() as session:
        lock_tenant(session, ctx)
        if version is not None and version != settings_version(ctx, plugin):
            raise Conflict(
                _("Somebody changed these settings meanwhile. Look at them again, then save.")
            )
        is_enabled = plugin in activation.enabled(ctx.tenant.id)
        before = settings.stored(plugin)
        known = before | secrets.opened(plugin, runtime().config.secret_keys, but=texts)
        after = {name: text for name, text in {**known, **texts}.items() if text is not None}
        found = settings.typed(kind, after)[1]
        if not is_enabled:
            found = [problem for problem in found if problem.code != "setting.missing"]
        if errors(found):
            raise ValidationFailed(found)
        sealed = secrets.names(plugin)
        changed = [
            name for name in texts if _is_changed(fields[name], before, sealed, texts[name])
        ]
        if changed:
            _store(ctx, plugin, fields, {name: texts[name] for name in changed}, before)
            told = {name: _told(fields[name], before, texts[name]) for name in sorted(changed)}
            audit.record(ctx, "plugin.settings_changed", "plugin", plugin, **told)
        session.flush()
    return found


def _kind(plugin: str) -> type[Settings]:
    host = runtime().host
    if plugin not in host.installed:
        raise PluginUnavailable(host.absence(plugin))
    kind = host.installed[plugin].registered.settings
    if kind is None:
        raise PluginUnavailable(_("The plugin “%(plugin)s” has no settings.", plugin=plugin))
    return kind


def _fields(plugin: str) -> tuple[Field, ...]:
    return settings.fields_of(_kind(plugin))


def _read(
    plugin: str, fields: Mapping[str, Field], values: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return canonical texts. Raises ValidationFailed with every problem found."""
    problems: list[Problem] = []
    texts: dict[str, str | None] = {}
    for name, text in values.items():
        if name not in fields:
            problems.append(_unknown(plugin, name, fields))
        elif variable := settings.fixed_by(fields[name]):
            problems.append(_fixed(name, variable))
        elif text is None:
            texts[name] = None
        else:
            try:
                texts[name] = settings.text_of(settings.parse(fields[name], text))
            except ValidationFailed as failed:
                problems += failed.problems
    if sum(len(text or "") for text in texts.values()) > limits.SETTINGS_BYTES:
        problems.append(_too_much(plugin))
    if problems:
        raise ValidationFailed(problems)
    return texts


def _is_changed(
    field: Field, before: Mapping[str, str], sealed: frozenset[str], text: str | None
) -> bool:
    """A secret that is given counts as changed: whether it is another stays unsaid."""
    if field.is_secret:
        return bool(text) or field.name in sealed
    return before.get(field.name) != text


def _told(field: Field, before: Mapping[str, str], text: str | None) -> str:
    """Write for the audit log what changed: no secret, and no free text, which can name somebody."""
    if field.is_secret or field.kind is str:
        return "removed" if not text else "set"
    default = settings.text_of(field.default)
    return f"{before.get(field.name, default)} → {default if text is None else text}"


def _store(
    ctx: Context,
    plugin: str,
    fields: Mapping[str, Field],
    texts: Mapping[str, str | None],
    before: Mapping[str, str],
) -> None:
    keys = runtime().config.secret_keys
    plain = {name: text for name, text in texts.items() if not fields[name].is_secret}
    for name in texts.keys() - plain.keys():
        secrets.keep(plugin, name, texts[name] or "", keys=keys, at=ctx.now())
    if not plain:
        return
    after = {name: text for name, text in {**before, **plain}.items() if text is not None}
    row = db.session.get(PluginSetting, (current_tenant_id(), plugin))
    if row is None:
        db.session.add(
            PluginSetting(tenant_id=current_tenant_id(), plugin=plugin, values=after, version=1)
        )
    else:
        row.values, row.version = after, row.version + 1


def setting_problems(ctx: Context, plugin: InstalledPlugin) -> list[Problem]:
    """Tell what keeps a plugin's settings from being used, secrets that do not open included."""
    kind = plugin.registered.settings
    if kind is None:
        return []
    try:
        texts = settings.stored(plugin.name) | secrets.opened(
            plugin.name, runtime().config.secret_keys
        )
    except secrets.SecretUnreadable as error:
        return [Problem(code=error.code, path=plugin.name, message=error.message)]
    return settings.typed(kind, texts)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What became of the secrets of all tenants."""

    tenants: int
    secrets: int
    unreadable: tuple[Problem, ...]
    """Secrets that no key opens, which stay as they are; `path` is the tenant's slug, or the person's id."""


def rotate_secrets() -> Rotation:
    """Seal every tenant's secrets with the first of the installation's keys.

    Tenant by tenant, each in a transaction of its own: it can be run again at any
    point. When it is through without anything unreadable, the old keys can go.
    """
    tenants, count = 0, 0
    unreadable: list[Problem] = []
    for slug in db.session.scalars(select(Tenant.slug).order_by(Tenant.slug)).all():
        ctx = operator_context(slug)
        with ctx.acting(), ctx.transaction():
            resealed, lost = _reseal(ctx)
            if resealed:
                audit.record(ctx, "secrets.rotated", "tenant", ctx.tenant.id, secrets=resealed)
        tenants += 1
        count += resealed
        unreadable += [
            Problem(code=error.code, path=slug, message=error.message) for error in lost
        ]
    resealed, unopened = second_factor.reseal()
    count += resealed
    unreadable += [
        Problem(code=error.code, path=str(person_id), message=error.message)
        for person_id, error in unopened
    ]
    return Rotation(tenants=tenants, secrets=count, unreadable=tuple(unreadable))


def _reseal(ctx: Context) -> tuple[int, list[BillhookError]]:
    """Seal what plugins, webhooks and clients' apps of the tenant keep anew, inside a transaction."""
    found = (
        secrets.reseal(runtime().config.secret_keys),
        webhook_secrets.reseal(),
        client_factors.reseal(ctx),
    )
    return sum(count for count, _lost in found), [one for _count, lost in found for one in lost]


def lock_tenant(session: Session, ctx: Context) -> Tenant:
    """Let one change of a tenant's plugins follow the other."""
    return session.scalars(
        select(Tenant)
        .where(Tenant.id == ctx.tenant.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _unknown(plugin: str, name: str, fields: Mapping[str, Field]) -> Problem:
    return Problem(
        code="setting.unknown",
        path=name[: limits.CODE],
        message=_(
            "The plugin “%(plugin)s” has no setting “%(name)s”. It has %(names)s.",
            plugin=plugin,
            name=name[: limits.CODE],
            names=", ".join(fields),
        ),
    )


def _fixed(name: str, variable: str) -> Problem:
    return Problem(
        code="setting.fixed",
        path=name,
        message=_(
            "“%(name)s” is set by the environment variable %(variable)s. The operator changes it "
            "there.",
            name=name,
            variable=variable,
        ),
    )


def _too_much(plugin: str) -> Problem:
    return Problem(
        code="setting.too_long",
        message=_(
            "The settings of “%(plugin)s” are too long together. At most %(most)s characters.",
            plugin=plugin,
            most=limits.SETTINGS_BYTES,
        ),
    )
