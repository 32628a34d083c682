"""Brands: how a tenant's documents and mails look, and from whom they come."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import and_, or_, select

from billhook import limits
from billhook.db import db
from billhook.domain.brands import BankAccount, Brand, LegalLink, Logo, Sender
from billhook.domain.publications import FileContent
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.brands import BrandRow
from billhook.models.deliveries import DeliveryPreference
from billhook.models.files import File
from billhook.plugins.themes import DEFAULT as DEFAULT_THEME
from billhook.plugins.theming import LOGO
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, files
from billhook.services.brand_changes import BrandInput, read_brand
from billhook.services.brand_pictures import EXTENSIONS, content_type, stored
from billhook.services.fields import Fields
from billhook.services.sets import insert_missing, one_of

DEFAULT = "default"
"""The code of the brand that each tenant begins with."""
DEFAULT_RENDERER = "render_pdf.xhtml2pdf"

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
FAVICON = "favicon"
"""The stem of the name of the file that holds it."""


def create_default(ctx: Context) -> None:
    """Give the tenant the brand that its customers see unless they have another.

    Inside a transaction. Leaves one that is there already.
    """
    party = ctx.tenant.party
    insert_missing(
        BrandRow,
        [
            {
                "tenant_id": ctx.tenant.id,
                "id": new_id(),
                "code": DEFAULT,
                "name": party.name,
                "theme": DEFAULT_THEME,
                "renderer": DEFAULT_RENDERER,
                "logo_file_id": None,
                "colours": {},
                "sender_name": "",
                "sender_email": "",
                "reply_to": "",
                "website": "",
                "legal_text": "",
                "font": "",
                "favicon_file_id": None,
                "legal_links": [],
                "bank_accounts": [],
                "is_default": True,
                "version": 1,
            }
        ],
    )


def listing(ctx: Context) -> list[Brand]:
    """Return all brands, by code."""
    ctx.require("brands.view")
    default_row(ctx)
    return [
        brand_of(ctx, row) for row in db.session.scalars(select(BrandRow).order_by(BrandRow.code))
    ]


def get(ctx: Context, code: str = "") -> Brand:
    """Return a brand by its code; without one the default. Raises NotFound."""
    ctx.require("brands.view")
    return brand_of(ctx, row_of(ctx, code))


def of_customers(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, Brand]:
    """Return each customer's brand: the chosen one, else the tenant's default."""
    rows = db.session.execute(
        select(DeliveryPreference.customer_id, BrandRow)
        .select_from(BrandRow)
        .outerjoin(
            DeliveryPreference,
            and_(
                DeliveryPreference.tenant_id == BrandRow.tenant_id,
                DeliveryPreference.brand_id == BrandRow.id,
                one_of(DeliveryPreference.customer_id, customer_ids),
            ),
        )
        .where(or_(DeliveryPreference.customer_id.is_not(None), BrandRow.is_default))
    ).all()
    chosen = {customer_id: brand_of(ctx, row) for customer_id, row in rows if customer_id}
    default_one = next((row for _id, row in rows if row.is_default), None)
    default = brand_of(ctx, default_one or default_row(ctx))
    return {customer_id: chosen.get(customer_id, default) for customer_id in customer_ids}


def of_ids(ctx: Context, brand_ids: Collection[UUID]) -> dict[UUID, Brand]:
    """Return the brands that are there, by id."""
    rows = db.session.scalars(select(BrandRow).where(one_of(BrandRow.id, brand_ids)))
    return {row.id: brand_of(ctx, row) for row in rows}


def logo(ctx: Context, brand: Brand) -> FileContent | None:
    """Return the brand's logo. Raises FileDamaged."""
    return picture(ctx, brand.logo) if brand.logo else None


def picture(ctx: Context, found: Logo) -> FileContent:
    """Return a picture of a brand, named as pages know its logo. Raises FileDamaged."""
    entry, content = files.stored(ctx, found.file_id)
    name = f"{LOGO}.{EXTENSIONS[entry.content_type]}"
    return FileContent(name=name, content_type=entry.content_type, content=content)


def pictures(ctx: Context, brand: Brand) -> Mapping[str, bytes]:
    """Return what the brand adds to a page's resources, by name."""
    found = logo(ctx, brand)
    return {found.name: found.content} if found else {}


def save(ctx: Context, given: BrandInput) -> Brand:
    """Change a brand, or make one of a new code.

    Documents that are issued from now on wear it; the files of issued ones stay.
    Raises ValidationFailed, FileDamaged, and Conflict where the brand is no longer of
    the version that was changed.
    """
    ctx.require("brands.manage")
    read = Fields()
    with ctx.transaction() as session:
        row = _row_to_change(ctx, given, read)
        values = read_brand(ctx, row, given, read)
        if read.problems:
            raise ValidationFailed(read.problems)
        is_new = row not in session
        _refuse_outdated(given, is_new=is_new, version=row.version)
        if given.is_default:
            default_row(ctx).is_default = False
            session.flush()  # before another takes its place
            row.is_default = True
        if given.logo is not None:
            values["logo_file_id"] = stored(ctx, LOGO, given.logo)
        if given.favicon is not None:
            values["favicon_file_id"] = stored(ctx, FAVICON, given.favicon)
        for name, value in values.items():
            setattr(row, name, value)
        row.version = 1 if is_new else row.version + 1
        session.add(row)
        session.flush()
        changed = " ".join(sorted(values)) or "is_default"
        audit.record(ctx, "brand.changed", "brand", row.id, code=row.code, fields=changed)
        return brand_of(ctx, row)


NEW = 0
"""The version of a brand that is not there yet: given, it never changes one that is."""


def _refuse_outdated(given: BrandInput, *, is_new: bool, version: int) -> None:
    """Raises Conflict, and ValidationFailed for a new brand whose code is taken."""
    if given.version is None:
        return
    if given.version == NEW and not is_new:
        message = _("There is a brand “%(code)s” already. Choose another code.", code=given.code)
        raise ValidationFailed([Problem(code="brand.code_taken", path="code", message=message)])
    if given.version != NEW and (is_new or given.version != version):
        raise Conflict(_("Somebody else changed this brand just now."))


def previewed(ctx: Context, given: BrandInput) -> tuple[Brand, Mapping[str, bytes]]:
    """Return a brand as a change would make it, with its pictures; writes nothing of it.

    What is wrong with the change is left as it stands, so that a preview goes on while
    somebody types. Raises NotFound, FileDamaged.
    """
    ctx.require("brands.view")
    code = "" if given.version == NEW else given.code
    row = row_of(ctx, code)
    read = Fields()
    values = read_brand(ctx, row, given, read)
    wrong = {problem.path.partition(".")[0] for problem in read.problems}
    stands = {column.key: getattr(row, column.key) for column in BrandRow.__table__.columns}
    told = {name: value for name, value in values.items() if name not in wrong}
    brand = brand_of(ctx, BrandRow(**stands | told))
    if given.logo is None or "logo" in wrong:
        return brand, pictures(ctx, brand)
    if not given.logo:
        return replace(brand, logo=None), {}
    return brand, {f"{LOGO}.{EXTENSIONS[content_type(given.logo)]}": given.logo}


def lock(ctx: Context) -> None:
    """Let one change of the tenant's brands and templates go on at a time, in a transaction."""
    default_row(ctx)
    db.session.execute(select(BrandRow.id).order_by(BrandRow.id).with_for_update())
    db.session.expire_all()  # what was read before the wait may have changed


def _row_to_change(ctx: Context, given: BrandInput, read: Fields) -> BrandRow:
    """Return the row of a code, locked; a new one like the default where the code is new."""
    lock(ctx)
    default = default_row(ctx)
    code = given.code.strip() or default.code
    wanted = select(BrandRow).where(BrandRow.code == code).with_for_update()
    row = db.session.scalar(wanted.execution_options(populate_existing=True))
    if row is not None:
        return row
    if not _CODE.fullmatch(code) or len(code) > limits.CODE:
        read.refuse(
            "code",
            "brand.code_malformed",
            _(
                "“%(code)s” cannot name a brand. Use small letters, digits and single hyphens, "
                "such as north-shop.",
                code=code[:40],
            ),
        )
    return _like(default, code, given.name or code)


def _like(default: BrandRow, code: str, name: str) -> BrandRow:
    """Return a row that begins as the default brand stands, without its colours and logo."""
    return BrandRow(
        tenant_id=default.tenant_id,
        id=new_id(),
        code=code,
        name=name,
        theme=default.theme,
        renderer=default.renderer,
        logo_file_id=None,
        colours={},
        sender_name=default.sender_name,
        sender_email=default.sender_email,
        reply_to="",
        website="",
        legal_text=default.legal_text,
        font=default.font,
        favicon_file_id=None,
        legal_links=list(default.legal_links),
        bank_accounts=list(default.bank_accounts),
        is_default=False,
        version=1,
    )


def default_row(ctx: Context) -> BrandRow:
    """Return the tenant's default brand; made now for a tenant that is older than brands."""
    wanted = select(BrandRow).where(BrandRow.is_default)
    row = db.session.scalar(wanted)
    if row is None:
        with ctx.transaction():
            create_default(ctx)
        row = db.session.scalars(wanted).one()
    return row


def row_of(ctx: Context, code: str) -> BrandRow:
    """Return a brand's row by its code; without one the default's. Raises NotFound."""
    if not code:
        return default_row(ctx)
    default_row(ctx)
    is_code = _CODE.fullmatch(code) and len(code) <= limits.CODE
    row = db.session.scalar(select(BrandRow).where(BrandRow.code == code)) if is_code else None
    if row is None:
        raise NotFound(_("brand"), code)
    return row


def brand_of(ctx: Context, row: BrandRow) -> Brand:
    """Return a row as a value. A brand without a sender speaks for the tenant."""
    own = ctx.tenant.party
    return Brand(
        id=row.id,
        code=row.code,
        name=row.name,
        theme=row.theme,
        renderer=row.renderer,
        sender=Sender(
            name=row.sender_name or own.name,
            email=row.sender_email or own.email,
            reply_to=row.reply_to,
        ),
        logo=_logo(row.logo_file_id),
        colours=tuple(sorted(row.colours.items())),
        legal_text=row.legal_text,
        website=row.website,
        legal_links=tuple(LegalLink(**link) for link in row.legal_links),
        font=row.font,
        favicon=_logo(row.favicon_file_id),
        bank_accounts=tuple(BankAccount(**account) for account in row.bank_accounts),
        is_default=row.is_default,
        version=row.version,
    )


def _logo(file_id: UUID | None) -> Logo | None:
    file = None if file_id is None else db.session.scalar(select(File).where(File.id == file_id))
    if file is None:
        return None
    return Logo(file_id=file.id, content_type=file.content_type, sha256=file.sha256.hex())
