"""Forms over things that others change, too: what was saved meanwhile is shown, not lost."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_wtf import FlaskForm
from wtforms import HiddenField

from billhook.i18n import gettext as _
from billhook.problems import Problem


class VersionedForm(FlaskForm):  # type: ignore[misc]
    """A form that remembers which version it was filled from."""

    version = HiddenField()

    def read_version(self) -> int:
        """Return the version that was changed; one that nobody has where it was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """A field that somebody else saved with another value than what was typed."""

    label: str
    saved: str


def keep_typed(form: VersionedForm, stored: Mapping[str, object], version: int) -> list[Meanwhile]:
    """Let the form be saved over a newer version, and return where the two differ.

    `stored` are the values of the form's fields as they were saved meanwhile.
    """
    form.version.data = form.version.raw_data = str(version)
    form.form_errors.append(
        _(
            "Somebody else saved this while you were typing. What you typed is still here. "
            "Compare it with what was saved, then save again."
        )
    )
    return [
        Meanwhile(label=str(form[name].label.text), saved=_shown(form, name, value))
        for name, value in stored.items()
        if name in form and _plain(form[name].data) != _plain(value)
    ]


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return sorted(str(one) for one in value)
    return "" if value is None else str(value)


def _shown(form: VersionedForm, name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    chosen = {str(one) for one in value} if isinstance(value, list | tuple) else {str(value)}
    choices = getattr(form[name], "choices", None)
    if choices:
        words = [str(label) for key, label, *_rest in choices if str(key) in chosen]
        return ", ".join(words) or _("nothing")
    return str(value or "") or _("nothing")


def with_path(problems: tuple[Problem, ...], **renamed: str) -> list[Problem]:
    """Return problems under the names that a form has for their paths."""
    return [
        Problem(
            code=one.code,
            message=one.message,
            path=renamed.get(one.path, one.path),
            severity=one.severity,
        )
        for one in problems
    ]
