"""Redeeming, giving back, adjusting and transferring points: fill in, check the effect in numbers, then do it.

The check page asks the ledger the very question that the button will ask, without writing. Its key travels through
both, so that a button pressed twice has one effect. What is above the limit of one person goes the same way, and ends
in the list of approvals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.crypto import new_token
from loyalty.kernel.errors import NotFound, Refused
from loyalty.kernel.keys import once
from loyalty.membership import queries, service
from loyalty.membership.forms import AdjustForm, ReturnForm, TransferForm, UseForm
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.rules import AdjustmentAboveLimit, MemberNotFound, Use, id_of_number
from loyalty.points.rules import Receipt
from loyalty.staff.queries import store_by_code, stores
from loyalty.web.forms import Filled, FormSchema, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.limits import USES, limited
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

CONFLICT = 409
UNREADABLE = 422

Ask = Callable[..., Receipt]


@dataclass(frozen=True, slots=True)
class Act:
    """One way of using points: its address below the member, its permission, its form, what it asks of the service.

    `second` is there where a second person may go above the limit of one: what that would do, and the asking.
    """

    name: str
    rule: str
    permission: str
    form: type[FormSchema]
    ask: Ask
    second: tuple[Ask, Callable[..., int]] | None = None


def _redeem(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
    at = store_by_code(values["store"], how["scope"]).id if values["store"] else None
    use = Use(number, values["points"], values["reason"], store_id=at, document=values["document"])
    return service.redeem(use, **how)


def _adjustment(number: str, values: Mapping[str, Any]) -> Use:
    sign = 1 if values["direction"] == "add" else -1
    return Use(number, sign * values["points"], values["reason"])


def _adjust(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
    return service.adjust(_adjustment(number, values), **how)


def _would_adjust(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
    return service.would_adjust(_adjustment(number, values), **how)


def _ask_to_adjust(number: str, values: Mapping[str, Any], **how: Any) -> int:
    return service.ask_to_adjust(_adjustment(number, values), **how)


def _transfer(number: str, values: Mapping[str, Any], **how: Any) -> Receipt:
    return service.transfer(Use(number, values["points"], values["reason"]), values["to"], **how)


def _give_back(number: str, values: Mapping[str, Any], *, key: str, **how: Any) -> Receipt:
    use = Use(number, values["points"], values["reason"])
    return service.return_redemption(use, key, dealer_fault=values["dealer_fault"], **how)


def _serve(act: Act) -> None:
    """Serve the form of an act, its check page, and the act itself."""
    guarded = guard(act.permission)

    def form(number: str, **more: str) -> ResponseReturnValue:
        return _form(act, number, **more)

    def check(number: str, **more: str) -> ResponseReturnValue:
        return _check(act, number, **more)

    def do(number: str, **more: str) -> ResponseReturnValue:
        return _do(act, number, **more)

    blueprint.add_url_rule(act.rule, f"{act.name}_form", guarded(form), methods=["GET"])
    counted = limited(USES, scope="uses", each=True)
    blueprint.add_url_rule(f"{act.rule}/check", f"{act.name}_check", guarded(counted(check)), methods=["POST"])
    blueprint.add_url_rule(act.rule, act.name, guarded(counted(do)), methods=["POST"])


_serve(Act("redeem", "/<number>/redeem", "points.redeem", UseForm, _redeem))
_serve(Act("adjust", "/<number>/adjust", "points.adjust", AdjustForm, _adjust, second=(_would_adjust, _ask_to_adjust)))
_serve(Act("transfer", "/<number>/transfer", "points.transfer", TransferForm, _transfer))
_serve(Act("return", "/<number>/redemptions/<key>/return", "points.redeem", ReturnForm, _give_back))


def _form(act: Act, number: str, **more: str) -> ResponseReturnValue:
    """Show the form, filled with what the address holds: the check page leads back to it so."""
    filled = empty(**{**request.args.to_dict(), "key": new_token()})
    return _page(act, number, filled, more)


def _check(act: Act, number: str, **more: str) -> ResponseReturnValue:
    filled = load(act.form, request.form)
    if not filled.ok:
        return _page(act, number, filled, more), UNREADABLE
    second = False
    try:
        try:
            receipt = act.ask(number, filled.values, **more, **_how(act), dry_run=True)
        except AdjustmentAboveLimit:
            if act.second is None:
                raise
            receipt = act.second[0](number, filled.values, **_how(act))
            second = True
    except Refused as refused:
        return _page(act, number, filled, more, refused), CONFLICT
    except NotFound as unknown:
        return _unknown(act, number, filled, more, unknown)
    return render_template(
        f"membership/{act.name}_check.html",
        card=_card(act, number),
        filled=filled,
        receipt=receipt,
        second=second,
        taker=_taker(act, filled),
        limit=queries.policy(request_now()).adjustment_limit,
        more=more,
    )


def _do(act: Act, number: str, **more: str) -> ResponseReturnValue:
    filled = load(act.form, request.form)
    if not filled.ok:
        return _page(act, number, filled, more), UNREADABLE
    actor = current_actor()
    second = act.second is not None and "second" in request.form

    def work() -> dict[str, Any]:
        if act.second is not None and second:
            return {"request": act.second[1](number, filled.values, **_how(act))}
        receipt = act.ask(number, filled.values, **more, **_how(act), dry_run=False)
        told = [say(effect.sentence, effect.numbers) for effect in receipt.effects]
        return {"told": told, "left": receipt.available}

    body = {name: value for name, value in filled.values.items() if name != "key"}
    try:
        answer = once(
            filled.values["key"],
            caller=f"{actor.kind}:{actor.id}",
            operation=f"members.{act.name}:{number}",
            body={**body, "second": True} if second else body,
            work=work,
        )
    except Refused as refused:
        return _page(act, number, filled, more, refused), CONFLICT
    except NotFound as unknown:
        return _unknown(act, number, filled, more, unknown)
    notify(_done(answer))
    return redirect(url_for("members.show", number=number), code=303)


def _done(answer: Mapping[str, Any]) -> str:
    if "request" in answer:
        return str(_("Request %(number)s waits for a second person in the approvals.", number=answer["request"]))
    left = _("%(points)s points can be used now.", points=f"{answer['left']:,}")
    return " ".join([*answer["told"], left])


def _how(act: Act) -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(act.permission), "now": request_now(), "by": actor}


def _card(act: Act, number: str) -> queries.Card:
    return queries.card(number, current_actor().scope(act.permission), now=request_now())


def _taker(act: Act, filled: Filled) -> queries.Card | None:
    """Return the member who gets the points of a transfer."""
    return _card(act, filled.values["to"]) if "to" in filled.values else None


def _unknown(act: Act, number: str, filled: Filled, more: Mapping[str, str], unknown: NotFound) -> ResponseReturnValue:
    """Say at its field that the other member of a transfer is not found; the member itself is a page not found."""
    other = filled.values.get("to")
    if not isinstance(unknown, MemberNotFound) or other is None or id_of_number(other) == id_of_number(number):
        raise unknown
    _card(act, number)
    filled.errors["to"] = [say(unknown.sentence, unknown.details)]
    return _page(act, number, filled, more), UNREADABLE


def _page(act: Act, number: str, filled: Filled, more: Mapping[str, str], refused: Refused | None = None) -> str:
    scope = current_actor().scope(act.permission)
    return render_template(
        f"membership/{act.name}.html",
        card=_card(act, number),
        filled=filled,
        stores=[(store.code, store.name) for store in stores(scope)],
        limit=queries.policy(request_now()).adjustment_limit,
        refused=refused,
        more=more,
    )
