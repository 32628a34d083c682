"""What the forms of all pages share, people's and clients'."""

from collections.abc import Sequence

from flask_wtf import FlaskForm

from billhook.problems import Problem


class ButtonForm(FlaskForm):  # type: ignore[misc]
    """A button alone: nothing but the token that proves where the form came from."""


def show(form: FlaskForm, problems: Sequence[Problem]) -> None:
    """Put each problem to its field, or to the form."""
    for problem in problems:
        field = form._fields.get(problem.path)
        (field.errors if field else form.form_errors).append(problem.message)
