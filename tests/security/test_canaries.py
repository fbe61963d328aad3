"""Canaries: phones, plates, numbers of papers and the like that went through the product stand nowhere in plain text.

Twenty of each go in by the API, a file, pages and the portal, by refusals too; forms wait for a sign-in; jobs run over
them. Then every row of every table, all of Valkey, all files that are kept, all logs, and every address that the
product gave out are searched for them.
"""

import io
import logging
import re
from contextlib import contextmanager
from io import BytesIO
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from jobs import audit as audit_job
from jobs.tidy import tidy
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.kernel.papers import names_papers
from loyalty.messaging import outlets
from loyalty.programme.service import load_file
from loyalty.sales.queries import imports_due
from loyalty.sales.service import carry_out, uploads_folder
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.service import create_api_client, create_store
from tests.api.conftest import RULES
from tests.owners.conftest import AtOnce, Phone
from tests.sales.test_pages import COLUMNS

COUNT = 20
PHONES = [f"1391357{n:04}" for n in range(2460, 2460 + COUNT)]
PLATES = [f"京Q7X{n:03}" for n in range(340, 340 + COUNT)]
CARDS = [f"62284800184412{n:05}" for n in range(70, 70 + COUNT)]
EMAILS = [f"canary.q7x{n}@owners.example.com" for n in range(COUNT)]
OPENIDS = [f"oQ7xCanary_{n:04}" for n in range(COUNT)]
PAPERS = [f"110105194912{day:02}001{check}" for day, check in enumerate("94X5061724X506172835", start=1)]
ADDRESS = re.compile(r'(?:href|action|src)="([^"]+)"')

# What a hit may look like: as typed, as stored, grouped, in an address, in JSON.
FORMS = (
    *PHONES,
    *(f"{phone[:3]} {phone[3:7]} {phone[7:]}" for phone in PHONES),
    *(f"{phone[:3]}-{phone[3:7]}-{phone[7:]}" for phone in PHONES),
    *PLATES,
    *(plate[1:] for plate in PLATES),
    *CARDS,
    *EMAILS,
    *OPENIDS,
    *PAPERS,
)


def hits(text_of):
    """The canaries that stand in a text."""
    return sorted({form for form in FORMS if form in text_of})


class Product:
    """Everything that sends canaries in, and every address that came back."""

    def __init__(self, app, clock, token, store):
        self.app, self.clock, self.store = app, clock, store
        self.program, self.desk, self.owner = (app.test_client() for _ in range(3))
        self.headers = {"Authorization": f"Bearer {token}"}
        self.addresses = []

    def keep(self, answer):
        self.addresses.append(unquote(answer.location or ""))
        answer.get_data()
        answer.close()
        if answer.mimetype == "text/html":
            self.addresses += map(unquote, ADDRESS.findall(answer.get_data(as_text=True)))
        return answer

    def api(self, method, path, body=None):
        return self.keep(self.program.open("/api/v1" + path, method=method, json=body, headers=self.headers))

    def page(self, path, **form):
        return self.keep(self.desk.post(path, data=form) if form else self.desk.get(path))

    def portal(self, path, **form):
        return self.keep(self.owner.post(path, data=form) if form else self.owner.get(path))


def sale(n, **more):
    line = {"number": 1, "category": "labour", "quantity": 1, "gross": {"minor": 5_000, "currency": "CNY"}}
    return {
        "source": "core",
        "number": f"S-{n}",
        "kind": "service",
        "store": "CD01",
        "customer": {"number": f"K-{n}", "name": f"车主{n}", "phone": PHONES[n]},
        "vehicle": {"vin": f"LSVAA4182E21{n:05}", "plate": PLATES[n]},
        "occurred_at": "2026-03-10T10:00:00+08:00",
        "lines": [line],
    } | more


def through_the_api(product):
    for n in range(5):
        assert product.api("POST", "/sales", sale(n)).status_code == 201
        product.api("POST", "/sales", sale(n))
    product.api("POST", "/sales", sale(0, kind="gift"))
    product.api("POST", "/sales", sale(0, lines=[]))
    product.api("PUT", "/sales/core/S-1", sale(1, customer={"number": "K-1", "name": "改名", "phone": PHONES[6]}))
    product.api("POST", "/sales:batch", {"sales": [sale(7), sale(8), sale(8, store="nowhere")]})
    new = {"name": "新客户", "store": "CD01", "identifiers": [{"kind": "phone", "value": PHONES[9]}]}
    made = product.api("POST", "/customers", new | {"source": "core", "external_number": "K-9"})
    assert made.status_code == 201
    product.api("POST", "/customers", new | {"identifiers": [{"kind": "card", "value": CARDS[1]}]})
    for n in range(COUNT):
        told = [("email", EMAILS[n].title()), ("openid", OPENIDS[n]), ("card", CARDS[n])]
        identifiers = [{"kind": kind, "value": value} for kind, value in told]
        assert product.api("POST", "/customers", new | {"identifiers": identifiers}).status_code == 201
    product.api("POST", "/customers", new | {"identifiers": [{"kind": "email", "value": EMAILS[3] + "@"}]})
    for paper in PAPERS:
        assert names_papers(paper)
        product.api("POST", "/customers", new | {"identifiers": [{"kind": "card", "value": paper}]})
        use = {"points": 100, "document": paper}
        assert product.api("POST", f"/members/{made.json['number']}/redemptions", use).status_code == 422
        product.api("GET", f"/customers?q={paper}")
    vehicle = {"vin": "LSVAA4182E2166666", "owner": made.json["number"], "plate": PLATES[10]}
    assert product.api("POST", "/vehicles", vehicle).status_code == 201
    product.api("PATCH", "/vehicles/LSVAA4182E2166666", {"plate": PLATES[11]})
    for canary in (PHONES[0], PHONES[0][-4:], PLATES[0], PLATES[0][1:], CARDS[1], EMAILS[1], OPENIDS[1]):
        product.api("GET", f"/customers?q={canary}")


def through_a_file(product):
    head = "单号,客户编号,客户姓名,手机号,车架号,车牌号,日期,金额\n"
    good = [f"F-{n},K-F{n},车主,{PHONES[n]},LSVAA4182E22{n:05},{PLATES[n]},2026-03-10,100.00" for n in range(12, 16)]
    wrong = [f"F-90,K-F90,车主,{PHONES[16]},LSVAA4182E2290016,{PLATES[16]},2026-02-30,100.00"]
    wrong += [f"F-91,K-F91,车主,{PHONES[17]}9,LSVAA4182E2290017,{PLATES[17]},2026-03-10,1.00"]
    wrong += [f"F-92,K-F92,车主,{PHONES[18]},not a vin,{PLATES[18]},2026-03-10,many"]
    content = head + "\n".join(good + wrong) + "\n"
    handed_in = product.keep(
        product.desk.post("/staff/imports/new", data={"file": (BytesIO(content.encode()), "march.csv")})
    )
    product.page(handed_in.location)
    columns = COLUMNS | {"column-phone": "手机号", "column-vin": "车架号", "column-plate": "车牌号"}
    started = product.page(handed_in.location, **columns, act="import")
    settings = product.app.extensions["loyalty.settings"]
    folder, most = uploads_folder(settings.data_dir), settings.upload_limit_bytes
    for run_id in imports_due():
        carry_out(run_id, folder=folder, most_bytes=most, now=product.clock.now)
    product.page(started.location)
    product.page(started.location + "/rejected.csv")


def through_pages(product):
    form = {"name": "柜台客户", "kind": "person", "language": "zh_Hans_CN", "home_store_id": product.store}
    made = product.page("/staff/customers/new", **form, phone=PHONES[18])
    assert made.status_code == 303
    product.page("/staff/customers/new", **form, phone=PHONES[18])
    product.page("/staff/customers/new", **form, phone=PHONES[18] + "7")
    product.page(made.location + "/identifiers", kind="phone", value=PHONES[19])
    product.page(made.location + "/identifiers", kind="card", value=CARDS[2])
    product.page(made.location + "/identifiers", kind="phone", value=PHONES[0] + "x")
    edit = product.page(made.location + "/edit")
    for remove in re.findall(r'action="([^"]+/reveal)"', product.page(made.location).text):
        product.page(remove, sure="on")
    for remove in re.findall(r'action="([^"]+/remove)"', edit.text)[:1]:
        product.page(remove, sure="on")
    car = {"vin": "LSVAA4182E2177777", "vehicle_class": "passenger", "use": "household", "plate": PLATES[19]}
    product.page(made.location + "/vehicles/new", **car)
    product.page(made.location + "/vehicles/new", **car | {"vin": "wrong"})
    for path in ("/staff/customers", "/staff/vehicles", "/staff/members", "/staff/audit", made.location):
        product.page(path)
    product.page(made.location + "/identifiers", kind="email", value=EMAILS[0] + " ")
    product.page(made.location + "/identifiers", kind="openid", value=OPENIDS[0] + "!")
    handed_in = product.desk.post(
        "/staff/imports/new", data={"file": (BytesIO(f"手机号,邮箱\n{PHONES[4]},{EMAILS[4]}\n".encode()), "april.csv")}
    )
    product.keep(handed_in)  # and nobody says what its columns are


def through_the_portal(product, phone):
    product.portal("/my/login")
    product.portal("/my/login", phone=PHONES[5], privacy="on")
    product.portal("/my/login", phone=PHONES[5] + "0", privacy="on")
    product.portal("/my/login", phone=PHONES[0], privacy="on", offers="on")
    product.portal("/my/code")
    product.portal("/my/code", code="000000")
    assert product.portal("/my/code", code=phone.code).status_code == 303
    for path in ("/my/", "/my/points", "/my/tier", "/my/profile"):
        product.portal(path)


def through_a_form_that_waits(product):
    product.clock.advance(days=31)  # the owner's sign-in runs out, and what is typed then waits for the next one
    typed = {"language": "en", "phone": PHONES[2], "email": EMAILS[2], "plate": PLATES[2]}
    page = {"Referer": "http://localhost/my/profile"}
    assert product.keep(product.owner.post("/my/profile", data=typed, headers=page)).status_code == 303


@contextmanager
def log_of_everything():
    """All that is logged meanwhile, as a handler on the root writes it, every level."""
    told = io.StringIO()
    handler, root = logging.StreamHandler(told), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def dump():
    """Every row of every table as text, by table; bytes as text where they are some."""
    db.session.rollback()
    columns = text("""
        SELECT table_name, array_agg(column_name::text) FILTER (WHERE data_type = 'bytea')
        FROM information_schema.columns
        WHERE table_schema = 'public' GROUP BY table_name
    """)
    found = {}
    for name, binary in db.session.execute(columns).all():
        shown = ["t::text", *(f"encode({column}, 'escape')" for column in binary or ())]
        rows = text(f"SELECT concat_ws(' ', {', '.join(shown)}) FROM \"{name}\" t")  # noqa: S608 - our own tables
        found[name] = "\n".join(db.session.scalars(rows))
    return found


def files_in(folder):
    """All files in a folder, with whatever of them is text."""
    return "\n".join(one.read_bytes().decode(errors="replace") for one in folder.rglob("*") if one.is_file())


def everything_in(valkey):
    """All keys of Valkey with what they hold."""
    return "\n".join(f"{key} {valkey.dump(key)} {_value(valkey, key)}" for key in valkey.scan_iter())


def _value(valkey, key):
    kinds = {b"string": valkey.get, b"hash": valkey.hgetall, b"set": valkey.smembers}
    return kinds.get(valkey.type(key), lambda _: "")(key)


@pytest.fixture
def product(app, committed, clock, monkeypatch):
    store = create_store(code="CD01", name="城东店", now=clock.now, by=SYSTEM)
    load_file(RULES, now=clock.now, by=SYSTEM)
    _, token = create_api_client(name="probe", permissions=list(PERMISSIONS), now=clock.now, by=SYSTEM)
    clerk = Actor("staff", 1, "林悦", dict.fromkeys(PERMISSIONS))
    loaders = app.extensions["loyalty.actor_loaders"]
    monkeypatch.setitem(loaders, "/staff", lambda: clerk)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    db.session.commit()
    return Product(app, clock, token, store)


@pytest.fixture
def phone(app, monkeypatch):
    phone = Phone()
    monkeypatch.setattr(outlets, "_courier", AtOnce())
    monkeypatch.setitem(app.extensions, "loyalty.texts", phone)
    return phone


def test_nothing_personal_stands_anywhere_in_plain_text(product, phone, valkey, capfd, clock):
    with log_of_everything() as logged:
        through_the_api(product)
        through_a_file(product)
        through_pages(product)
        through_the_portal(product, phone)
        db.session.rollback()
        audit_job.extend(1)
        tidy(clock.now.date(), zone="Asia/Shanghai", dry_run=False, now=clock.now, by=SYSTEM)
        through_a_form_that_waits(product)
    printed = capfd.readouterr()

    found = {name: hits(rows) for name, rows in dump().items()}
    assert {name: told for name, told in found.items() if told} == {}
    assert db.session.scalar(text("SELECT count(*) FROM web_sessions WHERE sealed IS NOT NULL")) == 1
    folder = uploads_folder(product.app.extensions["loyalty.settings"].data_dir)
    assert len(list(folder.iterdir())) >= 2
    assert hits(files_in(folder.parent)) == []
    assert hits(everything_in(valkey)) == []
    assert hits(logged.getvalue() + printed.out + printed.err) == []
    assert hits("\n".join(product.addresses)) == []


def test_a_canary_that_is_stored_plainly_is_found(committed, valkey, tmp_path):
    """The negative control: one in a table, one in bytes, one in Valkey, one in a file, one in an address."""
    insert = "INSERT INTO idempotency_keys VALUES ('x', 'y', :key, '\\x01', '{}', now())"
    db.session.execute(text(insert), {"key": f"of {PHONES[3]}"})
    session = "INSERT INTO web_sessions VALUES (:id, 'guest', NULL, '{}', '', '', now(), now())"
    db.session.execute(text(session), {"id": f"of {EMAILS[3]}".encode()})
    db.session.commit()
    valkey.set("x", PHONES[4])
    (tmp_path / "kept").write_bytes(b"\xff\x00" + OPENIDS[3].encode())

    assert {name for name, rows in dump().items() if hits(rows)} == {"idempotency_keys", "web_sessions"}
    assert hits(files_in(tmp_path)) == [OPENIDS[3]]
    assert hits(everything_in(valkey)) == [PHONES[4]]
    assert hits(f"/staff/search?q={PHONES[5]}") == [PHONES[5]]
