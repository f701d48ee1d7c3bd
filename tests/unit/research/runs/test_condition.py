"""A condition can't be more than one."""

from __future__ import annotations

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError
from hyprl_lab.research.runs.condition import checked_condition

TRICKS = [
    "(select count(*) from trials) > 0",
    "run_hash in (select run_hash from equity)",
    "exists(select 1 from bars)",
    "sharpe > any(select 1)",
    "true; select 1",
    "true) or (true)) --",
    "1), (2",
    "true) from trials where (true",
    "true) union all select (true",
    "true) order by (1",
    "true) limit (1",
    "true /* ",
    "count(*) over () > 0",
    "COLUMNS(*) is not null",
    "sharpe > ?",
    "sharpe > $since",
    "array(select 1) is not null",
    "(from trials) is not null",
    "(with t as (select 1) select * from t) > 0",
    "exists(select * from read_csv('/etc/hostname'))",
    "",
    "   ",
]


@pytest.mark.parametrize("where", TRICKS)
def test_a_condition_is_one_expression(warehouse: hl.Warehouse, where: str) -> None:
    with pytest.raises(InputError, match="where"):
        checked_condition(warehouse, where)
    with pytest.raises(InputError, match="where"):
        hl.runs.find(where=where, warehouse=warehouse)


@pytest.mark.parametrize(
    "where",
    [
        "sharpe > 1 and trades >= 30",
        "strategy_name like 'a%' or symbol in ('SPY', 'QQQ')",
        "case when sharpe is null then false else sharpe between 0 and 1 end",
        "created_at > now() - interval 1 day",
        "config->>'$.cash' = '10000'",
        "sharpe > 1 -- well",
        "/* good */ sharpe > 1",
        "strategy_name = 'it; has -- all (of) it'",
    ],
)
def test_what_is_one_passes_as_it_is(warehouse: hl.Warehouse, where: str) -> None:
    assert checked_condition(warehouse, where) == where
    assert len(hl.runs.find(where=where, warehouse=warehouse)) == 0


def test_a_deep_expression_is_no_crash(warehouse: hl.Warehouse) -> None:
    for terms in (300, 2_000):
        where = " + ".join(["trades"] * terms) + " > 1"
        try:
            assert checked_condition(warehouse, where) == where
        except InputError as error:
            assert "nested too deep" in str(error) or "depth" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("from_json('1', repeat('[', 100000)) is null", "not offered here"),
        ("sharpe::json::variant is null", "not offered here"),
        ("[" * 400 + "1" + "]" * 400 + " is null", "nested too deep"),
        ("true or " + " " * 100_000 + "true", "characters"),
    ],
)
def test_what_could_end_the_process(warehouse: hl.Warehouse, where: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hl.runs.find(where=where, warehouse=warehouse)
