"""Bodies of every kind of rules, as hypothesis makes them up."""

from hypothesis import strategies as st

from loyalty.sales.rules import KINDS

PLAIN = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
TEXTS = st.text(PLAIN, min_size=1, max_size=20).filter(lambda text: text == text.strip())
CODES = st.text("abcdefgh_-", min_size=1, max_size=12)
MINOR = st.integers(1, 10**9)
CURRENCIES = st.sampled_from(["CNY", "USD", "JPY", "EUR"])
AMOUNTS = st.fixed_dictionaries({"minor": MINOR, "currency": CURRENCIES})
NAMES = st.fixed_dictionaries({"zh": TEXTS, "en": TEXTS})
NUMBERS = st.one_of(
    st.integers(1, 1000),
    st.builds("{}.{}".format, st.integers(1, 99), st.integers(0, 99)),
    st.integers(1, 1000).map(str),
)
SALE_KINDS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True)
FREE_TEXTS = st.lists(TEXTS, min_size=1, max_size=3, unique=True)
DAYS = st.dates().map(lambda day: day.isoformat())
FILTERS = {"kinds": SALE_KINDS, "categories": FREE_TEXTS, "stores": FREE_TEXTS}
UNITS = st.sampled_from(["points", "growth"])


def _rule(required, optional):
    common = {
        "name": NAMES,
        "unit": UNITS,
        "of": st.sampled_from(["net", "gross"]),
        "minimum_minor": MINOR,
        "multiplied": st.booleans(),
        **FILTERS,
    }
    return st.fixed_dictionaries({"code": CODES, "points": NUMBERS, **required}, optional=common | optional)


RULES = st.one_of(
    _rule({"per": st.just("amount"), "each": AMOUNTS}, {"whole": st.booleans()}),
    _rule({"per": st.just("visit")}, {"currency": CURRENCIES}),
    _rule({"per": st.just("event"), "event": st.just("delivery")}, {"currency": CURRENCIES}),
)


def _multiplier(required):
    common = {"name": NAMES, "unit": UNITS, **FILTERS}
    return st.fixed_dictionaries({"code": CODES, **required}, optional=common)


MULTIPLIERS = st.one_of(
    _multiplier({"by": st.just("tier"), "levels": st.dictionaries(CODES, NUMBERS, min_size=1, max_size=4)}),
    _multiplier({"by": st.just("birthday_month"), "factor": NUMBERS}),
    st.builds(
        lambda body, days: body | dict(zip(("from_day", "to_day"), sorted(days), strict=True)),
        _multiplier({"by": st.just("campaign"), "factor": NUMBERS}),
        st.tuples(DAYS, DAYS),
    ),
)


def _by_code(rows, **size):
    return st.lists(rows, unique_by=lambda row: row["code"], **size)


EARNING = st.fixed_dictionaries(
    {
        "rules": _by_code(RULES, min_size=1, max_size=3),
        "rounding": st.sampled_from(["floor", "half_up", "ceil"]),
        "stacking": st.sampled_from(["best", "multiply", "add"]),
    },
    optional={
        "multipliers": _by_code(MULTIPLIERS, max_size=3),
        "most_factor": NUMBERS,
        "pending_days": st.integers(0, 366),
    },
)

MONTHS = st.integers(1, 1200)
EXPIRY = st.one_of(
    st.fixed_dictionaries({}, optional={"mode": st.just("none")}),
    st.fixed_dictionaries(
        {"mode": st.just("months"), "months": MONTHS},
        optional={"until": st.sampled_from(["day", "month", "quarter", "year"])},
    ),
    st.fixed_dictionaries({"mode": st.just("rolling"), "months": MONTHS}),
)
REFUNDS = st.fixed_dictionaries(
    {},
    optional={"shortfall": st.sampled_from(["debt", "write_off"]), "reinstate_days": st.integers(0, 3660)},
)
REDEMPTION = st.fixed_dictionaries(
    {"worth": st.fixed_dictionaries({"points": st.integers(1, 10**6), "minor": MINOR})},
    optional={
        "multiple": st.integers(1, 10**6),
        "minimum": st.integers(1, 10**6),
        "most_share": st.integers(1, 10_000),
    },
)
MEMBERSHIP = st.fixed_dictionaries(
    {},
    optional={"enrol": st.sampled_from(["by_hand", "first_sale"]), "adjustment_limit": st.integers(0, 2**53)},
)

WINDOWS = st.one_of(
    st.just({"kind": "lifetime"}),
    st.fixed_dictionaries({"kind": st.just("calendar")}, optional={"first_month": st.integers(1, 12)}),
    st.fixed_dictionaries({"kind": st.just("rolling"), "months": MONTHS}),
    st.fixed_dictionaries(
        {"kind": st.just("anniversary"), "of": st.sampled_from(["joining", "tier", "delivery"])},
    ),
)


def _criteria(currency):
    return st.one_of(
        st.fixed_dictionaries(
            {
                "metric": st.just("spend"),
                "threshold": st.fixed_dictionaries({"minor": MINOR, "currency": st.just(currency)}),
                "window": WINDOWS,
            },
            optional={"kinds": SALE_KINDS},
        ),
        st.fixed_dictionaries(
            {"metric": st.just("visits"), "threshold": st.integers(1, 10**6), "window": WINDOWS},
            optional={"kinds": SALE_KINDS, "minimum_minor": MINOR},
        ),
        st.fixed_dictionaries(
            {
                "metric": st.sampled_from(["growth", "referrals"]),
                "threshold": st.integers(1, 10**6),
                "window": WINDOWS,
            }
        ),
        st.just({"metric": "vehicles", "threshold": 2, "window": {"kind": "lifetime"}}),
    )


def _conditions(currency):
    criteria = st.lists(_criteria(currency), min_size=1, max_size=3)
    combined = st.sampled_from(["all", "any", 1])
    return st.fixed_dictionaries({"criteria": criteria}, optional={"combine": combined})


@st.composite
def tiers(draw):
    """Return a scheme of two to four levels."""
    currency = draw(CURRENCIES)
    size = draw(st.integers(2, 4))
    codes = draw(st.lists(CODES, min_size=size, max_size=size, unique=True))
    levels = []
    for rank, code in enumerate(codes):
        level = {"code": code, "name": draw(NAMES), "rank": rank}
        if rank:
            level["qualify"] = draw(_conditions(currency))
            level |= {"keep": draw(_conditions(currency))} if draw(st.booleans()) else {}
        levels.append(level)
    review = st.one_of(
        st.fixed_dictionaries({"kind": st.just("rolling"), "months": MONTHS}),
        st.fixed_dictionaries(
            {"kind": st.just("calendar"), "month": st.integers(1, 12)},
            optional={"held_months": st.integers(0, 1200)},
        ),
    )
    optional = {"grace_days": st.integers(0, 366), "downgrade": st.sampled_from(["one_step", "full"])}
    rest = draw(st.fixed_dictionaries({"review": review}, optional=optional))
    return {"currency": currency, "levels": draw(st.permutations(levels)), **rest}


def _hours():
    times = st.tuples(st.integers(0, 11), st.integers(12, 23))
    channels = st.lists(st.sampled_from(["sms", "wechat", "email", "phone"]), min_size=1, max_size=4, unique=True)
    return st.builds(
        lambda body, hours: body | {"from": f"{hours[0]:02d}:00", "until": f"{hours[1]:02d}:30"},
        st.fixed_dictionaries(
            {"channels": channels}, optional={"days": st.sampled_from(["all", "work", "rest"]), "stores": FREE_TEXTS}
        ),
        times,
    )


PURPOSES = st.lists(st.sampled_from(["service", "marketing", "greeting"]), min_size=1, max_size=3, unique=True)
OFTEN = st.fixed_dictionaries({"purposes": PURPOSES, "most": st.integers(1, 100), "days": st.integers(1, 90)})
NEEDS = st.sampled_from(["granted", "not_withdrawn"])
GATE = st.fixed_dictionaries(
    {},
    optional={
        "hours": st.lists(_hours(), min_size=1, max_size=3),
        "often": st.lists(OFTEN, min_size=1, max_size=2),
        "service_needs": NEEDS,
        "greeting_needs": NEEDS,
    },
)

STEPS = st.fixed_dictionaries(
    {
        "code": CODES,
        "name": NAMES,
        "trigger": st.sampled_from(["delivery", "service"]),
        "task": st.sampled_from(["delivery-call", "service-call", "first-service", "maintenance"]),
    },
    optional={
        "channel": st.just("phone"),
        "months": st.integers(0, 120),
        "km": st.integers(0, 200_000),
        "days": st.integers(0, 365),
        "side": st.just("after"),
        "window": st.integers(1, 60),
    },
)
FOLLOW_UP = st.fixed_dictionaries(
    {"steps": st.lists(STEPS, min_size=1, max_size=4, unique_by=lambda one: one["code"])},
    optional={"km_a_day": st.integers(1, 1_000)},
)

BODIES = {
    "follow-up": FOLLOW_UP,
    "earning": EARNING,
    "expiry": EXPIRY,
    "refunds": REFUNDS,
    "redemption": REDEMPTION,
    "membership": MEMBERSHIP,
    "tiers": tiers(),
    "gate": GATE,
}
