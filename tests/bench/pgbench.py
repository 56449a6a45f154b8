"""The yardstick: pgbench running the SQL of an accepted create, on the same server in the same run."""

import re
import subprocess
from pathlib import Path

from ocpctl_common.store.create_statements import ACCEPT_CREATE
from ocpctl_local.database.programs import binaries, service_account

RATE = re.compile(r"tps = ([0-9.]+)")
NOT_ALONE = re.compile(r"FROM (accepted|recent WHERE [^\n]+)|ON CONFLICT DO NOTHING RETURNING 1")
# What the scheduler sends as parameters, as pgbench can write them: ids from a random number.
VALUES = {
    "principal": "'bench'",
    "key": "'k' || (:r)::text",
    "request_hash": "'\\xab'::bytea",
    "response": '\'{{"clusterId": "c", "jobId": "j", "status": "PENDING"}}\'',
    "cluster_id": "'clu_' || lpad((:r)::text, 26, '0')",
    "job_id": "'job_' || lpad((:r)::text, 26, '0')",
    "team": "'team-a'",
    "creates_per_hour": "0",
    "spec": "jsonb_set('{spec}', '{{name}}', to_jsonb('n' || (:r)::text))",
    "ttl_hours": "24",
    "hourly_cost_micros": "2500000",
    "keepalive_seconds": "NULL",
    "max_attempts": "3",
    "correlation_id": "'bench'",
    "traceparent": "''",
    "group_id": "'cluster-' || (:r)::text",
    "dedup_id": "'job:' || (:r)::text || '_1'",
    "body": "'{{\"request\": {spec}}}'",
    "audit_id": "'job_' || lpad((:r)::text, 26, '0') || '/CREATE_REQUESTED/0'",
    "attributes": '\'{{"correlation_id": "bench"}}\'',
}


def one_statement(spec: str) -> str:
    """The very statement of the scheduler."""
    return f"\\set r random(1, 9000000000000)\n{_fill(ACCEPT_CREATE, spec)};\n"


def seven_statements(spec: str) -> str:
    """The same rows, one INSERT after the other in a transaction, as most services would do it."""
    parts = re.findall(r"INSERT INTO.*?(?=\n\))", ACCEPT_CREATE, re.DOTALL)
    inserts = [NOT_ALONE.sub("", part) for part in parts]
    return "\\set r random(1, 9000000000000)\nBEGIN;\n" + "".join(f"{_fill(i, spec)};\n" for i in inserts) + "COMMIT;\n"


def _fill(statement: str, spec: str) -> str:
    filled = statement
    spec = spec.replace(":", ": ")  # pgbench takes :24 for a variable
    for name, value in VALUES.items():
        filled = filled.replace(f"%({name})s", f"({value.format(spec=spec)})")
    return " ".join(filled.split())


def rate(url: str, script: str, folder: Path, *, seconds: int, connections: int = 16) -> float:
    """Transactions a second of `connections` clients, prepared statements, in two threads."""
    path = folder / "bench.sql"
    path.write_text(script)
    binary = binaries(service_account()) / "pgbench"
    command: list[str | Path] = [
        binary,
        "-n",
        "-M",
        "prepared",
        "-c",
        str(connections),
        "-j",
        "2",
        "-T",
        str(seconds),
        "-f",
        path,
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = RATE.search(done.stdout)
    if found is None:
        raise SystemExit(f"pgbench failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    return float(found[1])
