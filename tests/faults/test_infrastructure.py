"""What the services stand on goes away, refuses, forgets or repeats."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ocpctl_local.client import Client

from tests.faults.driver import Driver
from tests.waiting import wait_for

AWAY_SECONDS = 4.0


def test_postgres_is_restarted_under_load(driver: Driver, name: str) -> None:
    """No create with a 2xx is lost; meanwhile clients are told 503 with RetryInfo."""
    before = len(driver.refused)

    def create(number: int) -> str:
        return driver.create(f"{name}-{number}")

    with ThreadPoolExecutor(4) as pool:
        made = pool.map(create, range(4))
        for _ in range(2):
            driver.stack.replace("postgres", sign=signal.SIGINT)
            time.sleep(0.5)
        ids = list(made)
    for cluster_id in ids:
        driver.wait(cluster_id, "READY", seconds=150)
        driver.destroy(cluster_id)
    for cluster_id in ids:
        driver.wait(cluster_id, "DESTROYED", seconds=150)
    away = [answer for answer in driver.refused[before:] if answer.status == 503]
    assert all("RetryInfo" in str(answer.body["details"]) for answer in away), away


def test_postgres_lets_nobody_in_who_reads(driver: Driver, name: str) -> None:
    """Gateways and janitors, as at `max_connections`: they say so, callers shall repeat, all is well later."""
    driver.sql("ALTER ROLE ocpctl_reader CONNECTION LIMIT 0")
    driver.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ocpctl_reader'")
    asked = Client(driver.stack)
    wait_for(lambda: asked.call("GET", "/clusters").status != 200, what="a refusal")
    refused = asked.call("GET", "/clusters")
    assert (refused.status, "RetryInfo" in str(refused.body["details"])) == (503, True)
    for service in ("api-gateway", "janitor"):
        wait_for(partial(_nobody_gets_in, driver, service), what=f"the reason in the log of {service}")
    driver.sql("ALTER ROLE ocpctl_reader CONNECTION LIMIT -1")
    driver.life(name)
    reading = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'ocpctl-janitor'"
    wait_for(lambda: driver.sql(reading) == [(True,)], what="a connection of the janitor")


def _nobody_gets_in(driver: Driver, service: str) -> bool:
    return "too many connections for role" in (driver.stack.folder / "logs" / f"{service}.log").read_text()


def test_s3_refuses_uploads_no_create_starts(driver: Driver, name: str) -> None:
    driver.stack.faults({"service": "s3", "operation": "PutObject", "status": 500})
    cluster_id = driver.create(name)
    wait_for(lambda: "artifact store does not answer" in driver.job(cluster_id).get("errorMessage", ""))
    assert driver.operations(name) == []
    driver.stack.faults()
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def test_an_upload_that_arrives_after_its_runner_has_died(driver: Driver, name: str) -> None:
    """The snapshot hangs in the line while the runner is killed: the late object belongs to an attempt that is over."""
    driver.stack.faults({"service": "s3", "operation": "PutObject", "delay": 2.0})
    cluster_id = driver.create(name)
    wait_for(lambda: driver.attempts(cluster_id))
    time.sleep(1.5)
    driver.stack.replace("installer-runner-1", "installer-runner-2")
    driver.stack.faults()
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def test_secrets_manager_throttles(driver: Driver, name: str) -> None:
    throttled = {"service": "secretsmanager", "status": 400, "code": "ThrottlingException", "share": 0.5}
    driver.stack.faults(throttled)
    driver.life(name)


def test_the_queue_is_away(driver: Driver, name: str) -> None:
    driver.stack.faults({"service": "sqs", "status": 503})
    cluster_id = driver.create(name)  # accepting needs no queue
    time.sleep(AWAY_SECONDS)
    assert driver.attempts(cluster_id) == []
    driver.stack.faults()
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def purge(driver: Driver, queue: str) -> None:
    """Everything that was sent to it, and not heard, is lost."""
    wait_for(lambda: driver.sql("SELECT count(*) FROM outbox WHERE published_at IS NULL") == [(0,)])
    sqs = driver.stack.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])
    driver.stack.faults()


def test_the_queues_are_purged(driver: Driver, name: str) -> None:
    deaf = {"service": "sqs", "operation": "ReceiveMessage", "status": 503}
    driver.stack.faults(deaf)
    ids = [driver.create(f"{name}-{number}") for number in range(3)]
    purge(driver, "ocpctl-jobs.fifo")
    for cluster_id in ids:
        driver.wait(cluster_id, "READY")
    driver.stack.faults(deaf)
    for cluster_id in ids:
        driver.destroy(cluster_id)
    purge(driver, "ocpctl-destroys.fifo")
    for cluster_id in ids:
        driver.wait(cluster_id, "DESTROYED")


def test_messages_are_lost_and_doubled(driver: Driver, name: str) -> None:
    """Far more than a real queue would: a third of the messages vanish, a third come twice."""
    driver.stack.faults({"service": "sqs", "operation": "ReceiveMessage", "lose": 0.33, "double": 0.5})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(driver.life, [f"{name}-{number}" for number in range(4)]))
