"""Invented owners of the demo's dealer group: names that sound right, phones of a block that nobody was given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁任沈"
MALE = "建国 志强 伟 军 浩然 子轩 宇航 俊杰 明辉 国栋 海涛 文博 家豪 泽宇 立群 振华 晓东 少峰 嘉诚 永康"
FEMALE = "丽 婷婷 欣怡 雅琴 美玲 秀英 思琪 佳慧 晓燕 梦洁 雨桐 静怡 海霞 玉兰 嘉怡 诗涵 敏 芳 倩 慧敏"
COMPANIES = ("广州云帆物流有限公司", "佛山恒泰建材有限公司", "番禺锦程商贸有限公司", "广州木棉文化传播有限公司")
PHONE_HEADS = ("1380000", "1390000", "1350000", "1860000", "1990000")


@dataclass(frozen=True, slots=True)
class Owner:
    """One invented owner; `home` is the index of the store, `eager` how willingly the car is brought in (0 to 1)."""

    number: str
    name: str
    kind: str
    gender: str | None
    birthday: date | None
    phone: str
    home: int
    eager: float


def owners(random: Random, count: int, stores: int) -> Iterator[Owner]:
    """Yield `count` owners, a few of them companies; the same generator gives the same owners."""
    tails = random.sample(range(1000, 10_000), count)
    for index in range(count):
        female = random.random() < 0.4
        company = COMPANIES[index // 75] if index % 75 == 74 else None
        given = random.choice((FEMALE if female else MALE).split())
        born = date(random.randint(1962, 2002), 1, 1) + timedelta(days=random.randrange(365))
        yield Owner(
            number=f"C-{index + 1:07d}",
            name=company or random.choice(SURNAMES) + given,
            kind="company" if company else "person",
            gender=None if company else ("female" if female else "male"),
            birthday=None if company else born,
            phone=f"{random.choice(PHONE_HEADS)}{tails[index]}",
            home=random.choices(range(stores), weights=(5, 3, 2)[:stores])[0],
            eager=random.betavariate(2.2, 1.4),
        )
