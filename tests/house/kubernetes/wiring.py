"""Rules about what names what. Each rule returns its faults."""

from collections.abc import Iterator

from tests.house.kubernetes.rendering import Document, Documents, labels, name, of, pods, selects

# What is made by hand where no component makes it; docs/kubernetes.md says how.
BY_HAND = {"database-migrator", "database-scheduler", "database-reader", "signing-keys"}
JOB = {"sourceLabels": ["__meta_kubernetes_pod_label_app_kubernetes_io_name"], "targetLabel": "job"}
SERVING_CERTIFICATE = "service.beta.openshift.io/serving-cert-secret-name"


def services_have_pods(documents: Documents) -> Iterator[str]:
    """Every Service selects pods, and its target port is one of each."""
    for service in of(documents, "Service"):
        found = [pod for _, pod in pods(documents) if selects(service["spec"]["selector"], pod)]
        if not found:
            yield f"{name(service)} selects no pod"
        for port in service["spec"]["ports"]:
            yield from (
                f"{name(service)}: no port {port['targetPort']}"
                for pod in found
                if port["targetPort"] not in _ports(pod)
            )


def _ports(pod: Document) -> set[str]:
    return {port["name"] for container in pod["spec"]["containers"] for port in container.get("ports", [])}


def deployments_select_their_pods(documents: Documents) -> Iterator[str]:
    """The selector of a Deployment, and of its spread, is that of its own pods."""
    for deployment in of(documents, "Deployment"):
        pod = deployment["spec"]["template"]
        spreads = pod["spec"].get("topologySpreadConstraints", [])
        for selector in [deployment["spec"]["selector"], *(one["labelSelector"] for one in spreads)]:
            if not selects(selector["matchLabels"], pod):
                yield f"{name(deployment)} does not select its own pods"
        if {one["topologyKey"] for one in spreads} != {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}:
            yield f"{name(deployment)} is not spread"


def budgets_match(documents: Documents) -> Iterator[str]:
    """A PodDisruptionBudget for each Deployment, and none for anything else; none forbids a drain."""
    deployments = of(documents, "Deployment")
    covered: set[str] = set()
    for budget in of(documents, "PodDisruptionBudget"):
        selector = budget["spec"]["selector"]["matchLabels"]
        found = {one["metadata"]["name"] for one in deployments if selects(selector, one["spec"]["template"])}
        if len(found) != 1:
            yield f"{name(budget)} is for {len(found)} Deployments"
        if budget["spec"].get("maxUnavailable", 0) in (0, "0%"):
            yield f"{name(budget)} lets no node be drained"
        covered |= found
    yield from (f"{name(one)} has no budget" for one in deployments if one["metadata"]["name"] not in covered)


def scalers_have_targets(documents: Documents) -> Iterator[str]:
    """What an autoscaler counts has no count of its own: each apply would set it back."""
    deployments = {one["metadata"]["name"]: one for one in of(documents, "Deployment")}
    for scaler in of(documents, "HorizontalPodAutoscaler"):
        target = deployments.get(scaler["spec"]["scaleTargetRef"]["name"])
        if target is None:
            yield f"{name(scaler)} scales nothing"
        elif "replicas" in target["spec"]:
            yield f"{name(target)} has replicas and an autoscaler"


def monitors_have_services(documents: Documents) -> Iterator[str]:
    """What Prometheus is told to read is there, all of it, under the names that rules and dashboards use."""
    for monitor in of(documents, "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        found = [one for one in of(documents, "Service") if wanted <= one["metadata"].get("labels", {}).items()]
        ports = {port["name"] for one in found for port in one["spec"]["ports"]}
        yield from (
            f"{name(monitor)}: no port {one['port']}"
            for one in monitor["spec"]["endpoints"]
            if one["port"] not in ports
        )
        if any(JOB not in one.get("relabelings", []) for one in monitor["spec"]["endpoints"]):
            yield f"{name(monitor)} does not make a service's name its job"
        exposing = [pod for _, pod in pods(documents) if "metrics" in _ports(pod)]
        yield from (
            f"{name(monitor)} misses {labels(pod)}" for pod in exposing if labels(pod).get("metrics") != "exposed"
        )


def references_exist(documents: Documents) -> Iterator[str]:
    """Every ConfigMap, Secret, volume claim and account that is named is there, with the key that is named."""
    there = _there(documents)
    for document, pod in pods(documents):
        wanted = {
            ("ServiceAccount", pod["spec"].get("serviceAccountName", ""), ""),
            *_of_volumes(pod),
            *_of_variables(pod),
        }
        for kind, what, key in sorted(wanted):
            if what in BY_HAND and kind == "Secret":
                continue
            keys = there.get((kind, what))
            if keys is None or (key and keys and key not in keys):
                yield f"{name(document)} names {kind} {what} {key}".rstrip()


def _there(documents: Documents) -> dict[tuple[str, str], set[str]]:
    """What is made, with its keys where they are known."""
    found = {(one["kind"], one["metadata"]["name"]): set(one.get("data", {})) for one in documents}
    for one in of(documents, "Certificate"):
        found["Secret", one["spec"]["secretName"]] = {"ca.crt", "tls.crt", "tls.key"}
    for one in of(documents, "ExternalSecret"):
        found["Secret", one["spec"]["target"]["name"]] = {row["secretKey"] for row in one["spec"]["data"]}
    for one in of(documents, "Service"):
        if made := one["metadata"].get("annotations", {}).get(SERVING_CERTIFICATE):
            found["Secret", made] = {"tls.crt", "tls.key"}
    return found


def _of_volumes(pod: Document) -> Iterator[tuple[str, str, str]]:
    for volume in pod["spec"].get("volumes", []):
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"], ""
        if "configMap" in volume and not volume["configMap"].get("optional"):
            yield "ConfigMap", volume["configMap"]["name"], ""
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"], ""


def _of_variables(pod: Document) -> Iterator[tuple[str, str, str]]:
    kinds = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
    for container in pod["spec"]["containers"]:
        for variable in container.get("env", []):
            for word, kind in kinds.items():
                if (found := variable.get("valueFrom", {}).get(word)) and not found.get("optional"):
                    yield kind, found["name"], found["key"]
