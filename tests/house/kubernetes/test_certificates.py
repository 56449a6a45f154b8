"""Each service has the certificate by which its peers know it, and KEDA has one."""

from typing import Any

from ocpctl_common.rpc import peers

from tests.house.kubernetes.rendering import Document, Documents, of, pods, rendered

KEDA = "keda"
SCALER = "scheduler.ocpctl.svc"  # KEDA demands the name that it connects to


def certificates(documents: Documents) -> dict[str, Document]:
    """Those that our own authority signs, by name."""
    found = {one["metadata"]["name"]: one["spec"] for one in of(documents, "Certificate")}
    return {name: spec for name, spec in found.items() if spec["issuerRef"] == {"name": "authority", "kind": "Issuer"}}


def mounted(pod: Document) -> Any:
    """The secret behind OCPCTL_TLS_DIR."""
    container = pod["spec"]["containers"][0]
    folder = next(one["value"] for one in container["env"] if one["name"] == "OCPCTL_TLS_DIR")
    volume = next(one["name"] for one in container["volumeMounts"] if one["mountPath"] == folder)
    return next(one["secret"]["secretName"] for one in pod["spec"]["volumes"] if one["name"] == volume)


def test_a_certificate_has_the_name_of_its_holder_and_no_other() -> None:
    found = certificates(rendered("eks"))
    assert found.keys() == set(peers.NAMES) | {KEDA}
    for name, spec in found.items():
        assert spec["dnsNames"][0] == name
        assert set(spec["dnsNames"][1:]) == ({SCALER} if name == peers.SCHEDULER else set())


def test_without_keda_there_is_no_certificate_of_it() -> None:
    assert certificates(rendered("minimal")).keys() == set(peers.NAMES) - {KEDA}


def test_both_usages_but_for_keda_which_only_calls() -> None:
    for name, spec in certificates(rendered("eks")).items():
        wanted = {"client auth"} if name == KEDA else {"client auth", "server auth"}
        assert set(spec["usages"]) == {"digital signature"} | wanted


def test_a_pod_has_its_own_certificate() -> None:
    for _, pod in pods(rendered("eks")):
        service = pod["spec"]["serviceAccountName"]
        if service != "migrations":
            assert mounted(pod) == certificates(rendered("eks"))[service]["secretName"] == f"{service}-tls"


def test_kedas_trigger_names_the_certificate_and_the_schedulers_own_name() -> None:
    documents = rendered("eks")
    (authentication,) = of(documents, "TriggerAuthentication")
    rows = authentication["spec"]["secretTargetRef"]
    assert {row["name"] for row in rows} == {certificates(documents)[KEDA]["secretName"]}
    assert {row["parameter"]: row["key"] for row in rows} == {
        "caCert": "ca.crt",
        "tlsClientCert": "tls.crt",
        "tlsClientKey": "tls.key",
    }
    for job in of(documents, "ScaledJob"):
        (trigger,) = job["spec"]["triggers"]
        assert trigger["authenticationRef"]["name"] == authentication["metadata"]["name"]
        assert trigger["metadata"]["scalerAddress"] == f"{SCALER}:7020"


def test_the_authority_keeps_its_key_and_outlives_what_it_signs() -> None:
    (authority,) = (one["spec"] for one in of(rendered("eks"), "Certificate") if one["spec"].get("isCA"))
    assert authority["privateKey"]["rotationPolicy"] == "Never"
    longest = max(int(one["duration"].removesuffix("h")) for one in certificates(rendered("eks")).values())
    assert int(authority["renewBefore"].removesuffix("h")) > longest
