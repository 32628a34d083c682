"""What goes out about documents: made twice, changed afterwards, or pointing at another tenant."""

from tests.kernel.attacks.attack import Attack, sql

from billhook.ids import new_id
from billhook.models.brands import BrandRow
from billhook.testing.factories import NOW

BRAND = ", ".join(
    column.name
    for column in BrandRow.__table__.columns
    if column.name not in ("tenant_id", "id", "code")
)


def artefact(kind="print", provider="other.print", **given):
    """Insert an artefact of our adjusted document, but for what is given."""
    found = {
        "id": lambda _world: new_id(),
        "document": lambda world: world.adjusted.id,
        "file": lambda world: world.out.file,
        "hash": lambda _world: bytes(32),
        "now": lambda _world: NOW,
        **given,
    }
    return sql(
        "INSERT INTO artefact (tenant_id, id, document_id, kind, provider, file_id, sha256,"
        " made_by, rules, findings, made_at)"
        f" VALUES (:tenant, :id, :document, '{kind}', '{provider}', :file, :hash, '{{}}', '',"
        " '[]', :now)",
        **found,
    )


def delivery(**given):
    """Insert a copy of our delivery, but for the columns that are given as SQL."""
    columns = "tenant_id id document_id channel key state sender language subject text html"
    columns += " artefacts pictures is_committed is_captured remote_id last_error job_id"
    columns += " created_at sent_at version"
    values = {name: name for name in columns.split()} | {"id": ":id", "key": "NULL"} | given
    return lambda document=None: sql(
        f"INSERT INTO delivery ({', '.join(values)}) SELECT {', '.join(values.values())}"
        " FROM delivery WHERE tenant_id = :tenant",
        id=lambda _world: new_id(),
        document=document or (lambda world: world.invoice.id),
    )


def foreign(name, table, columns, act):
    """Point at a row of another tenant."""
    return Attack(name, act, f"fk_{table}_tenant_id_{columns}", sqlite="foreign key")


GOING_OUT = [
    Attack(
        "a document is printed twice",
        artefact(document=lambda world: world.invoice.id),
        "uq_artefact_print",
        sqlite="artefact.tenant_id, artefact.document_id",
    ),
    Attack(
        "a provider makes a document twice",
        artefact("e_invoice", "paper.print", document=lambda world: world.invoice.id),
        "uq_artefact_tenant_id_document_id_provider",
        sqlite="artefact.tenant_id, artefact.document_id, artefact.provider",
    ),
    Attack(
        "an artefact is of no kind",
        artefact("letter"),
        "ck_artefact_kind",
    ),
    Attack(
        "an artefact has half a hash",
        artefact(hash=lambda _world: bytes(16)),
        "ck_artefact_sha256_length",
    ),
    Attack(
        "an artefact's file is deleted",
        sql("DELETE FROM file WHERE tenant_id = :tenant"),
        "fk_artefact_tenant_id_file_id|fk_brand_tenant_id_logo_file_id"
        "|fk_draft_attachment_tenant_id_file_id",
        sqlite="foreign key",
    ),
    Attack(
        "a document is delivered twice by one channel",
        delivery(key="key")(),
        "uq_delivery_tenant_id_key",
        sqlite="delivery.tenant_id, delivery.key",
    ),
    Attack(
        "a delivery is in no state",
        sql("UPDATE delivery SET state = 'lost' WHERE tenant_id = :tenant"),
        "ck_delivery_state",
    ),
    Attack(
        "a recipient is in no state",
        sql("UPDATE delivery_recipient SET state = 'lost' WHERE tenant_id = :tenant"),
        "ck_delivery_recipient_state",
    ),
    Attack(
        "a tenant has two default brands",
        sql(
            f"INSERT INTO brand (tenant_id, id, code, {BRAND}) SELECT tenant_id, :id, 'other', {BRAND}"
            " FROM brand WHERE tenant_id = :tenant",
            id=lambda _world: new_id(),
        ),
        "uq_brand_default",
        sqlite="brand.tenant_id",
    ),
    foreign(
        "an artefact is of another tenant's document",
        "artefact",
        "document_id",
        artefact(document=lambda world: world.their_invoice.id),
    ),
    foreign(
        "an artefact is another tenant's file",
        "artefact",
        "file_id",
        artefact(file=lambda world: world.their_out.file),
    ),
    foreign(
        "a brand shows another tenant's logo",
        "brand",
        "logo_file_id",
        sql(
            "UPDATE brand SET logo_file_id = :file WHERE tenant_id = :tenant",
            file=lambda world: world.their_out.file,
        ),
    ),
    foreign(
        "a template is of another tenant's brand",
        "document_template",
        "brand_id",
        sql(
            "UPDATE document_template SET brand_id = :brand WHERE tenant_id = :tenant",
            brand=lambda world: world.their_out.brand,
        ),
    ),
    foreign(
        "a customer gets another tenant's brand",
        "delivery_preference",
        "brand_id",
        sql(
            "UPDATE delivery_preference SET brand_id = :brand WHERE tenant_id = :tenant",
            brand=lambda world: world.their_out.brand,
        ),
    ),
    foreign(
        "another tenant's customer gets our brand",
        "delivery_preference",
        "customer_id",
        sql(
            "UPDATE delivery_preference SET customer_id = :customer WHERE tenant_id = :tenant",
            customer=lambda world: world.theirs.customer_id,
        ),
    ),
    foreign(
        "a draft takes another tenant's file along",
        "draft_attachment",
        "file_id",
        sql(
            "UPDATE draft_attachment SET file_id = :file WHERE tenant_id = :tenant",
            file=lambda world: world.their_out.file,
        ),
    ),
    foreign(
        "another tenant's draft takes our file along",
        "draft_attachment",
        "draft_id",
        sql(
            "UPDATE draft_attachment SET draft_id = :draft WHERE tenant_id = :tenant",
            draft=lambda world: world.their_out.draft,
        ),
    ),
    foreign(
        "another tenant's document is delivered",
        "delivery",
        "document_id",
        delivery(document_id=":document")(lambda world: world.their_invoice.id),
    ),
    foreign(
        "another tenant's delivery goes to somebody more",
        "delivery_recipient",
        "delivery_id",
        sql(
            "INSERT INTO delivery_recipient (tenant_id, delivery_id, position, kind, address, name,"
            " state, reason) VALUES (:tenant, :delivery, 2, 'bcc', 'c@d.example', '', 'queued', '')",
            delivery=lambda world: world.their_out.delivery,
        ),
    ),
    foreign(
        "another tenant's delivery gets a step",
        "delivery_step",
        "delivery_id",
        sql(
            "INSERT INTO delivery_step (tenant_id, id, delivery_id, kind, address, detail, facts,"
            " happened_at) VALUES (:tenant, :id, :delivery, 'sent', '', '', '{}', :now)",
            id=lambda _world: new_id(),
            delivery=lambda world: world.their_out.delivery,
            now=lambda _world: NOW,
        ),
    ),
]
