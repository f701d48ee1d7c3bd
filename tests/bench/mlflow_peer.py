"""The other side of `tests/bench/tracking.py`, run in the bench environment, one request a line.

A request is JSON: `store` ("sqlite" or "file"), `folder` (an empty one), `runs` (a JSON file with
a list of {params, metrics}), `artifacts` (for each run a folder whose files are logged with it, or
null). The answer is one line of JSON: the seconds that logging took and the twenty best by Sharpe
ratio with the seconds that finding them took. The experiment is made before the clock starts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"  # it is in maintenance, and still what many use
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient


def log(request: dict[str, str], runs: list[dict[str, dict[str, float]]]) -> dict[str, object]:
    """Log each run as MLflow's client does it: created, one batch, files, ended."""
    folder = Path(request["folder"])
    address = {"sqlite": f"sqlite:///{folder}/mlflow.db", "file": f"file:{folder}/mlruns"}
    client = MlflowClient(tracking_uri=address[request["store"]])
    experiment = client.create_experiment("bench", artifact_location=f"file:{folder}/artifacts")
    warm = client.create_run(experiment)
    client.delete_run(warm.info.run_id)
    artifacts = request["artifacts"] or [None] * len(runs)
    started = time.perf_counter()
    for run, files in zip(runs, artifacts, strict=True):
        run_id = client.create_run(experiment).info.run_id
        now = int(1_000 * time.time())
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in run["metrics"].items()],
            params=[Param(name, str(value)) for name, value in run["params"].items()],
        )
        if files is not None:
            client.log_artifacts(run_id, files)
        client.set_terminated(run_id)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    best = client.search_runs([experiment], order_by=["metrics.sharpe DESC"], max_results=20)
    return {
        "seconds": seconds,
        "top_seconds": time.perf_counter() - started,
        "top": [run.data.metrics["sharpe"] for run in best],
        "version": mlflow.__version__,
    }


def main() -> None:
    """Serve requests until standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        runs = json.loads(Path(request["runs"]).read_text(encoding="utf-8"))
        print(json.dumps(log(request, runs)), flush=True)


if __name__ == "__main__":
    main()
