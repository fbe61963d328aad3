"""The plan that a dealer begins with, as a body of rules."""

from typing import Any


def _step(code: str, zh: str, en: str, trigger: str, task: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": {"zh": zh, "en": en}, "trigger": trigger, "task": task, **more}


THANKS, INSPECTION_OPENS, INSPECTION_ENDS = "visits-thanks", "visits-inspection-opens", "visits-inspection-ends"

USUAL_BODY: dict[str, Any] = {
    "steps": [
        _step(
            "delivery-1",
            "交车次日感谢",
            "Thanks on the day after delivery",
            "delivery",
            "delivery-call",
            channel="best",
            template=THANKS,
            days=1,
        ),
        _step("delivery-3", "交车后 3 天回访", "Call 3 days after delivery", "delivery", "delivery-call", days=3),
        _step("delivery-7", "交车后 7 天回访", "Call 7 days after delivery", "delivery", "delivery-call", days=7),
        _step("delivery-30", "交车后 30 天回访", "Call 30 days after delivery", "delivery", "delivery-call", days=30),
        *(
            _step(
                f"first-service-{days}",
                f"首保到期前 {days} 天邀约",
                f"First service, {days} days before",
                "delivery",
                "first-service",
                months=6,
                km=5000,
                days=days,
                side="before",
            )
            for days in (15, 3)
        ),
        _step("service-3", "维修后 3 天回访", "Call 3 days after service", "service", "service-call", days=3),
        _step(
            "maintenance-7",
            "保养到期前 7 天邀约",
            "Maintenance, 7 days before",
            "service",
            "maintenance",
            months=6,
            km=8000,
            days=7,
            side="before",
        ),
        _step(
            "inspection-opens",
            "年检可办理通知",
            "Inspection can be done",
            "inspection",
            "inspection",
            channel="best",
            template=INSPECTION_OPENS,
            side="opening",
            window=14,
        ),
        _step(
            "inspection-30",
            "年检到期前 30 天提醒",
            "Inspection, 30 days before",
            "inspection",
            "inspection",
            channel="best",
            template=INSPECTION_ENDS,
            days=30,
            side="before",
        ),
        _step(
            "inspection-7",
            "年检到期前 7 天提醒",
            "Inspection, 7 days before",
            "inspection",
            "inspection",
            days=7,
            side="before",
        ),
    ],
    "km_a_day": 40,
}
