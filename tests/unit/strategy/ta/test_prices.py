import talib

from hyprl_lab.strategy import ta


def test_prices_are_those_of_ta_lib(bars, agree):
    high, low, close = bars.high, bars.low, bars.close
    agree(ta.typical_price(), talib.TYPPRICE(high, low, close))
    agree(ta.median_price(), talib.MEDPRICE(high, low))
    agree(ta.weighted_close(), talib.WCLPRICE(high, low, close))
    agree(ta.average_price(), talib.AVGPRICE(bars.open, high, low, close))
