"""Acme's administrator asks every service for what is the shop's, and cannot tell it from nothing."""

import ast
import io
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from billhook.domain.deliveries import DeliveryReport, DeliveryState, Recipient
from billhook.domain.splitting import BySection
from billhook.domain.states import DocumentType, RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import BillhookError
from billhook.ids import made_at, new_id
from billhook.sdk.context import Context
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
    finding,
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
    notifications,
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
    previewing,
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
    tiles,
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
from billhook.services.portal.invitations import Invitation as PortalInvitation
from billhook.services.run_scopes import RunScope
from billhook.services.webhooks import health
from billhook.services.webhooks.endpoints import check_address
from billhook.testing.outward import CHANNEL

DAY = date(2026, 10, 31)
SERVICES = Path(audit.__file__).parent
NOBODY = new_id()
HOOK = "https://1.1.1.1/"
DISCOUNT = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="x", amount=1)

KEY = api_keys.KeyInput(name="Acme's other key", scopes=("customers.view",))
SOMEBODY = contacts.ContactInput(name="Eve", email="eve@acme.example")
PROFILE = customer_profiles.ProfileInput(
    customer=customers.CustomerInput(
        reference="A9", name="Acme's own", country="DE", currency="EUR"
    )
)


def _issued(document_id: UUID) -> Issued:
    return Issued(
        id=document_id,
        type=DocumentType.INVOICE,
        number="X-1",
        currency="EUR",
        net=0,
        tax=0,
        gross=0,
        payable=0,
    )


# Acts on one thing: what kind of thing, and the act. Several acts of one name differ by a suffix.
BY_ID: dict[str, tuple[str, Callable[[Context, UUID], Any]]] = {
    "endpoints.change": (
        "webhook",
        lambda ctx, it: webhooks.change(ctx, it, webhooks.EndpointInput(url=HOOK)),
    ),
    "endpoints.get": ("webhook", lambda ctx, it: webhooks.get(ctx, it)),
    "endpoints.pause": ("webhook", lambda ctx, it: webhooks.pause(ctx, it)),
    "endpoints.remove": ("webhook", lambda ctx, it: webhooks.remove(ctx, it)),
    "endpoints.resume": ("webhook", lambda ctx, it: webhooks.resume(ctx, it)),
    "endpoints.rotate": ("webhook", lambda ctx, it: webhooks.rotate(ctx, it)),
    "health.lost_since": (
        "webhook",
        lambda ctx, it: health.lost_since(ctx, it, ctx.now()),
    ),
    "health.recent": ("webhook", lambda ctx, it: health.recent(ctx, [it])),
    "log.deliveries/endpoint": (
        "webhook",
        lambda ctx, it: webhooks.deliveries(ctx, webhooks.DeliveryFilter(endpoint_id=it)),
    ),
    "log.deliveries/text": (
        "webhook_delivery",
        lambda ctx, it: webhooks.deliveries(ctx, webhooks.DeliveryFilter(text=str(it))),
    ),
    "log.delivery": ("webhook_delivery", lambda ctx, it: webhooks.delivery(ctx, it)),
    "replaying.replay": ("webhook_delivery", lambda ctx, it: webhooks.replay(ctx, [it])),
    "replaying.replay_failed": (
        "webhook",
        lambda ctx, it: webhooks.replay_failed(ctx, it, since=made_at(UUID(int=0))),
    ),
    "replaying.send_test": (
        "webhook",
        lambda ctx, it: webhooks.send_test(ctx, it, "plugin.enabled"),
    ),
    "looking.begin": ("customer", lambda ctx, it: looking.begin(ctx, it)),
    "portal_figures.of_customer": (
        "customer",
        lambda ctx, it: portal_figures.of_customer(ctx, it),
    ),
    "portal_usage.search/customer": (
        "customer",
        lambda ctx, it: portal_usage.search(ctx, portal_usage.VisitFilter(customer_id=it)).rows,
    ),
    "portal_usage.search/contact": (
        "contact",
        lambda ctx, it: portal_usage.search(ctx, portal_usage.VisitFilter(contact_id=it)).rows,
    ),
    "acts.get": ("act", lambda ctx, it: acts.get(ctx, it)),
    "acts.search/object": (
        "document",
        lambda ctx, it: acts.search(ctx, acts.ActFilter(text=str(it))),
    ),
    "acts.search/person": (
        "person",
        lambda ctx, it: acts.search(ctx, acts.ActFilter(actor_id=it)),
    ),
    "key_changes.change": (
        "api_key",
        lambda ctx, it: api_keys.change(ctx, it, KEY, version=1),
    ),
    "key_changes.revoke": ("api_key", lambda ctx, it: api_keys.revoke(ctx, it)),
    "key_changes.rotate": ("api_key", lambda ctx, it: api_keys.rotate(ctx, it)),
    "key_search.get": ("api_key", lambda ctx, it: api_keys.get(ctx, it)),
    "key_search.names": ("api_key", lambda ctx, it: api_keys.names(ctx, [it])),
    "key_search.search/made_by": (
        "person",
        lambda ctx, it: api_keys.search(ctx, api_keys.KeyFilter(made_by=it)),
    ),
    "api_requests.get": ("api_request", lambda ctx, it: api_requests.get(ctx, it)),
    "api_requests.search/key": (
        "api_key",
        lambda ctx, it: api_requests.search(ctx, api_requests.RequestFilter(key_id=it)),
    ),
    "api_requests.search/id": (
        "api_request",
        lambda ctx, it: api_requests.search(ctx, api_requests.RequestFilter(text=str(it))),
    ),
    "artefacts.content": ("artefact", lambda ctx, it: artefacts.content(ctx, it)),
    "artefacts.e_invoice": ("document", lambda ctx, it: artefacts.e_invoice(ctx, it)),
    "artefacts.e_invoice/format": (
        "document",
        lambda ctx, it: artefacts.e_invoice(ctx, it, format_key="paper.tablet"),
    ),
    "artefacts.get": ("artefact", lambda ctx, it: artefacts.get(ctx, it)),
    "artefacts.of_document": ("document", lambda ctx, it: artefacts.of_document(ctx, it)),
    "artefacts.printed": ("document", lambda ctx, it: artefacts.printed(ctx, it)),
    "attachments.attach": (
        "draft",
        lambda ctx, it: attachments.attach(
            ctx, it, name="a.txt", content_type="text/plain", content=b"a"
        ),
    ),
    "attachments.content": ("document", lambda ctx, it: attachments.content(ctx, it, 1)),
    "attachments.detach": (
        "draft",
        lambda ctx, it: attachments.detach(ctx, it, "Zebra terms.txt"),
    ),
    "attempting.attempt": ("delivery", lambda ctx, it: delivering.attempt(ctx, it)),
    "billing.resume": ("run", lambda ctx, it: billing.resume(ctx, it)),
    "holding._set_held": ("charge", lambda ctx, it: charging.hold(ctx, [it], reason="x")),
    "holding._set_held/release": ("charge", lambda ctx, it: charging.release(ctx, [it])),
    "viewing.cost": ("charge", lambda ctx, it: viewing.cost(ctx, it)),
    "attachments.content_on_draft": (
        "draft",
        lambda ctx, it: attachments.content_on_draft(ctx, it, it),
    ),
    "customers.of_ids": ("customer", lambda ctx, it: customers.of_ids(ctx, [it])),
    "draft_sheets.get": ("draft", lambda ctx, it: draft_sheets.get(ctx, it)),
    "drafting.outcomes": ("draft", lambda ctx, it: drafting.outcomes(ctx, [it])),
    "saving.revise": (
        "draft",
        lambda ctx, it: draft_editing.revise(
            ctx, it, lambda given: given, asked="", expected=lambda version: version
        ),
    ),
    "totals.totals_of_change": (
        "draft",
        lambda ctx, it: draft_editing.totals_of_change(ctx, it, lambda given: given),
    ),
    "viewing.costs": ("charge", lambda ctx, it: viewing.costs(ctx, [it])),
    "viewing.get": ("charge", lambda ctx, it: viewing.get(ctx, it)),
    "finding.states": ("charge", lambda ctx, it: charging.states(ctx, [it])),
    "holding.withdraw": ("charge", lambda ctx, it: charging.withdraw(ctx, [it], reason="x")),
    "crediting.credit": ("document", lambda ctx, it: crediting.credit(ctx, it, reason="x")),
    "crediting.creditable": ("document", lambda ctx, it: crediting.creditable(ctx, it)),
    "crediting.currency_of": ("document", lambda ctx, it: crediting.currency_of(ctx, it)),
    "crediting.preview": ("document", lambda ctx, it: crediting.preview(ctx, it)),
    "crediting.void": ("document", lambda ctx, it: crediting.void(ctx, it, reason="x")),
    "agreements.customer_of": (
        "price",
        lambda ctx, it: agreements.customer_of(ctx, it),
    ),
    "agreements.end": ("price", lambda ctx, it: agreements.end(ctx, it, last_day=DAY)),
    "agreements.of_customer": (
        "customer",
        lambda ctx, it: agreements.of_customer(ctx, it),
    ),
    "client_access.change_rights": (
        "contact",
        lambda ctx, it: client_access.change_rights(ctx, it, []),
    ),
    "client_access.end": ("contact", lambda ctx, it: client_access.end(ctx, it)),
    "client_access.invite": ("contact", lambda ctx, it: client_access.invite(ctx, it, [])),
    "client_access.mail": (
        "contact",
        lambda ctx, it: client_access.mail(
            ctx, PortalInvitation(contact_id=it, path="", link="", expires_at=ctx.now())
        ),
    ),
    "client_access.of_contacts": ("contact", lambda ctx, it: client_access.get(ctx, it)),
    "client_access.remove_factor": (
        "contact",
        lambda ctx, it: client_access.remove_factor(ctx, it),
    ),
    "client_invitations.invite_all": (
        "customer",
        lambda ctx, it: client_invitations.invite_all(ctx, [it], []),
    ),
    "client_invitations.plan": (
        "customer",
        lambda ctx, it: client_invitations.plan(ctx, [it]),
    ),
    "client_invitations.progress": (
        "work",
        lambda ctx, it: client_invitations.progress(ctx, it),
    ),
    "contacts.add": ("customer", lambda ctx, it: contacts.add(ctx, it, SOMEBODY)),
    "contacts.change": ("contact", lambda ctx, it: contacts.change(ctx, it, SOMEBODY)),
    "contacts.of_customers": (
        "customer",
        lambda ctx, it: contacts.of_customers(ctx, [it]),
    ),
    "customer_balances.of_customers": (
        "customer",
        lambda ctx, it: customer_balances.of_customers(ctx, [it]),
    ),
    "answering.get": ("question", lambda ctx, it: questions.get(ctx, it)),
    "answering.file": ("file", lambda ctx, it: questions.file(ctx, it, it)),
    "answering.file/thread": ("question", lambda ctx, it: questions.file(ctx, it, it)),
    "answering.reply": ("question", lambda ctx, it: questions.reply(ctx, it, "x")),
    "answering.close": ("question", lambda ctx, it: questions.close(ctx, it, "x")),
    "answering.reopen": ("question", lambda ctx, it: questions.reopen(ctx, it, "x")),
    "tasks.assign": ("question", lambda ctx, it: questions.assign(ctx, it, None)),
    "tasks.answerers": ("question", lambda ctx, it: questions.answerers(ctx, it)),
    "searching.search/document": ("document", lambda ctx, it: questions.of_document(ctx, it)),
    "searching.search/customer": (
        "customer",
        lambda ctx, it: questions.search(ctx, questions.QuestionFilter(customer_id=it)).rows,
    ),
    "profile_changes.get": ("profile_change", lambda ctx, it: profile_changes.get(ctx, it)),
    "profile_changes.approve": (
        "profile_change",
        lambda ctx, it: profile_changes.approve(ctx, it),
    ),
    "profile_changes.refuse": (
        "profile_change",
        lambda ctx, it: profile_changes.refuse(ctx, it, reason="Acme says no"),
    ),
    "profile_changes.search/customer": (
        "customer",
        lambda ctx, it: profile_changes.search(ctx, customer_id=it, state=None).rows,
    ),
    "customer_notes.get": ("note", lambda ctx, it: customer_notes.get(ctx, it)),
    "customer_search.waiting_by_customer": (
        "customer",
        lambda ctx, it: customer_search.waiting_by_customer(ctx, [it])[it].charges,
    ),
    "customer_search.entries/payer": (
        "customer",
        lambda ctx, it: customer_search.entries(ctx, customer_search.CustomerFilter(payer_id=it)),
    ),
    "price_search.get": ("price", lambda ctx, it: price_search.get(ctx, it)),
    "price_search.version_on": (
        "price",
        lambda ctx, it: price_search.version_on(ctx, price_search.get(ctx, it), DAY),
    ),
    "price_search.search/customer": (
        "customer",
        lambda ctx, it: price_search.search(ctx, price_search.PriceFilter(customer_id=it)),
    ),
    "contacts.get": ("contact", lambda ctx, it: contacts.get(ctx, it)),
    "customer_balances.of_customer": (
        "customer",
        lambda ctx, it: customer_balances.of_customer(ctx, it),
    ),
    "customer_merging.merge": (
        "customer",
        lambda ctx, it: customer_merging.merge(ctx, duplicate_id=it, kept_id=it),
    ),
    "customer_merging.preview": (
        "customer",
        lambda ctx, it: customer_merging.preview(ctx, duplicate_id=it, kept_id=it),
    ),
    "customer_notes.delete": ("note", lambda ctx, it: customer_notes.delete(ctx, it)),
    "customer_notes.of_customer": (
        "customer",
        lambda ctx, it: customer_notes.of_customer(ctx, it),
    ),
    "customer_notes.write": (
        "customer",
        lambda ctx, it: customer_notes.write(ctx, it, "Acme was here"),
    ),
    "customer_profiles.assign": (
        "customer",
        lambda ctx, it: customer_profiles.assign(ctx, [it], None),
    ),
    "customer_profiles.change": (
        "customer",
        lambda ctx, it: customer_profiles.change(ctx, it, PROFILE, version=1),
    ),
    "customer_search.search/payer": (
        "customer",
        lambda ctx, it: customer_search.search(ctx, customer_search.CustomerFilter(payer_id=it)),
    ),
    "customer_search.waiting": (
        "customer",
        lambda ctx, it: customer_search.waiting(ctx, [it]),
    ),
    "customer_tags._bulk": ("customer", lambda ctx, it: customer_tags.add(ctx, [it], "acme")),
    "customer_tags._bulk/remove": (
        "customer",
        lambda ctx, it: customer_tags.remove(ctx, [it], "zebra"),
    ),
    "customers.by_id": ("customer", lambda ctx, it: customers.by_id(ctx, it)),
    "dossiers.dossier": ("document", lambda ctx, it: dossiers.dossier(ctx, it)),
    "documents.customer_of": ("document", lambda ctx, it: documents.customer_of(ctx, it)),
    "duplicating.duplicate": ("document", lambda ctx, it: duplicating.duplicate(ctx, it)),
    "duplicating.duplicate/draft": ("draft", lambda ctx, it: duplicating.duplicate(ctx, it)),
    "explaining.why": ("document", lambda ctx, it: explaining.why(ctx, it)),
    "links.family": ("document", lambda ctx, it: links.family(ctx, it)),
    "links.family/draft": ("draft", lambda ctx, it: links.family(ctx, it)),
    "merging.merge": ("draft", lambda ctx, it: merging.merge(ctx, [it, NOBODY])),
    "merging.preview": ("draft", lambda ctx, it: merging.preview(ctx, [it, NOBODY])),
    "rebilling.rebill": ("document", lambda ctx, it: rebilling.rebill(ctx, it, reason="x")),
    "rebilling.split": (
        "document",
        lambda ctx, it: rebilling.split(ctx, it, BySection(), reason="x"),
    ),
    "retrying.retry_some": ("delivery", lambda ctx, it: retrying.retry_some(ctx, [it])),
    "splitting.preview": ("draft", lambda ctx, it: splitting.preview(ctx, it, BySection())),
    "splitting.split": ("draft", lambda ctx, it: splitting.split(ctx, it, BySection())),
    "usual.usual_ways": ("document", lambda ctx, it: usual.usual_ways(ctx, it)),
    "document_search.get": ("document", lambda ctx, it: document_search.get(ctx, it)),
    "links.families": ("document", lambda ctx, it: links.families(ctx, [it])),
    "originals.all_shown": ("document", lambda ctx, it: originals.all_shown(ctx, [it])),
    "statements.of_customer": ("customer", lambda ctx, it: statements.of_customer(ctx, it)),
    "open_items._one": ("receivable", lambda ctx, it: open_items.receivable(ctx, it)),
    "open_items._page/customer": (
        "customer",
        lambda ctx, it: open_items.receivables(ctx, open_items.ItemFilter(customer_id=it)).rows,
    ),
    "documents.get": ("document", lambda ctx, it: documents.get(ctx, it)),
    "documents.of_ids": ("document", lambda ctx, it: documents.of_ids(ctx, [it])),
    "draft_search.of_ids": ("draft", lambda ctx, it: draft_search.of_ids(ctx, [it])),
    "opening.opened": ("draft", lambda ctx, it: draft_editing.opened(ctx, it)),
    "outgoing.send_issued": ("document", lambda ctx, it: outgoing.send_issued(ctx, _issued(it))),
    "saving.save": (
        "draft",
        lambda ctx, it: draft_editing.save(ctx, it, draft_editing.DraftInput(), version=1),
    ),
    "totals.totals": (
        "draft",
        lambda ctx, it: draft_editing.totals(ctx, draft_editing.DraftInput(), draft_id=it),
    ),
    "drafting.adjust": ("draft", lambda ctx, it: drafting.adjust(ctx, it, DISCOUNT)),
    "drafting.discard": ("draft", lambda ctx, it: drafting.discard(ctx, it, reason="x")),
    "drafting.get": ("draft", lambda ctx, it: drafting.get(ctx, it)),
    "drafting.load": ("draft", lambda ctx, it: drafting.load(ctx, it)),
    "field_definitions._set_active": (
        "own_field",
        lambda ctx, it: field_definitions.lay_aside(ctx, it),
    ),
    "field_definitions.change": (
        "own_field",
        lambda ctx, it: field_definitions.change(
            ctx, it, field_definitions.FieldChange(label="x")
        ),
    ),
    "field_definitions.get": ("own_field", lambda ctx, it: field_definitions.get(ctx, it)),
    "field_definitions.move": (
        "own_field",
        lambda ctx, it: field_definitions.move(ctx, it, field_definitions.Direction.UP),
    ),
    "duplicates.of_customer": ("customer", lambda ctx, it: duplicates.of_customer(ctx, it)),
    "erasing.erase": ("customer", lambda ctx, it: erasing.erase(ctx, it)),
    "erasing.forget_contact": ("contact", lambda ctx, it: erasing.forget_contact(ctx, it)),
    "erasing.plan": ("customer", lambda ctx, it: erasing.plan(ctx, it)),
    "files.get": ("file", lambda ctx, it: files.get(ctx, it)),
    "files.read": ("file", lambda ctx, it: files.read(ctx, it)),
    "issuing.issue": ("draft", lambda ctx, it: issuing.issue(ctx, it, issue_on=DAY)),
    "issuing.issue/key": ("draft", lambda ctx, it: issuing.issue(ctx, it, key="zebra-1")),
    "journals.postings_of": ("entry", lambda ctx, it: journals.postings_of(ctx, [it])),
    "journals.get": ("entry", lambda ctx, it: journals.get(ctx, it)),
    "notifications.get": ("notice", lambda ctx, it: notifications.get(ctx, it)),
    "notifications.mark_read": ("notice", lambda ctx, it: notifications.mark_read(ctx, [it])),
    "originals.read": ("document", lambda ctx, it: originals.read(ctx, it)),
    "outbox.get": ("work", lambda ctx, it: outbox.get(ctx, it)),
    "outbox.of_ids": ("work", lambda ctx, it: outbox.of_ids(ctx, [it])),
    "outbox.retry": ("work", lambda ctx, it: outbox.retry(ctx, it)),
    "reviving.retry": ("work", lambda ctx, it: reviving.retry(ctx, it)),
    "verification_runs.get": ("verification", lambda ctx, it: verification_runs.get(ctx, it)),
    "people.change_role": ("person", lambda ctx, it: people.change_role(ctx, it, "clerk")),
    "people.change_seat": (
        "person",
        lambda ctx, it: people.change_seat(ctx, it, role="clerk", reach="all"),
    ),
    "people.get": ("person", lambda ctx, it: people.get(ctx, it)),
    "people.deactivate": ("person", lambda ctx, it: people.deactivate(ctx, it)),
    "person_files._require": (
        "customer",
        lambda ctx, it: person_files.write_customer(ctx, it, io.BytesIO()),
    ),
    "person_files._require/contact": (
        "contact",
        lambda ctx, it: person_files.write_contact(ctx, it, io.BytesIO()),
    ),
    "planning.plan": ("document", lambda ctx, it: planning.plan(ctx, it)),
    "previewing.preview": ("draft", lambda ctx, it: previewing.preview(ctx, it)),
    "preferences.chosen": ("customer", lambda ctx, it: preferences.chosen(ctx, it)),
    "publishing.publication": ("document", lambda ctx, it: publishing.publication(ctx, it)),
    "reading.found": ("delivery", lambda ctx, it: reading.found(ctx, it)),
    "reading.get": ("delivery", lambda ctx, it: delivering.get(ctx, it)),
    "reading.of_document": ("document", lambda ctx, it: delivering.of_document(ctx, it)),
    "reading.listing/after": ("delivery", lambda ctx, it: delivering.listing(ctx, after=it)),
    "reporting.report": ("delivery", lambda ctx, it: reported(ctx, delivery_id=it)),
    "reporting.report/remote": (
        "delivery",
        lambda ctx, it: reported(ctx, remote_id=f"{it}@pigeon"),
    ),
    "retrying.retry": ("delivery", lambda ctx, it: delivering.retry(ctx, it)),
    "run_previews.comparison": (
        "run",
        lambda ctx, it: run_previews.comparison(ctx, runs.get(ctx, it)),
    ),
    "run_previews.start": ("run", lambda ctx, it: run_previews.start(ctx, it)),
    "bringing.columns_of": ("import_run", lambda ctx, it: import_runs.columns_of(ctx, it)),
    "reading._ask": (
        "import_run",
        lambda ctx, it: import_runs.check(ctx, it, import_runs.Options()),
    ),
    "reading._ask/store": (
        "import_run",
        lambda ctx, it: import_runs.store(ctx, it, skip_bad=True),
    ),
    "reading.work": ("import_run", lambda ctx, it: import_runs.work(ctx, it)),
    "showing.bad_rows": (
        "import_run",
        lambda ctx, it: import_runs.bad_rows(ctx, it)[0],
    ),
    "document_links.get": ("document", lambda ctx, it: document_links.get(ctx, it, it)),
    "document_links.listing": ("document", lambda ctx, it: document_links.listing(ctx, it)),
    "document_links.make": ("document", lambda ctx, it: document_links.make(ctx, it)),
    "document_links.revoke": ("document", lambda ctx, it: document_links.revoke(ctx, it, it)),
    "document_links.revoke_all": ("document", lambda ctx, it: document_links.revoke_all(ctx, it)),
    "showing.get": ("import_run", lambda ctx, it: import_runs.get(ctx, it)),
    "runs.documents_of": ("run", lambda ctx, it: runs.documents_of(ctx, it)),
    "runs.drafts_of": ("run", lambda ctx, it: runs.drafts_of(ctx, it)),
    "runs.get": ("run", lambda ctx, it: runs.get(ctx, it)),
    "runs.go_on": ("run", lambda ctx, it: runs.go_on(ctx, it)),
    "runs.retry_parked": ("run", lambda ctx, it: runs.retry_parked(ctx, it, key="once")),
    "runs.troubles": ("run", lambda ctx, it: runs.troubles(ctx, [it])),
    "runs.trouble": ("run", lambda ctx, it: runs.trouble(ctx, it)),
    "catalogue.change": (
        "product",
        lambda ctx, it: catalogue.change(ctx, it, products.ProductInput(sku=""), version=1),
    ),
    "catalogue.get": ("product", lambda ctx, it: catalogue.get(ctx, it)),
    "price_trials.of_product": (
        "product",
        lambda ctx, it: price_trials.of_product(
            ctx, it, currency="EUR", quantity=Decimal(1), on=DAY
        ),
    ),
    "sending.send": ("document", lambda ctx, it: delivering.send(ctx, it)),
    "sending.send/recipients": (
        "document",
        lambda ctx, it: delivering.send(
            ctx, it, recipients=[Recipient(address="eve@acme.example")]
        ),
    ),
    "showing.shown": ("delivery", lambda ctx, it: showing.shown(ctx, it)),
    "templates.template": (
        "brand",
        lambda ctx, it: templates.template(ctx, it, DocumentType.INVOICE),
    ),
    "registrations.change": (
        "registration",
        lambda ctx, it: registrations.change(ctx, it, registrations.RegistrationChange()),
    ),
    "registrations.end": (
        "registration",
        lambda ctx, it: registrations.end(ctx, it, until=DAY),
    ),
}

# Acts on what people name by a code: the shop's code, and one that nobody has.
BY_CODE: dict[str, tuple[str, str, Callable[[Context, str], Any]]] = {
    "portal_domains.check": (
        "billing.shop.example",
        "nobodys.example",
        lambda ctx, it: portal_domains.check(ctx, it),
    ),
    "portal_domains.dress": (
        "billing.shop.example",
        "nobodys.example",
        lambda ctx, it: portal_domains.dress(ctx, it, brand=""),
    ),
    "portal_domains.get": (
        "billing.shop.example",
        "nobodys.example",
        lambda ctx, it: portal_domains.get(ctx, it),
    ),
    "portal_domains.remove": (
        "billing.shop.example",
        "nobodys.example",
        lambda ctx, it: portal_domains.remove(ctx, it),
    ),
    "roles.change": (
        "zebra-keeper",
        "quagga-keeper",
        lambda ctx, it: roles.change(
            ctx, [roles.RoleChange(code=it, permissions=frozenset(), version=1)]
        ),
    ),
    "roles.create/like": (
        "zebra-keeper",
        "quagga-keeper",
        lambda ctx, it: roles.create(ctx, title="Copy", like=it),
    ),
    "roles.describe": (
        "zebra-keeper",
        "quagga-keeper",
        lambda ctx, it: roles.describe(ctx, it, title="Mine", summary=""),
    ),
    "roles.get": ("zebra-keeper", "quagga-keeper", lambda ctx, it: roles.get(ctx, it)),
    "roles.remove": ("zebra-keeper", "quagga-keeper", lambda ctx, it: roles.remove(ctx, it)),
    "brands.get": ("zebra-face", "quagga-face", lambda ctx, it: brands.get(ctx, it)),
    "brands.previewed": (
        "zebra-face",
        "quagga-face",
        lambda ctx, it: brands.previewed(ctx, brands.BrandInput(code=it)),
    ),
    "sample_sending.brand_of": (
        "zebra-face",
        "quagga-face",
        lambda ctx, it: sample_sending.brand_of(ctx, it),
    ),
    "sample_sending.send_to_self": (
        "zebra-face",
        "quagga-face",
        lambda ctx, it: sample_sending.send_to_self(ctx, brand=it, channel="nothing"),
    ),
    "customers.contacts": ("Z1", "Q1", lambda ctx, it: customers.contacts(ctx, it)),
    "finding.find_products/customer": (
        "Z1",
        "Q1",
        lambda ctx, it: picking.find_products(ctx, "", customer=it),
    ),
    "opening.blank": ("Z1", "Q1", lambda ctx, it: draft_editing.blank(ctx, customer=it)),
    "opening.face": ("Z1", "Q1", lambda ctx, it: draft_editing.face(ctx, it)),
    "saving.create": (
        "Z1",
        "Q1",
        lambda ctx, it: draft_editing.create(ctx, draft_editing.DraftInput(customer=it)),
    ),
    "saving.create/product": (
        "ZEBRA-SKU",
        "QUAGGA-SKU",
        lambda ctx, it: draft_editing.create(
            ctx,
            draft_editing.DraftInput(customer="A1", lines=(draft_editing.LineInput(sku=it),)),
        ),
    ),
    "customers.get": ("Z1", "Q1", lambda ctx, it: customers.get(ctx, it)),
    "customers.save_contact": (
        "Z1",
        "Q1",
        lambda ctx, it: customers.save_contact(ctx, it, email="a@b.example", name="A"),
    ),
    "documents.find": ("INV-2026-00001", "INV-2026-99", lambda ctx, it: documents.find(ctx, it)),
    "preferences.save": (
        "Z1",
        "Q1",
        lambda ctx, it: preferences.save(
            ctx, it, preferences.PreferenceChange(brand="default", tone="formal")
        ),
    ),
    "price_trials.of_product/customer": (
        "Z1",
        "Q1",
        lambda ctx, it: price_trials.of_product(
            ctx, UUID(int=1), currency="EUR", quantity=Decimal(1), on=DAY, customer=it
        ),
    ),
    "catalogue.create": (
        "ZEBRA-SKU",
        "QUAGGA-SKU",
        lambda ctx, it: catalogue.create(ctx, products.ProductInput(sku=it)),
    ),
    "products.get": ("ZEBRA-SKU", "QUAGGA-SKU", lambda ctx, it: products.get(ctx, it)),
    "prices.prices": ("ZEBRA-SKU", "QUAGGA-SKU", lambda ctx, it: products.prices(ctx, it)),
    "prices.add_prices": (
        "ZEBRA-SKU",
        "QUAGGA-SKU",
        lambda ctx, it: prices.add_prices(
            ctx,
            [prices.PriceInput(sku=it, model="pricing_standard.flat", parameters={"amount": "1"})],
        ),
    ),
    "invitations.reset_password": (
        "ada@zebra.example",
        "ada@quagga.example",
        lambda ctx, it: invitations.reset_password(ctx, it),
    ),
}


def reported(ctx: Context, *, remote_id: str = "", **news: UUID) -> object:
    """Tell as a channel that a delivery came back."""
    bounce = DeliveryReport(remote_id=remote_id, state=DeliveryState.BOUNCED, **news)
    return ctx.ports.deliveries.report(ctx, channel=CHANNEL, reports=[bounce])


def exported(ctx: Context, kind: exporting.ExportKind) -> bytes:
    out = io.BytesIO()
    exporting.run(ctx, kind, out)
    return out.getvalue()


def handed_over(ctx: Context) -> bytes:
    out = io.BytesIO()
    handing_over.write_csv(ctx, DAY, DAY, out)
    return out.getvalue()


def imported(ctx: Context) -> object:
    file = io.BytesIO(b"reference,name,country,currency\nZ1,Acme's own,DE,EUR\n")
    return importing.run(ctx, "customers", file)


# Everything else: lists, sums, exports, and acts that make something of one's own.
AT_LARGE: dict[str, Callable[[Context], Any]] = {
    "portal_domains.add": lambda ctx: portal_domains.add(ctx, "pay.acme.example"),
    "portal_domains.listing": lambda ctx: portal_domains.listing(ctx),
    "endpoints.check_address": lambda ctx: check_address(ctx, "https://"),
    "endpoints.create": lambda ctx: webhooks.create(ctx, webhooks.EndpointInput(url="nowhere")),
    "endpoints.search": lambda ctx: webhooks.search(ctx),
    "portal_figures.usage": lambda ctx: portal_figures.usage(ctx),
    "portal_settings.get": lambda ctx: portal_settings.get(ctx),
    "portal_settings.change": lambda ctx: portal_settings.change(
        ctx, portal_settings.PortalChange(link_days=90)
    ),
    "portal_usage.search": lambda ctx: portal_usage.search(ctx, portal_usage.VisitFilter()).rows,
    "profile_changes.search": lambda ctx: profile_changes.search(ctx).rows,
    "profile_changes.waiting": lambda ctx: profile_changes.waiting(ctx),
    "endpoints.search/text": lambda ctx: webhooks.search(ctx, text="zebra.example"),
    "log.deliveries": lambda ctx: webhooks.deliveries(ctx, webhooks.DeliveryFilter()),
    "samples.sample_message": lambda ctx: webhooks.sample_message(ctx, "document.voided"),
    "samples.event_types": lambda ctx: len(webhooks.event_types(ctx)) and [],
    "acts.people": lambda ctx: [one for one in acts.people(ctx) if one[1] != "ada"],
    "acts.search": lambda ctx: acts.search(ctx, acts.ActFilter(text="INV-2026-00001")),
    "audit.listing": lambda ctx: audit.listing(ctx),
    "brands.get": lambda ctx: brands.get(ctx),
    "brands.listing": lambda ctx: brands.listing(ctx),
    "brands.previewed": lambda ctx: brands.previewed(ctx, brands.BrandInput(name="Acme's face")),
    "brands.save": lambda ctx: brands.save(ctx, brands.BrandInput(name="Acme's face")),
    "brands.save/new": lambda ctx: brands.save(ctx, brands.BrandInput(code="new", name="New")),
    "billing.preview": lambda ctx: billing.preview(ctx, until=DAY, issue_on=DAY),
    "billing._begun": lambda ctx: billing.run(ctx, until=DAY, issue_on=DAY),
    "billing.start": lambda ctx: billing.start(
        ctx, until=DAY, issue_on=DAY, mode=RunMode.DRAFT, scope=RunScope(), key="once"
    ),
    "run_previews.begin": lambda ctx: run_previews.begin(
        ctx, until=DAY, issue_on=DAY, mode=RunMode.DRAFT, scope=RunScope()
    ),
    "catalogue.search": lambda ctx: catalogue.search(ctx, catalogue.ProductFilter(text="Zebra")),
    "catalogue.entries": lambda ctx: catalogue.entries(ctx, catalogue.ProductFilter(text="Zebra")),
    "catalogue.prices_today": lambda ctx: catalogue.prices_today(
        ctx, catalogue.entries(ctx, catalogue.ProductFilter()).rows
    ),
    "customer_search.entries": lambda ctx: customer_search.entries(
        ctx, customer_search.CustomerFilter(reference="Z1")
    ),
    "price_search.search": lambda ctx: price_search.search(ctx, price_search.PriceFilter()),
    "price_trials.attempt": lambda ctx: price_trials.attempt(
        ctx,
        model="pricing_standard.flat",
        parameters={"amount": "1"},
        currency="EUR",
        quantity=Decimal(1),
    ),
    "price_trials.models": lambda ctx: price_trials.models(ctx),
    "bringing.bring": lambda ctx: import_runs.bring(
        ctx, "customers", name="a.csv", content=b"reference\nZ1\n"
    ),
    "showing.listing": lambda ctx: import_runs.listing(ctx),
    "runs.listing": lambda ctx: runs.listing(ctx),
    "runs.running": lambda ctx: runs.running(ctx),
    "adding.add": lambda ctx: charging.add(ctx, []),
    "draft_sheets.search": lambda ctx: draft_sheets.search(ctx, draft_search.DraftFilter()),
    "batches.take": lambda ctx: batches.take(ctx, []),
    "viewing.search": lambda ctx: viewing.search(ctx, charging.ChargeFilter()),
    "by_hand.add_typed": lambda ctx: by_hand.add_typed(
        ctx, {"customer": "Z1", "date": "2026-10-31", "amount": "1"}, key=UUID(int=1)
    ),
    "finding.counts": lambda ctx: charging.counts(ctx, charging.ChargeFilter()),
    "finding.listing": lambda ctx: charging.listing(ctx),
    "finding.search": lambda ctx: charging.search(ctx, charging.ChargeFilter()),
    "finding.search/text": lambda ctx: charging.search(ctx, charging.ChargeFilter(text="Zebra")),
    "finding.sources": lambda ctx: charging.sources(ctx),
    "finding.listing/customer": lambda ctx: charging.listing(ctx, customer="Z1"),
    "company.settings": lambda ctx: company.settings(ctx),
    "customer_profiles.create": lambda ctx: customer_profiles.create(ctx, PROFILE),
    "customer_search.countries": lambda ctx: customer_search.countries(ctx),
    "customer_search.search": lambda ctx: customer_search.search(
        ctx, customer_search.CustomerFilter(text="Zebra")
    ),
    "customer_tags.all_tags": lambda ctx: customer_tags.all_tags(ctx),
    "customer_tags.owners": lambda ctx: customer_tags.owners(ctx),
    "duplicates.groups": lambda ctx: duplicates.groups(ctx),
    "customers.listing": lambda ctx: customers.listing(ctx),
    "customers.listing/search": lambda ctx: customers.listing(ctx, search="Zebra"),
    "customers.upsert": lambda ctx: customers.upsert(ctx, []),
    "dead_letters.retry_all": lambda ctx: dead_letters.retry_all(ctx),
    "delivery_search.channels": lambda ctx: delivery_search.channels(ctx),
    "delivery_search.search": lambda ctx: delivery_search.search(
        ctx, delivery_search.DeliveryFilter(text="Zebra")
    ),
    "draft_search.currencies": lambda ctx: draft_search.currencies(ctx),
    "draft_search.runs": lambda ctx: draft_search.runs(ctx),
    "draft_search.search": lambda ctx: draft_search.search(
        ctx, draft_search.DraftFilter(text="Zebra", state=None)
    ),
    "finding.find_customers": lambda ctx: picking.find_customers(ctx, "Zebra"),
    "finding.find_products": lambda ctx: picking.find_products(ctx, "Zebra"),
    "open_items._page": lambda ctx: open_items.receivables(ctx, open_items.ItemFilter()),
    "open_items._page/credits": lambda ctx: open_items.credits_given(
        ctx, open_items.ItemFilter(customer="Z1")
    ),
    "document_search.currencies": lambda ctx: document_search.currencies(ctx),
    "document_search.search": lambda ctx: document_search.search(
        ctx, document_search.DocumentFilter(text="Zebra")
    ),
    "document_search.sums": lambda ctx: document_search.sums(
        ctx, document_search.DocumentFilter(text="Zebra")
    ),
    "documents.listing": lambda ctx: documents.listing(ctx),
    "documents.listing/number": lambda ctx: documents.listing(ctx, number="INV-2026-00001"),
    "documents.listing/customer": lambda ctx: documents.listing(ctx, customer="Z1"),
    "drafting.listing": lambda ctx: drafting.listing(ctx),
    "dashboard.dead_jobs": lambda ctx: dashboard.dead_jobs(ctx),
    "dashboard.drafts": lambda ctx: dashboard.drafts(ctx),
    "dashboard.issued": lambda ctx: dashboard.issued(ctx),
    "dashboard.issued_by_month": lambda ctx: dashboard.issued_by_month(ctx),
    "dashboard.lost_messages": lambda ctx: dashboard.lost_messages(ctx, DeliveryState.SENT),
    "dashboard.parked_customers": lambda ctx: dashboard.parked_customers(ctx),
    "dashboard.sent": lambda ctx: dashboard.sent(ctx),
    "dashboard.waiting": lambda ctx: dashboard.waiting(ctx),
    "exporting.run/customers": lambda ctx: exported(ctx, "customers"),
    "exporting.run/products": lambda ctx: exported(ctx, "products"),
    "exporting.run/charges": lambda ctx: exported(ctx, "charges"),
    "exporting.run/documents": lambda ctx: exported(ctx, "documents"),
    "field_definitions.create": lambda ctx: field_definitions.create(
        ctx, field_definitions.NewField(subject="customer", label="Acme's")
    ),
    "field_definitions.listing": lambda ctx: field_definitions.listing(ctx),
    "files.store": lambda ctx: files.store(
        ctx, name="a.txt", content_type="text/plain", content=b"acme"
    ),
    "fx.search": lambda ctx: fx.search(ctx, fx.RateFilter()),
    "fx.listing": lambda ctx: fx.listing(ctx),
    "key_making.make": lambda ctx: api_keys.make(ctx, KEY, api_version="2026-11-30"),
    "key_search.search": lambda ctx: api_keys.search(ctx, api_keys.KeyFilter()),
    "key_search.search/text": lambda ctx: api_keys.search(ctx, api_keys.KeyFilter(text="zebra")),
    "api_requests.search": lambda ctx: api_requests.search(ctx, api_requests.RequestFilter()),
    "api_requests.search/text": lambda ctx: api_requests.search(
        ctx, api_requests.RequestFilter(text="ebra")
    ),
    "fx.set_rate": lambda ctx: fx.set_rate(ctx, "GBP", Decimal("0.8"), on=DAY),
    "finding.find": lambda ctx: finding.find(ctx, "Zebra"),
    "finding.find/number": lambda ctx: finding.find(ctx, "INV-2026"),
    "finding.find/charge": lambda ctx: finding.find(ctx, "zebra-1"),
    "finding.document_numbered": lambda ctx: finding.document_numbered(ctx, "INV-2026-00001"),
    "handing_over.count": lambda ctx: handing_over.count(ctx, DAY, DAY),
    "handing_over.export": lambda ctx: handing_over.export(ctx, "export_datev.extf", DAY, DAY),
    "handing_over.ways": lambda ctx: handing_over.ways(ctx),
    "handing_over.write_csv": handed_over,
    "guide._set_dismissed": lambda ctx: guide.dismiss(ctx),
    "guide.send_test_invoice": lambda ctx: guide.send_test_invoice(ctx),
    "guide.state": lambda ctx: guide.state(ctx),
    "importing.run": imported,
    "journals.search": lambda ctx: journals.search(ctx, journals.EntryFilter()),
    "journals.search/text": lambda ctx: journals.search(
        ctx, journals.EntryFilter(text="INV-2026-00001", amount=Decimal(114))
    ),
    "journals.statement": lambda ctx: journals.statement(ctx, "1200", "GBP"),
    "ledgers.balances": lambda ctx: ledgers.balances(ctx),
    "notifications.listing": lambda ctx: notifications.listing(ctx),
    "notifications.mark_all_read": lambda ctx: notifications.mark_all_read(ctx),
    "notifications.unread_count": lambda ctx: notifications.unread_count(ctx),
    "outbox.search": lambda ctx: outbox.search(ctx),
    "reviving.retry_all": lambda ctx: reviving.retry_all(ctx),
    "reviving.retry_some": lambda ctx: reviving.retry_some(ctx, []),
    "schedules.listing": lambda ctx: schedules.listing(ctx),
    "tiles.offered": lambda ctx: tiles.offered(ctx),
    "tiles.shown": lambda ctx: tiles.shown(ctx, "delivery_email.last_days"),
    "verification_runs.search": lambda ctx: verification_runs.search(ctx),
    "verification_runs.latest": lambda ctx: verification_runs.latest(ctx),
    "verification_runs.start": lambda ctx: verification_runs.start(ctx),
    "ledgers.accounts": lambda ctx: ledgers.accounts(ctx),
    "ledgers.close": lambda ctx: ledgers.close(ctx, date(2026, 1, 31)),
    "ledgers.journal": lambda ctx: ledgers.journal(ctx),
    "ledgers.trial_balance": lambda ctx: ledgers.trial_balance(ctx),
    "outbox.listing": lambda ctx: outbox.listing(ctx),
    "parking.search": lambda ctx: parking.search(ctx),
    "parking.listing": lambda ctx: parking.listing(ctx),
    "invitations.invite": lambda ctx: invitations.invite(
        ctx, email="ada@zebra.example", name="Whoever", role="clerk"
    ),
    "invitations.mail": lambda ctx: invitations.mail(
        ctx,
        invitations.Invitation(person_id=ctx.actor.id, link="", expires_at=ctx.now()),
    ),
    "roles.create": lambda ctx: roles.create(ctx, title="Acme's own"),
    "roles.groups": lambda ctx: roles.groups(ctx),
    "roles.listing": lambda ctx: roles.listing(ctx),
    "requiring.require_of_members": lambda ctx: second_factor.require_of_members(
        ctx, is_required=False
    ),
    "plugin_health.check": lambda ctx: plugin_health.check(ctx, "einvoice_ubl"),
    "plugin_health.condition": lambda ctx: plugin_health.condition(ctx, "paper"),
    "plugin_settings.settings_version": lambda ctx: plugin_settings.settings_version(
        ctx, "tax_rules"
    ),
    "plugins.consequences": lambda ctx: plugins.consequences(ctx, "tax_rules"),
    "people.listing": lambda ctx: [
        one for one in people.listing(ctx) if one.email != "ada@zebra.example"
    ],
    "plugin_settings.change_settings": lambda ctx: plugin_settings.change_settings(
        ctx, "tax_rules", {"exemption_reason": "Acme's law"}
    ),
    "plugin_settings.read_settings": lambda ctx: plugin_settings.read_settings(ctx, "tax_rules"),
    "plugin_catalogue.catalogue": lambda ctx: plugin_catalogue.catalogue(ctx),
    "plugins.disable": lambda ctx: plugins.disable(ctx, "tax_rules"),
    "plugins.enable": lambda ctx: plugins.enable(ctx, "pricing_standard"),
    "products.listing": lambda ctx: products.listing(ctx),
    "products.listing/search": lambda ctx: products.listing(ctx, search="Zebra"),
    "products.upsert": lambda ctx: products.upsert(ctx, []),
    "reading.listing": lambda ctx: delivering.listing(ctx),
    "registrations.add": lambda ctx: registrations.add(
        ctx, registrations.NewRegistration(place="US-NY")
    ),
    "retrying.retry_all": lambda ctx: delivering.retry_all(ctx),
    "sample_sending.brand_of": lambda ctx: sample_sending.brand_of(ctx, ""),
    "sample_sending.send_to_self": lambda ctx: sample_sending.send_to_self(ctx),
    "series_views.listing": lambda ctx: series_views.listing(ctx),
    "series.change": lambda ctx: series.change(ctx, "invoices", pattern="ACME-{yyyy}-{number:4}"),
    "series.create": lambda ctx: series.create(
        ctx, "default", DocumentType.INVOICE, pattern="OWN-{number}"
    ),
    "series.listing": lambda ctx: series.listing(ctx),
    "series_reports.report": lambda ctx: series_reports.report(ctx),
    "templates.save": lambda ctx: templates.save(
        ctx,
        templates.TemplateInput(
            document_type=DocumentType.INVOICE, language="de", title="Rechnung"
        ),
    ),
    "sandbox_clocks.advance": lambda ctx: sandbox_clocks.advance(ctx, DAY - date(2026, 10, 30)),
    "company.change": lambda ctx: company.change(ctx, company.TenantChange(city="Bonn")),
    "trying.trial": lambda ctx: delivering.trial(ctx, "eve@acme.example"),
    "searching.search": lambda ctx: questions.search(ctx, questions.QuestionFilter()).rows,
    "searching.messages": lambda ctx: questions.messages(ctx, []),
    "searching.waiting": lambda ctx: questions.waiting(ctx),
    "tasks.assignees": lambda ctx: questions.assignees(ctx),
    "verifying.verify": lambda ctx: verifying.verify(ctx),
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


def outcome(ctx: Context, call: Callable[[], Any], *keys: object) -> str:
    """Tell how an act ended, in words that do not hold the key it was asked with."""
    with ctx.acting():
        try:
            told = f"returned {_plain(call())!r}"
        except BillhookError as error:
            told = f"{type(error).__name__} {error.code} {error.message}"
    for key in keys:
        told = told.replace(str(key), "…")
    return told


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, bytes) else value


def leaked(world, told: str) -> bool:
    hidden = [str(key) for name, key in world.ids.items() if name != "person"]
    return "zebra" in told.lower() or any(key in told for key in hidden)


def test_every_act_is_asked():
    asked = {name.partition("/")[0] for name in (*BY_ID, *BY_CODE, *AT_LARGE)}
    assert asking() - asked == set()


def test_what_is_the_shops_cannot_be_told_from_nothing(world, everything_of):
    ask_for_all_of_it(world, everything_of)


def test_nor_where_acme_has_the_same_plugins(well_equipped, everything_of):
    ask_for_all_of_it(well_equipped, everything_of)


def ask_for_all_of_it(world, everything_of) -> None:
    before = everything_of(world.shop)
    for name, (kind, act) in BY_ID.items():
        theirs, nobodys = world.ids[kind], new_id()
        found = outcome(world.acme, lambda: act(world.acme, theirs), theirs)  # noqa: B023
        expected = outcome(world.acme, lambda: act(world.acme, nobodys), nobodys)  # noqa: B023
        assert found == expected, name
        assert not leaked(world, found), name
    for name, (theirs, nobodys, act) in BY_CODE.items():
        found = outcome(world.acme, lambda: act(world.acme, theirs), theirs)  # noqa: B023
        expected = outcome(world.acme, lambda: act(world.acme, nobodys), nobodys)  # noqa: B023
        assert found == expected, name
    assert everything_of(world.shop) == before


def test_a_customer_of_acmes_gets_no_brand_of_the_shops(world):
    told = []
    with world.acme.acting():
        customers.save(
            world.acme,
            customers.CustomerInput(reference="A1", name="A", country="DE", currency="EUR"),
        )
        assert len(brands.listing(world.acme)) == 1
    for code in ("zebra-face", "quagga-face"):
        wanted = preferences.PreferenceChange(brand=code)
        act = lambda: preferences.save(world.acme, "A1", wanted)  # noqa: B023, E731
        told.append(outcome(world.acme, act, code))
    assert told[0] == told[1]
    assert told[0].startswith("ValidationFailed")


def test_what_the_shop_asks_for_is_there(world):
    """The control: the same acts find the shop's own things for the shop."""
    for name in (
        "artefacts.content",
        "artefacts.e_invoice",
        "artefacts.get",
        "artefacts.printed",
        "documents.get",
        "drafting.get",
        "files.get",
        "originals.read",
        "previewing.preview",
        "publishing.publication",
        "reading.get",
        "showing.shown",
    ):
        kind, act = BY_ID[name]
        assert outcome(world.shop, lambda: act(world.shop, world.ids[kind])).startswith(  # noqa: B023
            "returned"
        ), name
    for name in ("brands.get", "customers.get", "products.get", "documents.find"):
        theirs, _nobodys, act = BY_CODE[name]
        assert outcome(world.shop, lambda: act(world.shop, theirs)).startswith(  # noqa: B023
            "returned"
        ), name
    assert leaked(world, outcome(world.shop, lambda: exported(world.shop, "customers")))
    kind, act = BY_ID["reporting.report/remote"]
    assert outcome(world.shop, lambda: act(world.shop, world.ids[kind])) == "returned [True]"


def test_no_list_sum_or_export_holds_anything_of_the_shops(world, everything_of):
    before = everything_of(world.shop)
    for name, act in AT_LARGE.items():
        told = outcome(world.acme, lambda: act(world.acme))  # noqa: B023
        assert not leaked(world, told), name
    assert everything_of(world.shop) == before


def test_with_everything_off_no_hook_or_provider_answers(world):
    from billhook.plugins.registries import FAMILIES
    from billhook.plugins.runtime import relay

    ours, theirs = relay(world.acme), relay(world.shop)
    assert ours.plugins == {}
    assert ours.commands() == {}
    assert ours.permissions() == []
    assert [key for family in FAMILIES for key in ours.keys(family)] == []
    assert ours.call("document_problems", ctx=world.acme, documents=[], stage="issue") == []
    assert theirs.call("document_problems", ctx=world.shop, documents=[], stage="issue") != []
    for refuse in (
        lambda: ours.tax_engine(world.shop.tenant.tax_engine, world.acme),
        lambda: ours.pricing_model("pricing_standard.flat", world.acme),
        lambda: world.acme.ports.settings.read(
            world.acme, theirs.plugin("tax_rules").registered.settings
        ),
    ):
        with pytest.raises(BillhookError) as refused:
            refuse()
        assert refused.value.code == "plugin.unavailable"
