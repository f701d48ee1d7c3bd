-- The runs stored last, with the metrics that a list shows.
SELECT run_hash, strategy_name, symbol, timeframe, sharpe, cagr, max_drawdown, trades,
    engine, engine_version, created_at
FROM runs
WHERE state = 'completed'
ORDER BY seq DESC
LIMIT $n
