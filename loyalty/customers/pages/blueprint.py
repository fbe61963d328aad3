"""The blueprint, and what all its pages share: words for codes, choices, and forms that are shown again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, g
from flask_babel import gettext, lazy_gettext

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import zone_of
from loyalty.kernel.errors import Malformed, Refused
from loyalty.staff import queries as staff
from loyalty.web.languages import say

blueprint = Blueprint("customers", __name__, url_prefix="/staff", template_folder="../templates")

WORDS = {
    "person": lazy_gettext("Person"),
    "company": lazy_gettext("Company"),
    "male": lazy_gettext("Mr"),
    "female": lazy_gettext("Ms"),
    "prospect": lazy_gettext("Prospect"),
    "active": lazy_gettext("Current customer"),
    "closed": lazy_gettext("Account closed"),
    "erased": lazy_gettext("Erased"),
    "merged": lazy_gettext("Merged into another one"),
    "phone": lazy_gettext("Phone"),
    "email": lazy_gettext("E-mail"),
    "openid": lazy_gettext("WeChat openid"),
    "card": lazy_gettext("Card"),
    "sms": lazy_gettext("SMS"),
    "wechat": lazy_gettext("WeChat"),
    "all": lazy_gettext("All channels"),
    "privacy": lazy_gettext("Privacy notice"),
    "service": lazy_gettext("Service notices"),
    "marketing": lazy_gettext("Offers"),
    "passenger": lazy_gettext("Passenger car"),
    "van": lazy_gettext("Van"),
    "pickup": lazy_gettext("Pickup"),
    "truck": lazy_gettext("Truck"),
    "motorcycle": lazy_gettext("Motorcycle"),
    "household": lazy_gettext("Household"),
    "business": lazy_gettext("Business"),
    "commercial": lazy_gettext("Commercial"),
    "petrol": lazy_gettext("Petrol"),
    "diesel": lazy_gettext("Diesel"),
    "hybrid": lazy_gettext("Hybrid"),
    "plug_in": lazy_gettext("Plug-in hybrid"),
    "electric": lazy_gettext("Electric"),
    "other": lazy_gettext("Other"),
    "owner": lazy_gettext("Main owner"),
    "driver": lazy_gettext("Driver"),
    "payer": lazy_gettext("Payer"),
    "zh_Hans_CN": lazy_gettext("Chinese"),
    "en": lazy_gettext("English"),
    "hand": lazy_gettext("Entered by hand"),
    "system": lazy_gettext("automatic"),
}
"""What a code is called on pages."""


def word(code: str | None) -> str:
    """Return what a code is called; unknown ones stand as they are."""
    return str(WORDS.get(code or "", code or ""))


def choices(codes: Sequence[str], *, empty: str | None = None) -> list[tuple[str, str]]:
    """Return (value, text) pairs for a field; `empty` is the text of no choice."""
    pairs = [(code, word(code)) for code in codes]
    return pairs if empty is None else [("", empty), *pairs]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: errors by field, or a refusal in words, or neither."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return not self.errors and self.refusal is None

    @property
    def status(self) -> int:
        """The status of the page that shows the form again."""
        return 409 if self.refusal else 422


def attempt(work: Callable[[], object]) -> Outcome:
    """Do what a form asks; what is malformed or refused comes back to be shown with the form."""
    try:
        work()
    except Malformed as problem:
        return Outcome(errors={place: [gettext(line) for line in lines] for place, lines in problem.errors.items()})
    except Refused as problem:
        return Outcome(refusal=say(problem.sentence, shown_details(problem.details)))
    return Outcome()


def shown_details(details: Mapping[str, object]) -> dict[str, object]:
    """Return the details of a refusal with words for codes."""
    return {
        name: word(value) if isinstance(value, str) and value in WORDS else value for name, value in details.items()
    }


def store_choices(scope: Scope) -> list[tuple[str, str]]:
    """Return the stores in `scope` for a field."""
    return [(str(store.id), store.name) for store in staff.stores(scope)]


def advisor_choices() -> list[tuple[str, str]]:
    """Return the people who may advise customers, for a field."""
    people = [(str(account.id), account.name) for account in staff.accounts(limit=500) if account.active]
    return [("", gettext("Nobody yet")), *people]


def show_in_zone_of(store_id: int | None) -> str:
    """Let this page show moments as the clock in the store does; return the zone."""
    found = staff.stores_by_ids([store_id]) if store_id is not None else {}
    zone = found[store_id].zone if store_id in found else "Asia/Shanghai"
    zone_of(zone)
    g.zone = zone
    return zone


def only_store(actor: Actor) -> str:
    """Return the store that a form begins with: the first of the actor's."""
    stores = staff.stores(actor.scope("customers.edit"))
    return str(stores[0].id) if stores else ""


blueprint.add_app_template_filter(word, "customer_word")
