"""Search, the list, and a new customer."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import attempt
from loyalty.customers.forms import NewCustomerForm
from loyalty.customers.pages.blueprint import advisor_choices, blueprint, only_store, store_choices
from loyalty.customers.rules import GENDERS, KINDS, LANGUAGES, STATES, CustomerDraft
from loyalty.customers.words import choices
from loyalty.kernel.actor import Scope
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.limits import SEARCHES, limited
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.texts import row_number

MOST_HITS = 50
PAGE = 50


@blueprint.get("/search")
@guard("customers.read")
@limited(SEARCHES, scope="search", reads=True, each=True)
def search() -> ResponseReturnValue:
    """Show what a text finds; a single customer, or a single vehicle that nobody visible holds, opens at once."""
    text = request.args.get("q", "").strip()
    scope = current_actor().scope("customers.read")
    found = queries.find(text, scope, limit=MOST_HITS) if text else None
    if found and not found.more:
        if len(found.customers) == 1 and len(found.vehicles) < 2:  # noqa: PLR2004 - one customer and its one vehicle
            return redirect(url_for("customers.whole", customer_id=found.customers[0].customer.id))
        if not found.customers and len(found.vehicles) == 1:
            return redirect(url_for("customers.show_vehicle", vehicle_id=found.vehicles[0].vehicle.id))
    return render_template("customers/search.html", text=text, found=found)


@blueprint.get("/customers")
@guard("customers.read")
def list_customers() -> ResponseReturnValue:
    """List customers by the pinyin of their names."""
    scope = current_actor().scope("customers.read")
    store = request.args.get("store", "")
    state = request.args.get("state", "")
    page = queries.customer_list(
        scope,
        store_id=row_number(store),
        state=state if state in STATES else None,
        cursor=request.args.get("cursor"),
        limit=PAGE,
    )
    filtered = bool(store or state or request.args.get("cursor"))
    return render_template(
        "customers/list.html",
        page=page,
        stores=[("", gettext("All stores")), *store_choices(scope)],
        states=choices(STATES[:3], empty=gettext("All states")),
        picked={"store": store, "state": state},
        first_use=not page.items and not (filtered and queries.has_customers(scope)),
    )


@blueprint.get("/customers/new")
@guard("customers.edit")
def new_customer() -> ResponseReturnValue:
    """Show the form of a new customer."""
    return _new_form(forms.empty(kind="person", language=LANGUAGES[0], home_store_id=only_store(current_actor())))


@blueprint.post("/customers/new")
@guard("customers.edit")
def create_customer() -> ResponseReturnValue:
    """Create a customer and open it; somebody else with this phone is shown first."""
    filled = forms.load(NewCustomerForm, request.form)
    if not filled.ok:
        return _new_form(filled, status=422)
    actor = current_actor()
    values = dict(filled.values)
    typed = (("phone", values.pop("phone")), ("email", values.pop("email")))
    draft = CustomerDraft(**values, identifiers=tuple((kind, text) for kind, text in typed if text))
    alike = _alike(values["name"], draft, actor.scope("customers.read")) if "sure" not in filled.typed else []
    if alike:
        return _new_form(filled, alike=alike, status=409)
    made: list[service.Created] = []
    scope = actor.scope("customers.edit")
    outcome = attempt(
        lambda: made.append(service.create_customer(draft, scope=scope, now=request_now(), by=actor)),
    )
    if not outcome.ok:
        return _new_form(
            forms.Filled(filled.values, outcome.errors, filled.typed),
            refusal=outcome.refusal,
            status=outcome.status,
        )
    notify(gettext("Customer added."))
    return redirect(url_for("customers.whole", customer_id=made[0].customer_id), 303)


def _alike(name: str, draft: CustomerDraft, scope: Scope) -> list[queries.Hit]:
    """Return visible customers who may be the same: the phone of the draft, or its whole name."""
    phones = [text for kind, text in draft.identifiers if kind == "phone"]
    found = queries.find_customers(phones[0], scope, limit=5) if phones else []
    return found or [hit for hit in queries.find_customers(name, scope, limit=20) if hit.customer.name == name][:5]


def _new_form(
    filled: forms.Filled,
    *,
    refusal: str | None = None,
    alike: list[queries.Hit] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "customers/new.html",
        values=filled.typed,
        errors=filled.errors,
        refusal=refusal,
        alike=alike or [],
        kinds=choices(KINDS),
        genders=choices(GENDERS, empty=gettext("Not said")),
        languages=choices(LANGUAGES),
        stores=store_choices(current_actor().scope("customers.edit")),
        advisors=advisor_choices(),
    )
    return page, status
