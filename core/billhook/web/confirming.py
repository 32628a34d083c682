"""Asking before something is done: one page, which opens in a dialog where scripts run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flask import render_template
from flask_wtf import FlaskForm

from billhook.forms import ButtonForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: what will happen, by which button, and where one goes back to."""

    title: str
    label: str
    """What the button says: the act itself, never “OK”."""
    act: str
    """Where the form is sent."""
    back: str
    text: str = ""
    details: Sequence[str] = ()
    warnings: Sequence[str] = ()
    tone: Literal["plain", "danger"] = "plain"


def ask(question: Question, form: FlaskForm | None = None) -> str:
    """Return the page that asks, with the form's own fields, such as a reason."""
    return render_template(
        "confirm.html",
        title=question.title,
        text=question.text,
        details=question.details,
        warnings=question.warnings,
        act=question.act,
        label=question.label,
        tone=question.tone,
        back=question.back,
        form=form or ButtonForm(),
    )
