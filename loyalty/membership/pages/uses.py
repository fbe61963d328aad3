"""Redeeming, giving back and adjusting points: fill in, check the effect in numbers, then do it.

The check page asks the ledger the very question that the button will ask, without writing. Its key travels through
both, so that a button pressed twice has one effect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.crypto import new_token
from loyalty.kernel.errors import Refused
from loyalty.kernel.keys import once
from loyalty.membership import queries, service
from loyalty.membership.forms import AdjustForm, ReturnForm, UseForm
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.rules import Use
from loyalty.points.rules import Receipt
from loyalty.staff.queries import store_by_code, stores
from loyalty.web.forms import Filled, FormSchema, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

CONFLICT = 409
UNREADABLE = 422


@dataclass(frozen=True, slots=True)
class Act:
    """One way of using points: its name in addresses, its permission, its form, and what it asks of the service."""

    name: str
    permission: str
    form: type[FormSchema]
    ask: Callable[..., Receipt]

    @property
    def template(self) -> str:
        """The page to fill in."""
        return f"membership/{self.name}.html"


def _redeem(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
    scope = how["scope"]
    at = store_by_code(values["store"], scope).id if values["store"] else None
    use = Use(number, values["points"], values["reason"], store_id=at, document=values["document"])
    return service.redeem(use, **how)


def _adjust(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
    sign = 1 if values["direction"] == "add" else -1
    return service.adjust(Use(number, sign * values["points"], values["reason"]), **how)


REDEEM = Act("redeem", "points.redeem", UseForm, _redeem)
ADJUST = Act("adjust", "points.adjust", AdjustForm, _adjust)


@blueprint.get("/<number>/redeem")
@guard("points.redeem")
def redeem_form(number: str) -> ResponseReturnValue:
    """Show the form for redeeming points."""
    return _form(REDEEM, number)


@blueprint.post("/<number>/redeem/check")
@guard("points.redeem")
def redeem_check(number: str) -> ResponseReturnValue:
    """Show what redeeming would do."""
    return _check(REDEEM, number)


@blueprint.post("/<number>/redeem")
@guard("points.redeem")
def redeem(number: str) -> ResponseReturnValue:
    """Redeem points, and go back to the member."""
    return _do(REDEEM, number)


@blueprint.get("/<number>/adjust")
@guard("points.adjust")
def adjust_form(number: str) -> ResponseReturnValue:
    """Show the form for adjusting points."""
    return _form(ADJUST, number)


@blueprint.post("/<number>/adjust/check")
@guard("points.adjust")
def adjust_check(number: str) -> ResponseReturnValue:
    """Show what adjusting would do."""
    return _check(ADJUST, number)


@blueprint.post("/<number>/adjust")
@guard("points.adjust")
def adjust(number: str) -> ResponseReturnValue:
    """Adjust points, and go back to the member."""
    return _do(ADJUST, number)


@blueprint.get("/<number>/redemptions/<key>/return")
@guard("points.redeem")
def return_form(number: str, key: str) -> ResponseReturnValue:
    """Show the form for giving back a redemption."""
    return _form(_returning(key), number, redemption=key)


@blueprint.post("/<number>/redemptions/<key>/return/check")
@guard("points.redeem")
def return_check(number: str, key: str) -> ResponseReturnValue:
    """Show what giving back would do."""
    return _check(_returning(key), number, redemption=key)


@blueprint.post("/<number>/redemptions/<key>/return")
@guard("points.redeem")
def return_redemption(number: str, key: str) -> ResponseReturnValue:
    """Give back points of a redemption, and go back to the member."""
    return _do(_returning(key), number, redemption=key)


def _returning(key: str) -> Act:
    def ask(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
        use = Use(number, values["points"], values["reason"])
        return service.return_redemption(use, key, dealer_fault=values["dealer_fault"], **how)

    return Act("return", "points.redeem", ReturnForm, ask)


def _form(act: Act, number: str, **more: str) -> ResponseReturnValue:
    """Show the form, filled with what the address holds: the check page leads back to it so."""
    filled = empty(**{**request.args.to_dict(), "key": new_token()})
    return _page(act, number, filled, **more)


def _check(act: Act, number: str, **more: str) -> ResponseReturnValue:
    filled = load(act.form, request.form)
    if not filled.ok:
        return _page(act, number, filled, **more), UNREADABLE
    try:
        receipt = act.ask(number, filled.values, dry_run=True, **_how(act))
    except Refused as refused:
        return _page(act, number, filled, refused=refused, **more), CONFLICT
    card = queries.card(number, current_actor().scope(act.permission), now=request_now())
    return render_template(f"membership/{act.name}_check.html", card=card, filled=filled, receipt=receipt, **more)


def _do(act: Act, number: str, **more: str) -> ResponseReturnValue:
    filled = load(act.form, request.form)
    if not filled.ok:
        return _page(act, number, filled, **more), UNREADABLE
    actor = current_actor()

    def work() -> dict[str, Any]:
        receipt = act.ask(number, filled.values, dry_run=False, **_how(act))
        told = [say(effect.sentence, effect.numbers) for effect in receipt.effects]
        return {"told": told, "left": receipt.available}

    body = {name: value for name, value in filled.values.items() if name != "key"}
    try:
        answer = once(
            filled.values["key"],
            caller=f"{actor.kind}:{actor.id}",
            operation=f"members.{act.name}:{number}",
            body=body,
            work=work,
        )
    except Refused as refused:
        return _page(act, number, filled, refused=refused, **more), CONFLICT
    notify(" ".join([*answer["told"], _("%(points)s points can be used now.", points=f"{answer['left']:,}")]))
    return redirect(url_for("members.show", number=number), code=303)


def _how(act: Act) -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(act.permission), "now": request_now(), "by": actor}


def _page(act: Act, number: str, filled: Filled, **more: Any) -> str:
    scope = current_actor().scope(act.permission)
    card = queries.card(number, scope, now=request_now())
    return render_template(
        act.template,
        card=card,
        filled=filled,
        stores=[(store.code, store.name) for store in stores(scope)],
        limit=queries.policy(request_now()).adjustment_limit,
        **more,
    )
