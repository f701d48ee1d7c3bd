from __future__ import annotations

import hashlib

from hyprl_lab.store.trials.claim import claim_of, digest_of
from hyprl_lab.store.trials.digests import study_digest

ROW = {
    "study_id": "s", "kind": "search", "symbol": "SPY", "timeframe": "1d", "fingerprint": "f",
    "lineage_root": "r", "strategy_hash": "h", "strategy_name": "n", "total": 8, "digest": "d",
    "code_version": "1", "environment_hash": None, "spec": "{}", "strategy": '{"a":1}',
    "summary": "{}", "param_names": '["fast", "slow"]', "created_at": 5, "completed_at": 9,
    "state": "completed",
}  # fmt: skip


def test_a_claim_names_every_column() -> None:
    body = claim_of(ROW)
    assert body["strategy_sha256"] == hashlib.sha256(b'{"a":1}').hexdigest()
    assert (body["created_at"], body["opened_at"]) == (9, 5)
    assert body["param_names"] == ["fast", "slow"]
    for name in ROW:
        if name != "state":
            changed = ROW | {name: '["x"]' if isinstance(ROW[name], str) else 77}
            assert claim_of(changed) != body, name


def test_the_digest_is_of_all_shards_in_order() -> None:
    shards = [
        {"shard": 0, "first_index": 0, "rows": 4, "trials_digest": "a", "blocks_digest": "b"},
        {"shard": 1, "first_index": 4, "rows": 4, "trials_digest": "c", "blocks_digest": None},
    ]
    assert digest_of("s", shards) == study_digest("s", [(0, 0, 4, "a", "b"), (1, 4, 4, "c", None)])
