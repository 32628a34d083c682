"""The form of a product."""

from flask import request
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from billhook import limits
from billhook.domain.states import Supply
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import own_fields
from billhook.services.products import PIECE, ProductEntry, ProductInput
from billhook.web.labels import label
from billhook.web.versions import VersionedForm

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ProductForm(VersionedForm):
    """What is said of a product; its own fields stand beside the form."""

    sku = StringField(_("SKU"), validators=[Length(max=limits.CODE)], render_kw=_PLAIN)
    name = StringField(
        _("Name"), validators=[InputRequired(_("Give it a name: documents print it."))]
    )
    description = TextAreaField(_("Description"), render_kw={"rows": "2"})
    unit = StringField(_("Unit"), default=PIECE, render_kw=_PLAIN)
    supply = SelectField(_("What it is"), validators=[Optional()])
    tax_category = StringField(
        _("Tax category"), default="standard", render_kw={**_PLAIN, "list": "tax-categories"}
    )
    revenue_account = StringField(_("Revenue account"), render_kw=_PLAIN)
    is_active = BooleanField(_("It is sold"), default=True)

    @classmethod
    def of(cls, ctx: Context, entry: ProductEntry | None = None) -> "ProductForm":
        """Return the form as it was sent, or filled in with what is stored."""
        form = cls(version=str(entry.version), **stored(entry)) if entry else cls()
        usual = _("As usual: %(supply)s", supply=label(ctx.tenant.supplies))
        form.supply.choices = [("", usual), *((one.value, label(one)) for one in Supply)]
        return form

    def product(self) -> ProductInput:
        """Return what was typed."""
        return ProductInput(
            sku=self.sku.data or "",
            name=self.name.data or "",
            description=self.description.data or "",
            unit=self.unit.data or "",
            supply=self.supply.data or "",
            tax_category=self.tax_category.data or "",
            revenue_account=self.revenue_account.data or "",
            is_active="yes" if self.is_active.data else "no",
            fields=own_fields.sent(request.form),
        )


def stored(entry: ProductEntry) -> dict[str, object]:
    """Return what is stored, by the form's fields."""
    return {
        "sku": entry.sku,
        "name": entry.name,
        "description": entry.description,
        "unit": entry.unit,
        "supply": entry.supply.value if entry.supply else "",
        "tax_category": entry.tax_category,
        "revenue_account": entry.revenue_account,
        "is_active": entry.is_active,
    }
