"""Who may do what: one table, and every act of the services held against it."""

import ast
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from billhook.domain.deliveries import DeliveryState
from billhook.domain.splitting import BySection
from billhook.domain.states import DocumentType, RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import BillhookError, Forbidden
from billhook.ids import new_id
from billhook.services import (
    acts,
    agreements,
    api_keys,
    api_requests,
    artefacts,
    attachments,
    audit,
    billing,
    brands,
    catalogue,
    charging,
    client_access,
    client_invitations,
    company,
    contacts,
    crediting,
    customer_balances,
    customer_merging,
    customer_notes,
    customer_profiles,
    customer_search,
    customer_tags,
    customers,
    dashboard,
    dead_letters,
    delivering,
    document_links,
    document_search,
    documents,
    dossiers,
    draft_editing,
    draft_search,
    draft_sheets,
    drafting,
    duplicates,
    duplicating,
    erasing,
    explaining,
    exporting,
    field_definitions,
    files,
    fx,
    guide,
    handing_over,
    import_runs,
    importing,
    invitations,
    issuing,
    journals,
    ledgers,
    links,
    looking,
    merging,
    open_items,
    originals,
    outbox,
    parking,
    people,
    person_files,
    plugin_catalogue,
    plugin_health,
    plugin_settings,
    plugins,
    portal_domains,
    portal_figures,
    portal_settings,
    portal_usage,
    preferences,
    price_search,
    price_trials,
    prices,
    products,
    profile_changes,
    publishing,
    questions,
    rebilling,
    registrations,
    reviving,
    roles,
    run_previews,
    runs,
    sample_sending,
    sandbox_clocks,
    schedules,
    second_factor,
    series,
    series_reports,
    series_views,
    splitting,
    statements,
    templates,
    verification_runs,
    verifying,
    webhooks,
)
from billhook.services.charging import batches, by_hand, viewing
from billhook.services.delivering import (
    delivery_search,
    planning,
    reading,
    retrying,
    showing,
    usual,
)
from billhook.services.draft_editing import finding as picking
from billhook.services.draft_editing import outgoing
from billhook.services.issuing import Issued
from billhook.services.permissions import NAMES, ROLES, granted
from billhook.services.portal.invitations import Invitation as PortalInvitation
from billhook.services.run_scopes import RunScope
from billhook.services.webhooks import health
from billhook.services.webhooks.endpoints import check_address
from billhook.testing.members import join

SERVICES = Path(audit.__file__).parent

# From the product's plan, 4.1 and 4.2: who may do what by default.
TABLE = """
                    admin manager clerk sales auditor developer
customers.view        x      x      x     x      x        x
customers.edit        x      x      x     -      -        -
customers.erase       x      x      -     -      -        -
products.view         x      x      x     x      x        x
products.edit         x      x      -     -      -        -
charges.view          x      x      x     x      x        -
charges.edit          x      x      x     -      -        -
drafts.view           x      x      x     x      x        -
drafts.edit           x      x      x     x      -        -
documents.view        x      x      x     x      x        x
documents.issue       x      x      x     -      -        -
documents.credit      x      x      -     -      -        -
documents.void        x      x      -     -      -        -
deliveries.view       x      x      x     x      x        x
deliveries.send       x      x      x     -      -        -
brands.view           x      x      -     -      x        x
brands.manage         x      x      -     -      -        -
bill_runs.view        x      x      x     -      x        -
bill_runs.start       x      x      x     -      -        -
series.manage         x      x      -     -      -        -
ledger.view           x      x      -     -      x        -
ledger.close          x      x      -     -      -        -
fx_rates.view         x      x      x     -      x        -
fx_rates.edit         x      x      -     -      -        -
imports.create        x      x      x     -      -        -
exports.create        x      x      -     -      x        -
files.view            x      x      x     -      x        -
files.store           x      x      x     -      -        -
audit.view            x      x      -     -      x        x
outbox.view           x      x      -     -      x        x
outbox.retry          x      x      -     -      -        x
plugins.view          x      x      -     -      x        x
plugins.manage        x      -      -     -      -        x
people.view           x      x      -     -      x        -
people.manage         x      -      -     -      -        -
tenant.view           x      x      -     -      x        x
tenant.manage         x      -      -     -      -        -
api_keys.view         x      x      -     -      x        x
api_keys.manage       x      -      -     -      -        x
portal.view           x      x      x     x      x        -
portal.invite         x      x      x     -      -        -
portal.look           x      x      x     -      -        -
portal.manage         x      x      -     -      -        -
questions.view        x      x      x     x      x        -
questions.answer      x      x      x     -      -        -
webhooks.view         x      x      -     -      x        x
webhooks.manage       x      -      -     -      -        x
"""

NOBODY = new_id()
NOT_ISSUED = Issued(
    id=NOBODY,
    type=DocumentType.INVOICE,
    number="X-1",
    currency="EUR",
    net=0,
    tax=0,
    gross=0,
    payable=0,
)
DAY = date(2026, 1, 15)

KEY = api_keys.KeyInput(name="", scopes=())
SOMEBODY = contacts.ContactInput(name="A", email="a@b.example")
FOUND_PRICE = price_search.FoundPrice(
    entry=prices.PriceEntry(
        id=NOBODY,
        sku="",
        customer="",
        currency="EUR",
        model="",
        parameters={},
        valid_from=date(2026, 1, 1),
        valid_to=None,
    ),
    product_id=NOBODY,
    customer_id=None,
    last_day=None,
    state="over",
)
PROFILE = customer_profiles.ProfileInput(customer=customers.CustomerInput(reference=""))

# Every act of a service that asks for a permission, with input that leads no further.
ACTS = {
    "api_requests.get": ("api_keys.view", lambda ctx: api_requests.get(ctx, NOBODY)),
    "api_requests.search": (
        "api_keys.view",
        lambda ctx: api_requests.search(ctx, api_requests.RequestFilter()),
    ),
    "key_changes.change": (
        "api_keys.manage",
        lambda ctx: api_keys.change(ctx, NOBODY, KEY, version=1),
    ),
    "key_changes.revoke": ("api_keys.manage", lambda ctx: api_keys.revoke(ctx, NOBODY)),
    "key_changes.rotate": ("api_keys.manage", lambda ctx: api_keys.rotate(ctx, NOBODY)),
    "key_search.get": ("api_keys.view", lambda ctx: api_keys.get(ctx, NOBODY)),
    "key_search.names": ("api_keys.view", lambda ctx: api_keys.names(ctx, [NOBODY])),
    "key_search.search": (
        "api_keys.view",
        lambda ctx: api_keys.search(ctx, api_keys.KeyFilter()),
    ),
    "key_making.make": ("api_keys.manage", lambda ctx: api_keys.make(ctx, KEY, api_version="1")),
    "artefacts.e_invoice": ("documents.view", lambda ctx: artefacts.e_invoice(ctx, NOBODY)),
    "artefacts.get": ("documents.view", lambda ctx: artefacts.get(ctx, NOBODY)),
    "artefacts.of_document": ("documents.view", lambda ctx: artefacts.of_document(ctx, NOBODY)),
    "artefacts.printed": ("documents.view", lambda ctx: artefacts.printed(ctx, NOBODY)),
    "attachments.attach": (
        "drafts.edit",
        lambda ctx: attachments.attach(
            ctx, NOBODY, name="a.txt", content_type="text/plain", content=b"a"
        ),
    ),
    "attachments.content": (
        "documents.view",
        lambda ctx: attachments.content(ctx, NOBODY, 1),
    ),
    "attachments.detach": (
        "drafts.edit",
        lambda ctx: attachments.detach(ctx, NOBODY, "a.txt"),
    ),
    "acts.get": ("audit.view", lambda ctx: acts.get(ctx, NOBODY)),
    "acts.people": ("audit.view", lambda ctx: acts.people(ctx)),
    "acts.search": ("audit.view", lambda ctx: acts.search(ctx, acts.ActFilter())),
    "audit.listing": ("audit.view", lambda ctx: audit.listing(ctx)),
    "billing.preview": (
        "bill_runs.start",
        lambda ctx: billing.preview(ctx, until=DAY, issue_on=DAY),
    ),
    "billing._begun": (
        "bill_runs.start",
        lambda ctx: billing.run(ctx, until=DAY, issue_on=DAY),
    ),
    "billing.start": (
        "bill_runs.start",
        lambda ctx: billing.start(
            ctx, until=DAY, issue_on=DAY, mode=RunMode.DRAFT, scope=RunScope(), key="once"
        ),
    ),
    "brands.get": ("brands.view", lambda ctx: brands.get(ctx)),
    "brands.listing": ("brands.view", lambda ctx: brands.listing(ctx)),
    "brands.previewed": (
        "brands.view",
        lambda ctx: brands.previewed(ctx, brands.BrandInput(code="nothing")),
    ),
    "brands.save": ("brands.manage", lambda ctx: brands.save(ctx, brands.BrandInput(name=""))),
    "adding.add": ("charges.edit", lambda ctx: charging.add(ctx, [])),
    "finding.counts": (
        "charges.view",
        lambda ctx: charging.counts(ctx, charging.ChargeFilter()),
    ),
    "finding.listing": ("charges.view", lambda ctx: charging.listing(ctx)),
    "finding.search": (
        "charges.view",
        lambda ctx: charging.search(ctx, charging.ChargeFilter()),
    ),
    "finding.sources": ("charges.view", lambda ctx: charging.sources(ctx)),
    "finding.states": ("charges.view", lambda ctx: charging.states(ctx, [NOBODY])),
    "by_hand.add_typed": (
        "charges.edit",
        lambda ctx: by_hand.add_typed(ctx, {"customer": ""}, key=NOBODY),
    ),
    "attachments.content_on_draft": (
        "drafts.view",
        lambda ctx: attachments.content_on_draft(ctx, NOBODY, NOBODY),
    ),
    "customers.of_ids": ("customers.view", lambda ctx: customers.of_ids(ctx, [NOBODY])),
    "draft_sheets.get": ("drafts.view", lambda ctx: draft_sheets.get(ctx, NOBODY)),
    "draft_sheets.search": (
        "drafts.view",
        lambda ctx: draft_sheets.search(ctx, draft_search.DraftFilter()),
    ),
    "drafting.outcomes": ("drafts.view", lambda ctx: drafting.outcomes(ctx, [NOBODY])),
    "saving.revise": (
        "drafts.edit",
        lambda ctx: draft_editing.revise(
            ctx, NOBODY, lambda given: given, asked="", expected=lambda version: version
        ),
    ),
    "totals.totals_of_change": (
        "drafts.edit",
        lambda ctx: draft_editing.totals_of_change(ctx, NOBODY, lambda given: given),
    ),
    "batches.take": ("charges.edit", lambda ctx: batches.take(ctx, [])),
    "viewing.costs": ("charges.view", lambda ctx: viewing.costs(ctx, [NOBODY])),
    "viewing.search": ("charges.view", lambda ctx: viewing.search(ctx, charging.ChargeFilter())),
    "viewing.cost": ("charges.view", lambda ctx: viewing.cost(ctx, NOBODY)),
    "viewing.get": ("charges.view", lambda ctx: viewing.get(ctx, NOBODY)),
    "holding._set_held": ("charges.edit", lambda ctx: charging.hold(ctx, [NOBODY], reason="x")),
    "holding.withdraw": (
        "charges.edit",
        lambda ctx: charging.withdraw(ctx, [NOBODY], reason="x"),
    ),
    "crediting.credit": (
        "documents.credit",
        lambda ctx: crediting.credit(ctx, NOBODY, reason="x"),
    ),
    "crediting.creditable": (
        "documents.credit",
        lambda ctx: crediting.creditable(ctx, NOBODY),
    ),
    "crediting.currency_of": (
        "documents.credit",
        lambda ctx: crediting.currency_of(ctx, NOBODY),
    ),
    "crediting.preview": ("documents.credit", lambda ctx: crediting.preview(ctx, NOBODY)),
    "crediting.void": ("documents.void", lambda ctx: crediting.void(ctx, NOBODY, reason="x")),
    "customers.get": ("customers.view", lambda ctx: customers.get(ctx, "C1")),
    "customers.listing": ("customers.view", lambda ctx: customers.listing(ctx)),
    "customers.save_contact": (
        "customers.edit",
        lambda ctx: customers.save_contact(ctx, "C1", email="a@b.example", name="A"),
    ),
    "customers.upsert": ("customers.edit", lambda ctx: customers.upsert(ctx, [])),
    "delivery_search.channels": (
        "deliveries.view",
        lambda ctx: delivery_search.channels(ctx),
    ),
    "delivery_search.search": (
        "deliveries.view",
        lambda ctx: delivery_search.search(ctx, delivery_search.DeliveryFilter()),
    ),
    "portal_domains.add": ("portal.manage", lambda ctx: portal_domains.add(ctx, "a.b.example")),
    "portal_domains.check": ("portal.manage", lambda ctx: portal_domains.check(ctx, "b.example")),
    "portal_domains.dress": (
        "portal.manage",
        lambda ctx: portal_domains.dress(ctx, "b.example", brand=""),
    ),
    "portal_domains.get": ("portal.manage", lambda ctx: portal_domains.get(ctx, "b.example")),
    "portal_domains.listing": ("portal.manage", lambda ctx: portal_domains.listing(ctx)),
    "portal_domains.remove": (
        "portal.manage",
        lambda ctx: portal_domains.remove(ctx, "b.example"),
    ),
    "document_links.get": ("deliveries.send", lambda ctx: document_links.get(ctx, NOBODY, NOBODY)),
    "document_links.listing": ("portal.view", lambda ctx: document_links.listing(ctx, NOBODY)),
    "document_links.make": ("deliveries.send", lambda ctx: document_links.make(ctx, NOBODY)),
    "document_links.revoke": (
        "deliveries.send",
        lambda ctx: document_links.revoke(ctx, NOBODY, NOBODY),
    ),
    "document_links.revoke_all": (
        "deliveries.send",
        lambda ctx: document_links.revoke_all(ctx, NOBODY),
    ),
    "document_search.currencies": (
        "documents.view",
        lambda ctx: document_search.currencies(ctx),
    ),
    "document_search.get": (
        "documents.view",
        lambda ctx: document_search.get(ctx, NOBODY),
    ),
    "links.families": ("documents.view", lambda ctx: links.families(ctx, [NOBODY])),
    "originals.all_shown": ("documents.view", lambda ctx: originals.all_shown(ctx, [NOBODY])),
    "open_items._page": (
        "documents.view",
        lambda ctx: open_items.receivables(ctx, open_items.ItemFilter()),
    ),
    "statements.of_customer": (
        "documents.view",
        lambda ctx: statements.of_customer(ctx, NOBODY),
    ),
    "open_items._one": (
        "documents.view",
        lambda ctx: open_items.receivable(ctx, NOBODY),
    ),
    "document_search.search": (
        "documents.view",
        lambda ctx: document_search.search(ctx, document_search.DocumentFilter()),
    ),
    "document_search.sums": (
        "documents.view",
        lambda ctx: document_search.sums(ctx, document_search.DocumentFilter()),
    ),
    "dossiers.dossier": ("documents.view", lambda ctx: dossiers.dossier(ctx, NOBODY)),
    "reading.of_document": (
        "deliveries.view",
        lambda ctx: delivering.of_document(ctx, NOBODY),
    ),
    "documents.customer_of": (
        "documents.view",
        lambda ctx: documents.customer_of(ctx, NOBODY),
    ),
    "duplicating.duplicate": (
        "drafts.edit",
        lambda ctx: duplicating.duplicate(ctx, NOBODY),
    ),
    "explaining.why": ("documents.view", lambda ctx: explaining.why(ctx, NOBODY)),
    "links.family": ("documents.view", lambda ctx: links.family(ctx, NOBODY)),
    "merging.merge": ("drafts.edit", lambda ctx: merging.merge(ctx, [NOBODY, new_id()])),
    "merging.preview": ("drafts.view", lambda ctx: merging.preview(ctx, [NOBODY, new_id()])),
    "rebilling.rebill": (
        "documents.credit",
        lambda ctx: rebilling.rebill(ctx, NOBODY, reason="x"),
    ),
    "rebilling.split": (
        "documents.credit",
        lambda ctx: rebilling.split(ctx, NOBODY, BySection(), reason="x"),
    ),
    "retrying.retry_some": ("deliveries.send", lambda ctx: retrying.retry_some(ctx, [NOBODY])),
    "splitting.preview": (
        "drafts.view",
        lambda ctx: splitting.preview(ctx, NOBODY, BySection()),
    ),
    "splitting.split": ("drafts.edit", lambda ctx: splitting.split(ctx, NOBODY, BySection())),
    "usual.usual_ways": ("deliveries.send", lambda ctx: usual.usual_ways(ctx, NOBODY)),
    "documents.find": ("documents.view", lambda ctx: documents.find(ctx, "INV-1")),
    "agreements.customer_of": (
        "products.view",
        lambda ctx: agreements.customer_of(ctx, NOBODY),
    ),
    "agreements.end": ("products.edit", lambda ctx: agreements.end(ctx, NOBODY, last_day=DAY)),
    "agreements.of_customer": (
        "products.view",
        lambda ctx: agreements.of_customer(ctx, NOBODY),
    ),
    "client_access.change_rights": (
        "portal.invite",
        lambda ctx: client_access.change_rights(ctx, NOBODY, []),
    ),
    "client_access.end": ("portal.invite", lambda ctx: client_access.end(ctx, NOBODY)),
    "client_access.invite": (
        "portal.invite",
        lambda ctx: client_access.invite(ctx, NOBODY, []),
    ),
    "client_access.mail": (
        "portal.invite",
        lambda ctx: client_access.mail(
            ctx, PortalInvitation(contact_id=NOBODY, path="", link="", expires_at=ctx.now())
        ),
    ),
    "client_access.of_contacts": (
        "customers.view",
        lambda ctx: client_access.of_contacts(ctx, [NOBODY]),
    ),
    "client_access.remove_factor": (
        "portal.invite",
        lambda ctx: client_access.remove_factor(ctx, NOBODY),
    ),
    "client_invitations.invite_all": (
        "portal.invite",
        lambda ctx: client_invitations.invite_all(ctx, [NOBODY], []),
    ),
    "client_invitations.plan": (
        "portal.invite",
        lambda ctx: client_invitations.plan(ctx, [NOBODY]),
    ),
    "client_invitations.progress": (
        "portal.invite",
        lambda ctx: client_invitations.progress(ctx, NOBODY),
    ),
    "contacts.add": ("customers.edit", lambda ctx: contacts.add(ctx, NOBODY, SOMEBODY)),
    "contacts.change": ("customers.edit", lambda ctx: contacts.change(ctx, NOBODY, SOMEBODY)),
    "contacts.of_customers": (
        "customers.view",
        lambda ctx: contacts.of_customers(ctx, [NOBODY]),
    ),
    "contacts.get": ("customers.view", lambda ctx: contacts.get(ctx, NOBODY)),
    "customer_balances.of_customer": (
        "customers.view",
        lambda ctx: customer_balances.of_customer(ctx, NOBODY),
    ),
    "customer_merging.merge": (
        "customers.edit",
        lambda ctx: customer_merging.merge(ctx, duplicate_id=NOBODY, kept_id=NOBODY),
    ),
    "customer_merging.preview": (
        "customers.edit",
        lambda ctx: customer_merging.preview(ctx, duplicate_id=NOBODY, kept_id=NOBODY),
    ),
    "answering.close": ("questions.answer", lambda ctx: questions.close(ctx, NOBODY, "x")),
    "answering.file": ("questions.view", lambda ctx: questions.file(ctx, NOBODY, NOBODY)),
    "answering.get": ("questions.view", lambda ctx: questions.get(ctx, NOBODY)),
    "answering.reopen": ("questions.answer", lambda ctx: questions.reopen(ctx, NOBODY, "x")),
    "answering.reply": ("questions.answer", lambda ctx: questions.reply(ctx, NOBODY, "x")),
    "searching.search": (
        "questions.view",
        lambda ctx: questions.search(ctx, questions.QuestionFilter()),
    ),
    "searching.messages": ("questions.view", lambda ctx: questions.messages(ctx, [])),
    "searching.waiting": ("questions.view", lambda ctx: questions.waiting(ctx)),
    "tasks.answerers": ("questions.view", lambda ctx: questions.answerers(ctx, NOBODY)),
    "tasks.assign": ("questions.answer", lambda ctx: questions.assign(ctx, NOBODY, None)),
    "tasks.assignees": ("questions.view", lambda ctx: questions.assignees(ctx)),
    "looking.begin": ("portal.look", lambda ctx: looking.begin(ctx, NOBODY)),
    "portal_figures.of_customer": (
        "portal.view",
        lambda ctx: portal_figures.of_customer(ctx, NOBODY),
    ),
    "portal_figures.usage": ("portal.view", lambda ctx: portal_figures.usage(ctx)),
    "portal_settings.change": (
        "portal.manage",
        lambda ctx: portal_settings.change(ctx, portal_settings.PortalChange(link_days=90)),
    ),
    "portal_settings.get": ("portal.manage", lambda ctx: portal_settings.get(ctx)),
    "portal_usage.search": (
        "portal.view",
        lambda ctx: portal_usage.search(ctx, portal_usage.VisitFilter()),
    ),
    "profile_changes.approve": (
        "customers.edit",
        lambda ctx: profile_changes.approve(ctx, NOBODY),
    ),
    "profile_changes.get": ("customers.view", lambda ctx: profile_changes.get(ctx, NOBODY)),
    "profile_changes.refuse": (
        "customers.edit",
        lambda ctx: profile_changes.refuse(ctx, NOBODY, reason="x"),
    ),
    "profile_changes.search": ("customers.view", lambda ctx: profile_changes.search(ctx)),
    "profile_changes.waiting": ("customers.view", lambda ctx: profile_changes.waiting(ctx)),
    "customer_notes.delete": (
        "customers.edit",
        lambda ctx: customer_notes.delete(ctx, NOBODY),
    ),
    "customer_notes.get": ("customers.view", lambda ctx: customer_notes.get(ctx, NOBODY)),
    "customer_balances.of_customers": (
        "customers.view",
        lambda ctx: customer_balances.of_customers(ctx, [NOBODY]),
    ),
    "customer_search.entries": (
        "customers.view",
        lambda ctx: customer_search.entries(ctx, customer_search.CustomerFilter()),
    ),
    "customer_search.waiting_by_customer": (
        "customers.view",
        lambda ctx: customer_search.waiting_by_customer(ctx, [NOBODY]),
    ),
    "customer_notes.of_customer": (
        "customers.view",
        lambda ctx: customer_notes.of_customer(ctx, NOBODY),
    ),
    "customer_notes.write": (
        "customers.edit",
        lambda ctx: customer_notes.write(ctx, NOBODY, "x"),
    ),
    "customer_profiles.assign": (
        "customers.edit",
        lambda ctx: customer_profiles.assign(ctx, [NOBODY], None),
    ),
    "customer_profiles.change": (
        "customers.edit",
        lambda ctx: customer_profiles.change(ctx, NOBODY, PROFILE, version=1),
    ),
    "customer_profiles.create": (
        "customers.edit",
        lambda ctx: customer_profiles.create(ctx, PROFILE),
    ),
    "customer_search.countries": (
        "customers.view",
        lambda ctx: customer_search.countries(ctx),
    ),
    "customer_search.search": (
        "customers.view",
        lambda ctx: customer_search.search(ctx, customer_search.CustomerFilter()),
    ),
    "customer_search.waiting": (
        "customers.view",
        lambda ctx: customer_search.waiting(ctx, [NOBODY]),
    ),
    "customer_tags._bulk": (
        "customers.edit",
        lambda ctx: customer_tags.add(ctx, [NOBODY], "x"),
    ),
    "customer_tags.all_tags": ("customers.view", lambda ctx: customer_tags.all_tags(ctx)),
    "customer_tags.owners": ("customers.view", lambda ctx: customer_tags.owners(ctx)),
    "customers.by_id": ("customers.view", lambda ctx: customers.by_id(ctx, NOBODY)),
    "duplicates.groups": ("customers.edit", lambda ctx: duplicates.groups(ctx)),
    "duplicates.of_customer": (
        "customers.view",
        lambda ctx: duplicates.of_customer(ctx, NOBODY),
    ),
    "erasing.erase": ("customers.erase", lambda ctx: erasing.erase(ctx, NOBODY)),
    "erasing.forget_contact": (
        "customers.erase",
        lambda ctx: erasing.forget_contact(ctx, NOBODY),
    ),
    "erasing.plan": ("customers.view", lambda ctx: erasing.plan(ctx, NOBODY)),
    "person_files._require": (
        "exports.create",
        lambda ctx: person_files.write_customer(ctx, NOBODY, io.BytesIO()),
    ),
    "preferences.chosen": ("customers.view", lambda ctx: preferences.chosen(ctx, NOBODY)),
    "documents.get": ("documents.view", lambda ctx: documents.get(ctx, NOBODY)),
    "documents.listing": ("documents.view", lambda ctx: documents.listing(ctx)),
    "documents.of_ids": ("documents.view", lambda ctx: documents.of_ids(ctx, [NOBODY])),
    "draft_search.currencies": ("drafts.view", lambda ctx: draft_search.currencies(ctx)),
    "draft_search.of_ids": ("drafts.view", lambda ctx: draft_search.of_ids(ctx, [NOBODY])),
    "draft_search.runs": ("drafts.view", lambda ctx: draft_search.runs(ctx)),
    "draft_search.search": (
        "drafts.view",
        lambda ctx: draft_search.search(ctx, draft_search.DraftFilter()),
    ),
    "finding.find_customers": (
        "drafts.edit",
        lambda ctx: picking.find_customers(ctx, "Zebra"),
    ),
    "finding.find_products": ("drafts.edit", lambda ctx: picking.find_products(ctx, "Zebra")),
    "opening.blank": ("drafts.edit", lambda ctx: draft_editing.blank(ctx)),
    "opening.face": ("drafts.edit", lambda ctx: draft_editing.face(ctx, "Z1")),
    "opening.opened": ("drafts.view", lambda ctx: draft_editing.opened(ctx, NOBODY)),
    "outgoing.send_issued": (
        "deliveries.send",
        lambda ctx: outgoing.send_issued(ctx, NOT_ISSUED),
    ),
    "saving.create": (
        "drafts.edit",
        lambda ctx: draft_editing.create(ctx, draft_editing.DraftInput()),
    ),
    "saving.save": (
        "drafts.edit",
        lambda ctx: draft_editing.save(ctx, NOBODY, draft_editing.DraftInput(), version=1),
    ),
    "totals.totals": (
        "drafts.edit",
        lambda ctx: draft_editing.totals(ctx, draft_editing.DraftInput()),
    ),
    "drafting.adjust": (
        "drafts.edit",
        lambda ctx: drafting.adjust(
            ctx, NOBODY, Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="x", amount=1)
        ),
    ),
    "drafting.discard": ("drafts.edit", lambda ctx: drafting.discard(ctx, NOBODY)),
    "drafting.get": ("drafts.view", lambda ctx: drafting.get(ctx, NOBODY)),
    "drafting.listing": ("drafts.view", lambda ctx: drafting.listing(ctx)),
    "exporting.run": (
        "exports.create",
        lambda ctx: exporting.run(ctx, "customers", io.BytesIO()),
    ),
    "field_definitions._set_active": (
        "tenant.manage",
        lambda ctx: field_definitions.lay_aside(ctx, NOBODY),
    ),
    "field_definitions.change": (
        "tenant.manage",
        lambda ctx: field_definitions.change(
            ctx, NOBODY, field_definitions.FieldChange(label="x")
        ),
    ),
    "field_definitions.create": (
        "tenant.manage",
        lambda ctx: field_definitions.create(
            ctx, field_definitions.NewField(subject="", label="")
        ),
    ),
    "field_definitions.get": ("tenant.view", lambda ctx: field_definitions.get(ctx, NOBODY)),
    "field_definitions.listing": ("tenant.view", lambda ctx: field_definitions.listing(ctx)),
    "field_definitions.move": (
        "tenant.manage",
        lambda ctx: field_definitions.move(ctx, NOBODY, field_definitions.Direction.UP),
    ),
    "dashboard.dead_jobs": ("outbox.view", lambda ctx: dashboard.dead_jobs(ctx)),
    "dashboard.drafts": ("drafts.view", lambda ctx: dashboard.drafts(ctx)),
    "dashboard.issued": ("documents.view", lambda ctx: dashboard.issued(ctx)),
    "dashboard.issued_by_month": (
        "documents.view",
        lambda ctx: dashboard.issued_by_month(ctx),
    ),
    "dashboard.lost_messages": (
        "deliveries.view",
        lambda ctx: dashboard.lost_messages(ctx, DeliveryState.FAILED),
    ),
    "dashboard.parked_customers": (
        "bill_runs.view",
        lambda ctx: dashboard.parked_customers(ctx),
    ),
    "dashboard.sent": ("deliveries.view", lambda ctx: dashboard.sent(ctx)),
    "dashboard.waiting": ("charges.view", lambda ctx: dashboard.waiting(ctx)),
    "files.get": ("files.view", lambda ctx: files.get(ctx, NOBODY)),
    "files.read": ("files.view", lambda ctx: files.read(ctx, NOBODY)),
    "files.store": (
        "files.store",
        lambda ctx: files.store(ctx, name="a.txt", content_type="text/plain", content=b"a"),
    ),
    "fx.search": ("fx_rates.view", lambda ctx: fx.search(ctx, fx.RateFilter())),
    "fx.listing": ("fx_rates.view", lambda ctx: fx.listing(ctx)),
    "fx.set_rate": ("fx_rates.edit", lambda ctx: fx.set_rate(ctx, "EUR", Decimal("1.2"), on=DAY)),
    "handing_over.count": ("ledger.view", lambda ctx: handing_over.count(ctx, DAY, DAY)),
    "handing_over.export": (
        "ledger.view",
        lambda ctx: handing_over.export(ctx, "nothing.here", DAY, DAY),
    ),
    "handing_over.ways": ("ledger.view", lambda ctx: handing_over.ways(ctx)),
    "handing_over.write_csv": (
        "ledger.view",
        lambda ctx: handing_over.write_csv(ctx, DAY, DAY, io.BytesIO()),
    ),
    "importing.run": (
        "imports.create",
        lambda ctx: importing.run(ctx, "customers", io.BytesIO(b"reference,name\n")),
    ),
    "issuing.issue": ("documents.issue", lambda ctx: issuing.issue(ctx, NOBODY)),
    "ledgers.accounts": ("ledger.view", lambda ctx: ledgers.accounts(ctx)),
    "journals.get": ("ledger.view", lambda ctx: journals.get(ctx, NOBODY)),
    "journals.postings_of": ("ledger.view", lambda ctx: journals.postings_of(ctx, [NOBODY])),
    "journals.search": (
        "ledger.view",
        lambda ctx: journals.search(ctx, journals.EntryFilter()),
    ),
    "journals.statement": (
        "ledger.view",
        lambda ctx: journals.statement(ctx, "1200", "GBP"),
    ),
    "ledgers.balances": ("ledger.view", lambda ctx: ledgers.balances(ctx)),
    "ledgers.close": ("ledger.close", lambda ctx: ledgers.close(ctx, DAY)),
    "ledgers.journal": ("ledger.view", lambda ctx: ledgers.journal(ctx)),
    "outbox.get": ("outbox.view", lambda ctx: outbox.get(ctx, NOBODY)),
    "outbox.of_ids": ("outbox.view", lambda ctx: outbox.of_ids(ctx, [NOBODY])),
    "outbox.search": ("outbox.view", lambda ctx: outbox.search(ctx)),
    "outbox.listing": ("outbox.view", lambda ctx: outbox.listing(ctx)),
    "outbox.retry": ("outbox.retry", lambda ctx: outbox.retry(ctx, NOBODY)),
    "reviving.retry": ("outbox.retry", lambda ctx: reviving.retry(ctx, NOBODY)),
    "reviving.retry_all": ("outbox.retry", lambda ctx: reviving.retry_all(ctx)),
    "reviving.retry_some": ("outbox.retry", lambda ctx: reviving.retry_some(ctx, [])),
    "schedules.listing": ("outbox.view", lambda ctx: schedules.listing(ctx)),
    "verification_runs.get": (
        "ledger.view",
        lambda ctx: verification_runs.get(ctx, NOBODY),
    ),
    "verification_runs.search": ("ledger.view", lambda ctx: verification_runs.search(ctx)),
    "verification_runs.latest": ("ledger.view", lambda ctx: verification_runs.latest(ctx)),
    "verification_runs.start": ("ledger.view", lambda ctx: verification_runs.start(ctx)),
    "dead_letters.retry_all": ("outbox.retry", lambda ctx: dead_letters.retry_all(ctx)),
    "parking.listing": ("bill_runs.view", lambda ctx: parking.listing(ctx)),
    "people.change_role": (
        "people.manage",
        lambda ctx: people.change_role(ctx, NOBODY, "clerk"),
    ),
    "people.change_seat": (
        "people.manage",
        lambda ctx: people.change_seat(ctx, NOBODY, role="clerk", reach="all"),
    ),
    "people.deactivate": ("people.manage", lambda ctx: people.deactivate(ctx, NOBODY)),
    "guide._set_dismissed": ("tenant.manage", lambda ctx: guide.dismiss(ctx)),
    "guide.state": ("tenant.view", lambda ctx: guide.state(ctx)),
    "invitations.invite": (
        "people.manage",
        lambda ctx: invitations.invite(ctx, email="nobody", name="", role=""),
    ),
    "invitations.mail": (
        "people.manage",
        lambda ctx: invitations.mail(
            ctx,
            invitations.Invitation(
                person_id=ctx.actor.id or NOBODY, link="", expires_at=ctx.now()
            ),
        ),
    ),
    "roles.change": ("people.manage", lambda ctx: roles.change(ctx, [])),
    "roles.create": ("people.manage", lambda ctx: roles.create(ctx, title="")),
    "roles.describe": (
        "people.manage",
        lambda ctx: roles.describe(ctx, "nothing", title="", summary=""),
    ),
    "roles.groups": ("people.view", lambda ctx: roles.groups(ctx)),
    "roles.listing": ("people.view", lambda ctx: roles.listing(ctx)),
    "roles.remove": ("people.manage", lambda ctx: roles.remove(ctx, "nothing")),
    "requiring.require_of_members": (
        "tenant.manage",
        lambda ctx: second_factor.require_of_members(ctx, is_required=False),
    ),
    "plugin_health.check": ("plugins.manage", lambda ctx: plugin_health.check(ctx, "nothing")),
    "plugin_health.condition": (
        "plugins.view",
        lambda ctx: plugin_health.condition(ctx, "nothing"),
    ),
    "plugin_settings.settings_version": (
        "plugins.manage",
        lambda ctx: plugin_settings.settings_version(ctx, "tax_rules"),
    ),
    "plugins.consequences": ("plugins.view", lambda ctx: plugins.consequences(ctx, "nothing")),
    "people.listing": ("people.view", lambda ctx: people.listing(ctx)),
    "plugin_settings.change_settings": (
        "plugins.manage",
        lambda ctx: plugin_settings.change_settings(ctx, "tax_rules", {}),
    ),
    "plugin_settings.read_settings": (
        "plugins.manage",
        lambda ctx: plugin_settings.read_settings(ctx, "tax_rules"),
    ),
    "plugin_catalogue.catalogue": ("plugins.view", lambda ctx: plugin_catalogue.catalogue(ctx)),
    "plugins.disable": ("plugins.manage", lambda ctx: plugins.disable(ctx, "nothing")),
    "plugins.enable": ("plugins.manage", lambda ctx: plugins.enable(ctx, "nothing")),
    "planning.plan": ("deliveries.send", lambda ctx: planning.plan(ctx, NOBODY)),
    "preferences.save": (
        "customers.edit",
        lambda ctx: preferences.save(ctx, "C1", preferences.PreferenceChange()),
    ),
    "prices.add_prices": ("products.edit", lambda ctx: prices.add_prices(ctx, [])),
    "prices.prices": ("products.view", lambda ctx: prices.prices(ctx, "P1")),
    "catalogue.change": (
        "products.edit",
        lambda ctx: catalogue.change(ctx, NOBODY, products.ProductInput(sku=""), version=1),
    ),
    "catalogue.create": (
        "products.edit",
        lambda ctx: catalogue.create(ctx, products.ProductInput(sku="")),
    ),
    "catalogue.entries": (
        "products.view",
        lambda ctx: catalogue.entries(ctx, catalogue.ProductFilter()),
    ),
    "catalogue.prices_today": (
        "products.view",
        lambda ctx: catalogue.prices_today(ctx, []),
    ),
    "price_search.get": ("products.view", lambda ctx: price_search.get(ctx, NOBODY)),
    "price_search.version_on": (
        "products.view",
        lambda ctx: price_search.version_on(ctx, FOUND_PRICE, date(2026, 1, 1)),
    ),
    "price_search.search": (
        "products.view",
        lambda ctx: price_search.search(ctx, price_search.PriceFilter()),
    ),
    "catalogue.get": ("products.view", lambda ctx: catalogue.get(ctx, NOBODY)),
    "catalogue.search": (
        "products.view",
        lambda ctx: catalogue.search(ctx, catalogue.ProductFilter()),
    ),
    "price_trials.attempt": (
        "products.view",
        lambda ctx: price_trials.attempt(
            ctx, model="x.y", parameters={}, currency="EUR", quantity=Decimal(1)
        ),
    ),
    "price_trials.models": ("products.view", lambda ctx: price_trials.models(ctx)),
    "price_trials.of_product": (
        "products.view",
        lambda ctx: price_trials.of_product(
            ctx, NOBODY, currency="EUR", quantity=Decimal(1), on=DAY
        ),
    ),
    "products.get": ("products.view", lambda ctx: products.get(ctx, "P1")),
    "products.listing": ("products.view", lambda ctx: products.listing(ctx)),
    "products.upsert": ("products.edit", lambda ctx: products.upsert(ctx, [])),
    "publishing.publication": (
        "documents.view",
        lambda ctx: publishing.publication(ctx, NOBODY),
    ),
    "reading.get": ("deliveries.view", lambda ctx: delivering.get(ctx, NOBODY)),
    "reading.listing": ("deliveries.view", lambda ctx: delivering.listing(ctx)),
    "registrations.change": (
        "tenant.manage",
        lambda ctx: registrations.change(ctx, NOBODY, registrations.RegistrationChange()),
    ),
    "registrations.end": (
        "tenant.manage",
        lambda ctx: registrations.end(ctx, NOBODY, until=DAY),
    ),
    "registrations.add": (
        "tenant.manage",
        lambda ctx: registrations.add(ctx, registrations.NewRegistration(place="")),
    ),
    "reading.found": ("deliveries.view", lambda ctx: reading.found(ctx, NOBODY)),
    "retrying.retry": ("deliveries.send", lambda ctx: delivering.retry(ctx, NOBODY)),
    "retrying.retry_all": ("deliveries.send", lambda ctx: delivering.retry_all(ctx)),
    "sending.send": ("deliveries.send", lambda ctx: delivering.send(ctx, NOBODY)),
    "run_previews.begin": (
        "bill_runs.start",
        lambda ctx: run_previews.begin(
            ctx, until=DAY, issue_on=DAY, mode=RunMode.DRAFT, scope=RunScope()
        ),
    ),
    "run_previews.comparison": (
        "bill_runs.view",
        lambda ctx: run_previews.comparison(ctx, runs.get(ctx, NOBODY)),
    ),
    "run_previews.start": ("bill_runs.start", lambda ctx: run_previews.start(ctx, NOBODY)),
    "bringing.bring": (
        "imports.create",
        lambda ctx: import_runs.bring(ctx, "charges", name="a.csv", content=b"a"),
    ),
    "bringing.columns_of": ("imports.create", lambda ctx: import_runs.columns_of(ctx, NOBODY)),
    "reading._ask": (
        "imports.create",
        lambda ctx: import_runs.check(ctx, NOBODY, import_runs.Options()),
    ),
    "showing.bad_rows": ("imports.create", lambda ctx: import_runs.bad_rows(ctx, NOBODY)),
    "showing.get": ("imports.create", lambda ctx: import_runs.get(ctx, NOBODY)),
    "showing.listing": ("imports.create", lambda ctx: import_runs.listing(ctx)),
    "runs.documents_of": ("documents.view", lambda ctx: runs.documents_of(ctx, NOBODY)),
    "runs.drafts_of": ("drafts.view", lambda ctx: runs.drafts_of(ctx, NOBODY)),
    "runs.get": ("bill_runs.view", lambda ctx: runs.get(ctx, NOBODY)),
    "runs.go_on": ("bill_runs.start", lambda ctx: runs.go_on(ctx, NOBODY)),
    "runs.listing": ("bill_runs.view", lambda ctx: runs.listing(ctx)),
    "runs.retry_parked": (
        "bill_runs.start",
        lambda ctx: runs.retry_parked(ctx, NOBODY, key="once"),
    ),
    "runs.running": ("bill_runs.view", lambda ctx: runs.running(ctx)),
    "parking.search": ("bill_runs.view", lambda ctx: parking.search(ctx)),
    "runs.troubles": ("bill_runs.view", lambda ctx: runs.troubles(ctx, [NOBODY])),
    "runs.trouble": ("bill_runs.view", lambda ctx: runs.trouble(ctx, NOBODY)),
    "sample_sending.brand_of": (
        "deliveries.send",
        lambda ctx: sample_sending.brand_of(ctx, "nothing"),
    ),
    "sample_sending.send_to_self": (
        "deliveries.send",
        lambda ctx: sample_sending.send_to_self(ctx, channel="nothing"),
    ),
    "series_views.listing": ("documents.view", lambda ctx: series_views.listing(ctx)),
    "series.change": ("series.manage", lambda ctx: series.change(ctx, "nothing")),
    "series.create": (
        "series.manage",
        lambda ctx: series.create(ctx, "nothing", DocumentType.INVOICE, pattern="{number}"),
    ),
    "series.listing": ("documents.view", lambda ctx: series.listing(ctx)),
    "series_reports.report": ("documents.view", lambda ctx: series_reports.report(ctx)),
    "showing.shown": ("deliveries.view", lambda ctx: showing.shown(ctx, NOBODY)),
    "templates.save": (
        "brands.manage",
        lambda ctx: templates.save(
            ctx, templates.TemplateInput(document_type=DocumentType.INVOICE, blocks=["nothing"])
        ),
    ),
    "sandbox_clocks.advance": (
        "tenant.manage",
        lambda ctx: sandbox_clocks.advance(ctx, timedelta(days=1)),
    ),
    "company.settings": ("tenant.view", lambda ctx: company.settings(ctx)),
    "company.change": (
        "tenant.manage",
        lambda ctx: company.change(ctx, company.TenantChange(name="")),
    ),
    "trying.trial": (
        "deliveries.send",
        lambda ctx: delivering.trial(ctx, "nobody", channel="nothing"),
    ),
    "verifying.verify": ("ledger.view", lambda ctx: verifying.verify(ctx)),
    "endpoints.change": (
        "webhooks.manage",
        lambda ctx: webhooks.change(ctx, NOBODY, webhooks.EndpointInput(url="")),
    ),
    "endpoints.check_address": ("webhooks.manage", lambda ctx: check_address(ctx, "nowhere")),
    "endpoints.create": (
        "webhooks.manage",
        lambda ctx: webhooks.create(ctx, webhooks.EndpointInput(url="")),
    ),
    "endpoints.get": ("webhooks.view", lambda ctx: webhooks.get(ctx, NOBODY)),
    "endpoints.pause": ("webhooks.manage", lambda ctx: webhooks.pause(ctx, NOBODY)),
    "endpoints.remove": ("webhooks.manage", lambda ctx: webhooks.remove(ctx, NOBODY)),
    "endpoints.resume": ("webhooks.manage", lambda ctx: webhooks.resume(ctx, NOBODY)),
    "endpoints.rotate": ("webhooks.manage", lambda ctx: webhooks.rotate(ctx, NOBODY)),
    "endpoints.search": ("webhooks.view", lambda ctx: webhooks.search(ctx)),
    "health.lost_since": (
        "webhooks.view",
        lambda ctx: health.lost_since(ctx, NOBODY, ctx.now()),
    ),
    "health.recent": ("webhooks.view", lambda ctx: health.recent(ctx, [NOBODY])),
    "log.deliveries": (
        "webhooks.view",
        lambda ctx: webhooks.deliveries(ctx, webhooks.DeliveryFilter()),
    ),
    "log.delivery": ("webhooks.view", lambda ctx: webhooks.delivery(ctx, NOBODY)),
    "replaying.replay": ("webhooks.manage", lambda ctx: webhooks.replay(ctx, [NOBODY])),
    "replaying.replay_failed": (
        "webhooks.manage",
        lambda ctx: webhooks.replay_failed(ctx, NOBODY, since=ctx.now()),
    ),
    "replaying.send_test": (
        "webhooks.manage",
        lambda ctx: webhooks.send_test(ctx, NOBODY, "plugin.enabled"),
    ),
    "samples.sample_message": (
        "webhooks.view",
        lambda ctx: webhooks.sample_message(ctx, "nothing"),
    ),
    "samples.event_types": ("webhooks.view", lambda ctx: webhooks.event_types(ctx)),
}


def table() -> dict[tuple[str, str], bool]:
    head, *rows = TABLE.strip().splitlines()
    return {
        (row.split()[0], role): mark == "x"
        for row in rows
        for role, mark in zip(head.split(), row.split()[1:], strict=True)
    }


def asking() -> set[str]:
    """Name every function of the services that asks for a permission; clients have proofs of their own."""
    found = set()
    for path in SERVICES.rglob("*.py"):
        if path.parent.name == "portal":
            continue
        module = path.parent.name if path.name == "__init__.py" else path.stem
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and "ctx.require(" in ast.unparse(node):
                found.add(f"{module}.{node.name}")
    return found


def test_the_roles_are_as_the_table_says():
    found = {(name, role): name in ROLES[role].permissions for name in NAMES for role in ROLES}
    assert found == table()


def test_an_administrator_may_do_everything_and_an_auditor_change_nothing():
    assert ROLES["admin"].permissions == NAMES
    assert all(
        name.endswith(".view") or name == "exports.create" for name in ROLES["auditor"].permissions
    )


def test_only_administrators_manage_people():
    assert [role for role in ROLES if "people.manage" in ROLES[role].permissions] == ["admin"]


def test_no_role_that_is_unknown_may_do_anything():
    assert granted("emperor", ["fax.send"]) == frozenset()


@pytest.mark.parametrize("role", ROLES)
def test_what_plugins_bring_is_given_to_administrators(role):
    assert ("fax.send" in granted(role, ["fax.send"])) is (role == "admin")


def test_every_permission_and_role_has_words_for_people():
    from billhook.services.permissions import PERMISSIONS

    assert len(NAMES) == len(PERMISSIONS)
    assert all(str(permission.label) for permission in PERMISSIONS)
    assert all(str(role.title) and str(role.summary) for role in ROLES.values())


def test_every_act_that_asks_for_a_permission_is_in_the_table():
    assert asking() == ACTS.keys()
    assert {permission for permission, _act in ACTS.values()} <= NAMES


def test_each_role_does_what_the_table_allows_and_nothing_else(ctx):
    """One tenant and six people: every act of every one of them."""
    allowed = table()
    wrong = []
    for role in ROLES:
        somebody = join("shop", f"{role}@shop.example", role=role)
        for act, (permission, call) in ACTS.items():
            theirs = somebody.ctx
            with theirs.acting():
                if _is_refused(call, theirs) is allowed[permission, role]:
                    wrong.append(f"{role}: {act}")
    assert wrong == []


def _is_refused(call, ctx) -> bool:
    """Tell whether an act stops for the want of a permission; any other end is one of its own."""
    try:
        call(ctx)
    except Forbidden:
        return True
    except BillhookError:
        return False
    return False


def test_the_operator_may_do_all(ctx):
    with ctx.acting():
        refused = [act for act, (_name, call) in ACTS.items() if _is_refused(call, ctx)]
    assert refused == []
