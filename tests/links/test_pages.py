"""Pages and API of links: making them, seeing how they fare, looking after them; and who may not."""

import re

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.links import queries, service
from loyalty.staff.service import create_api_client
from tests.links.conftest import a_sale, an_event
from tests.links.core import MAPPING, Core

PULL_FORM = {"code": "erp", "name": "ERP 视图", "source": "dms", "view": "settled", "deleted": "deleted_at"}


@pytest.fixture
def desk(client, acting):
    """A browser without script in which an administrator works."""
    client.become = acting
    return client


@pytest.fixture
def core_db(clones, worker_number):
    """A core database with three orders, one of which cannot be taken."""
    with clones.empty(f"pages_w{worker_number}") as url:
        core = Core(url)
        for number in ("A-1", "A-2"):
            core.put(number)
        core.put("A-3", "-1")
        yield core


def columns_form():
    form = {"amount": "gross", "customers": "create"}
    for name, column in MAPPING["columns"].items():
        form |= {f"column-{name}": column} if isinstance(column, str) else {f"value-{name}": column["value"]}
    return form


def test_a_webhook_is_made_and_its_secret_shown_once(desk):
    answer = desk.post("/staff/links/new/webhook", data={"code": "dms", "name": "DMS", "source": "core"})

    secret = re.search(r'id="secret" value="(whsec_[\w-]+)"', answer.text)[1]
    assert answer.status_code == 201
    assert secret not in desk.get("/staff/links/dms").text
    assert queries.secrets_in_force(queries.link_by_code("dms").id, queries.link_by_code("dms").created_at) == [secret]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"code": "D M S"}, "code"), ({"name": ""}, "name"), ({"source": ""}, "source"), ({"where": "some"}, "stores")],
)
def test_a_webhook_with_something_wrong_is_refused_and_not_made(desk, wrong, field):
    answer = desk.post("/staff/links/new/webhook", data={"code": "dms", "name": "DMS", "source": "core"} | wrong)

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert queries.links(SYSTEM) == []


def test_a_code_is_given_once(desk, core):
    answer = desk.post("/staff/links/new/webhook", data={"code": "dms", "name": "DMS", "source": "core"})

    assert answer.status_code == 409


def test_a_view_is_linked_mapped_and_read(desk, core_db, clock):
    made = desk.post("/staff/links/new/view", data=PULL_FORM | {"url_with_password": core_db.url})
    shown = desk.get(made.headers["Location"])
    assert "order_no" in shown.text
    assert "A-1" in shown.text

    started = desk.post("/staff/links/erp/columns", data=columns_form())
    assert started.status_code == 303
    service.pull(queries.link_by_code("erp"), now=clock.now, by=SYSTEM, by_hand=True)
    page = desk.get("/staff/links/erp").text

    assert "A-3" in page
    assert "postgresql" not in page or "password" not in page
    assert queries.link_by_code("erp").state == "active"


@pytest.mark.parametrize("url", ["sqlite:////etc/passwd", "nonsense", "mysql://u:p@host/db?read_default_file=/etc/x"])
def test_an_address_that_is_none_or_reads_files_is_refused(desk, url):
    answer = desk.post("/staff/links/new/view", data=PULL_FORM | {"url_with_password": url})

    assert answer.status_code == 422
    assert 'href="#f-url_with_password"' in answer.text
    assert url not in answer.text


def test_a_view_that_does_not_answer_says_why_where_columns_are_mapped(desk):
    desk.post("/staff/links/new/view", data=PULL_FORM | {"url_with_password": "postgresql://u:geheim@127.0.0.1:1/core"})

    answer = desk.get("/staff/links/erp/columns")

    assert answer.status_code == 200
    assert "无法" in answer.text or "没有应答" in answer.text
    assert "geheim" not in answer.text


def test_an_unreachable_core_is_an_alarm_on_both_pages(desk, clock, stores):
    desk.post("/staff/links/new/view", data=PULL_FORM | {"url_with_password": "postgresql://u:p@127.0.0.1:1/core"})
    desk.post("/staff/links/erp/columns", data=columns_form())
    service.pull(queries.link_by_code("erp"), now=clock.now, by=SYSTEM, by_hand=True)

    assert queries.link_by_code("erp").state == "unreachable"
    for path in ("/staff/links", "/staff/links/erp"):
        assert 'role="alert"' in desk.get(path).text


def test_pause_resume_read_and_test(desk, core_db):
    desk.post("/staff/links/new/view", data=PULL_FORM | {"url_with_password": core_db.url})
    desk.post("/staff/links/erp/columns", data=columns_form())

    desk.post("/staff/links/erp/pause")
    assert queries.link_by_code("erp").state == "paused"
    assert desk.post("/staff/links/erp/read").status_code == 409
    desk.post("/staff/links/erp/resume")
    assert desk.post("/staff/links/erp/read").status_code == 303
    desk.post("/staff/links/erp/test")
    assert "11 列" in desk.get("/staff/links/erp").text


def test_a_rejected_thing_is_tried_again_and_set_aside(desk, core, clock):
    core.send(an_event(sales=[a_sale("S-1", store="NEW1"), a_sale("S-2", store="NEW2")]))
    page = desk.get("/staff/links/dms").text
    assert "NEW1" in page
    first, second = re.findall(r"/rejects/([0-9a-f-]{36})/retry", page)

    again = desk.post(f"/staff/links/dms/rejects/{first}/retry")
    desk.post(f"/staff/links/dms/rejects/{first}/dismiss")
    gone = desk.post(f"/staff/links/dms/rejects/{first}/retry")
    every = desk.post("/staff/links/dms/rejects/retry")

    assert again.status_code == 303
    assert gone.status_code == 404
    assert every.status_code == 303
    assert [str(one.id) for one in queries.rejects_page(queries.link_by_code("dms").id, limit=9).items] == [second]


def test_the_secret_is_replaced_on_the_page(desk, core):
    answer = desk.post("/staff/links/dms/secret", data={"hours": "2"})

    secret = re.search(r'id="secret" value="(whsec_[\w-]+)"', answer.text)[1]
    assert core.send(an_event(), secret=secret).status_code == 200
    assert desk.post("/staff/links/dms/secret", data={"hours": "1000"}).status_code == 422
    assert desk.post("/staff/links/dms/secret", data={"hours": "soon"}).status_code == 422


def test_managers_see_links_of_their_stores_and_change_none(desk, core, stores, clock):
    desk.become(Actor("staff", None, "赵经理", {"links.read": frozenset({stores["CD01"]})}))
    service.create_webhook(code="east", name="East", source="e", stores=[stores["CD01"]], now=clock.now, by=SYSTEM)

    assert desk.get("/staff/links").status_code == 200
    assert "East" in desk.get("/staff/links").text
    assert desk.get("/staff/links/east").status_code == 200
    assert desk.get("/staff/links/dms").status_code == 404
    assert desk.post("/staff/links/east/pause").status_code == 403


def test_programs_read_how_links_fare(client, core, clock):
    core.send(an_event(sales=[a_sale(), a_sale("S-2", store="XX")]))
    _, token = create_api_client(name="watch", permissions=["links.read"], now=clock.now, by=SYSTEM)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    listed = client.get("/api/v1/links", headers=headers).json["items"]
    one = client.get("/api/v1/links/dms", headers=headers).json
    rejected = client.get("/api/v1/links/dms/rejected", headers=headers).json["items"]

    assert listed == [one]
    assert (one["state"], one["counts"], one["rejected"]) == ("active", {"created": 1, "rejected": 1}, 1)
    assert rejected[0]["errors"] == {"store": ["There is no store “XX”; use the code of one of your stores."]}
    assert client.get("/api/v1/links/none", headers=headers).status_code == 404


def test_every_act_is_in_the_audit_trail(desk, core):
    desk.post("/staff/links/dms/pause")
    desk.post("/staff/links/dms/resume")
    desk.post("/staff/links/dms/secret", data={"hours": "2"})

    acts = db.session.scalars(text("SELECT action FROM audit_rows WHERE subject_kind = 'link' ORDER BY id")).all()
    assert acts == ["link.created", "link.paused", "link.resumed", "link.secret_rotated"]
