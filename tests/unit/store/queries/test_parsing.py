"""Which views a query names, and what is no query."""

from __future__ import annotations

import os

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store.queries.parsing import check_select, named


@pytest.mark.parametrize(
    ("query", "views"),
    [
        ("select 1", ()),
        ("select * from trials", ("trials",)),
        ('select "trades" from "Runs"', ("runs",)),
        ("select run_hash from runs where trades >= $n and orders > 1", ("runs",)),
        ("select r.trades from runs r -- and bars", ("runs",)),
        ("select 'from bars' from runs /* equity */", ("runs",)),
        ("with x as (from trades) select * from runs", ("runs", "trades")),
        ("select (select count(*) from orders) from main.runs", ("orders", "runs")),
        ("from memory.main.equity", ("equity",)),
        ("describe trials", ("trials",)),
        ("summarize bars", ("bars",)),
        ("show chain", ("chain",)),
        ("with recursive a as (select 1 union select 2 from a, shards) from a", ("shards",)),
        ("select * from query_table('trials')", ("trials",)),
        ("select * from query('select * from ' || 'verdicts')", ("verdicts",)),
        ("select * from runs where run_hash in (select run_hash from trades)", ("runs", "trades")),
    ],
)
def test_the_views_that_are_read(query: str, views: tuple[str, ...]) -> None:
    assert named(query) == views


def test_deep_nesting_is_no_recursion() -> None:
    deep = "select 1 where " + " and ".join(["1 = 1"] * 3_000)
    assert named(deep) == ()
    nested = "(" * 150 + "select 1 from runs" + ")" * 150
    assert named(f"select * from {nested} as t") == ("runs",)


@pytest.mark.parametrize("query", ["selec 1", "select (", "\x00", "select 1 from from"])
def test_what_is_no_sql(query: str) -> None:
    with pytest.raises(InputError, match=r"not a query|expected one SELECT"):
        check_select(query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "nothing"),
        ("select 1; select 2", "SELECT, SELECT"),
        ("drop view trials", "DROP"),
        ("explain analyze select 1", "EXPLAIN"),
        ("explain analyze insert into t values (1)", "EXPLAIN"),
        ("pragma version", "PRAGMA"),
        ("call duckdb_settings()", "CALL"),
        ("copy (select 1) to '/nowhere'", "COPY"),
    ],
)
def test_what_is_no_select(query: str, found: str) -> None:
    with pytest.raises(InputError, match=f"found {found}; expected one SELECT"):
        check_select(query)


def test_a_forked_child_parses_with_its_own() -> None:
    assert named("from runs") == ("runs",)
    pid = os.fork()
    if pid == 0:  # nothing may be raised beyond this process
        os._exit(0 if named("from bars") == ("bars",) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_query_nested_deeper_than_python_goes() -> None:
    assert named(f"SELECT {' + '.join(['1'] * 900)} FROM runs") == ("runs",)


@pytest.mark.parametrize(
    "query",
    [
        "select from_json('1', '\"INT\"')",
        "select FROM_JSON_strict('1', '\"INT\"')",
        "select main.\"json_Transform\"('1', '\"INT\"')",
        "select ('1').json_transform_strict('\"INT\"')",
        "select list_transform(['1'], lambda x: from_json(x, '\"INT\"'))",
        "with a as (select 1 where from_json('1', '\"INT\"') is null) from a",
        "select * from query('select from_' || 'json(1)')",
        "select '1'::json::variant",
        "select cast(null as struct(a Variant[]))",
        "describe select from_json('1', '\"INT\"')",
    ],
)
def test_what_can_end_the_process_is_refused(query: str) -> None:
    with pytest.raises(InputError, match="is not offered here"):
        check_select(query)


def test_a_text_that_looks_like_a_name_is_none() -> None:
    check_select("""select '"function_name":"from_json"', 'from_json', "variant" from runs""")


def test_deep_and_long_queries_raise_nothing_else() -> None:
    for depth in (400, 990, 30_000):
        try:
            check_select("select " + "[" * depth + "1" + "]" * depth)
        except InputError:
            continue
    with pytest.raises(InputError, match="100,001 characters"):
        check_select("select 1" + " " * 99_993)
    check_select("select 1" + " " * 99_992)
