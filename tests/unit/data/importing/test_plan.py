from __future__ import annotations

import pytest

from hyprl_lab.data.importing.plan import Found, named, plan_columns
from hyprl_lab.errors import BarsError


def found(*names: str, texts: tuple[str, ...] = ()) -> list[Found]:
    return [Found(name, "text" if name in texts else "number") for name in names]


def test_names_in_any_order_and_case_and_features_by_name():
    plan = plan_columns(found("CLOSE", "Volume", "rsiFast", "low", "Open", "High", "Date"), {})
    assert plan.time == (6,)
    assert list(plan.columns.items()) == [
        *(("open", 4), ("high", 5), ("low", 3), ("close", 0), ("volume", 1), ("rsi_fast", 2)),
    ]


def test_metatrader_writes_date_and_time_apart():
    plan = plan_columns(found("<DATE>", "<TIME>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>"), {})
    assert plan.time == (0, 1)
    assert plan.columns == {"open": 2, "high": 3, "low": 4, "close": 5}


def test_a_mapping_goes_over_names_and_leaves_the_others():
    columns = found("when", "open", "high", "low", "last", "close", "note", "rsi", texts=("note",))
    plan = plan_columns(columns, {"ts": 0, "close": "Last", "note": None})
    assert plan.time == (0,)
    assert plan.columns == {"open": 1, "high": 2, "low": 3, "close": 4, "rsi": 7}
    assert plan.texts == {}
    assert plan.ignored == (("column close", "close is taken from 'last'"),)


def test_text_is_looked_at_and_columns_without_names_are_left_out():
    plan = plan_columns(
        found("", "date", "ticker", "open", "high", "low", "close", texts=("ticker",)), {}
    )
    assert plan.texts == {2: "ticker"}
    assert plan.ignored == (("column 0", "it has no name"),)


def test_another_time_is_left_out():
    columns = [*found("ts", "open", "high", "low", "close"), Found("settled", "time")]
    assert plan_columns(columns, {}).ignored == (("column settled", "it is another time"),)


def test_a_time_by_type_needs_no_name():
    columns = [*found("open", "high", "low", "close"), Found("__index_level_0__", "time")]
    assert plan_columns(columns, {}).time == (4,)


PRICES = ("open", "high", "low", "close")


@pytest.mark.parametrize(
    ("names", "columns", "message"),
    [
        (("date", "price"), {}, r"without \['open'.*If there is only a close"),
        (PRICES, {}, r"times: found \['open'.*columns=\{'ts': 0\}"),
        (("ts", "timestamp", *PRICES), {}, r"the columns \['ts', 'timestamp'\]; expected one"),
        (("ts", *PRICES, "RSI", "rsi"), {}, "found 'RSI' and 'rsi', both 'rsi'"),
        (("ts", *PRICES, "10ma"), {}, "found the name '10ma'.*columns="),
        (("ts", *PRICES), {"close": "Last"}, "found 'Last'; expected one of"),
        (("ts", *PRICES), {"close": 9}, "a position from 0 to 4"),
        (("ts", *PRICES), {"close": True}, "found True"),
        (("ts", *PRICES), {"close": None}, "found 'close': None"),
        (("ts", *PRICES), {"Close": 1}, "expected snake case. Call it 'close'"),
        (("ts", *PRICES), {5: 1}, "found 5: 1"),
    ],
)
def test_what_does_not_fit_is_refused(names, columns, message):
    with pytest.raises(BarsError, match=message):
        plan_columns(found(*names), columns)


def test_names_by_position():
    assert [one.name for one in named(found("a", "b"), ["ts", None])] == ["ts", ""]
    with pytest.raises(BarsError, match=r"found 1 names.*for 2 columns"):
        named(found("a", "b"), ["ts"])
