"""Schemes that the tests of tiers share."""

ROLLING = {"kind": "rolling", "months": 12}


def name(word):
    return {"zh": word, "en": word}


def spend(minor, window=ROLLING, currency="USD", **more):
    return {"metric": "spend", "threshold": {"minor": minor, "currency": currency}, "window": window, **more}


def visits(times, window=ROLLING, **more):
    return {"metric": "visits", "threshold": times, "window": window, **more}


def scheme(window=ROLLING, **more):
    """The scheme of the issue: Silver any, Gold and Platinum all, by spend in dollars and paid days."""
    body = {
        "currency": "USD",
        "levels": [
            {"code": "basic", "name": name("Basic"), "rank": 0},
            level("silver", 1, "any", spend(5_000, window), visits(2, window)),
            level("gold", 2, "all", spend(15_000, window), visits(4, window)),
            level("platinum", 3, "all", spend(50_000, window), visits(8, window)),
        ],
        "review": {"kind": "rolling", "months": 12},
    }
    return body | more


def level(code, rank, combine, *criteria, **more):
    qualify = {"combine": combine, "criteria": list(criteria)}
    return {"code": code, "name": name(code.title()), "rank": rank, "qualify": qualify, **more}


def cny_scheme(window=ROLLING, **more):
    """The same scheme in the currency of the test's store."""
    return in_cny(scheme(window, **more))


def in_cny(body):
    if isinstance(body, dict):
        return {key: "CNY" if key == "currency" else in_cny(value) for key, value in body.items()}
    return [in_cny(one) for one in body] if isinstance(body, list) else body
