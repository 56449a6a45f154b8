"""The log lines of `create cluster` in release 4.20, with the errors that pass in every successful install.

Level and message; `{name}`, `{domain}` and `{infra_id}` are filled in.
"""

Line = tuple[str, str]

NETWORK: tuple[Line, ...] = (
    ("debug", "OpenShift Installer 4.20.3"),
    ("debug", "Loading Platform Quota Check..."),
    (
        "debug",
        (
            "failed to load limits for servicequotas: api error AccessDeniedException: User is not authorized to "
            "perform: servicequotas:ListServiceQuotas, skipping quota check"
        ),
    ),
    ("info", "Creating infrastructure resources..."),
    ("info", "Creating IAM roles for control-plane and compute nodes"),
    ("info", "Started local control plane with envtest"),
    ("info", "Created manifest *v1beta2.AWSCluster, namespace=openshift-cluster-api-guests name={infra_id}"),
    ("info", "Waiting up to 15m0s (until 10:15AM UTC) for network infrastructure to become ready..."),
    ("debug", "api error RequestLimitExceeded: Request limit exceeded., will retry in 2.1s"),
    ("debug", "Reconciler error: DependencyViolation: resource sg-0 has a dependent object"),
)
ACCESS: tuple[Line, ...] = (
    ("info", "Network infrastructure is ready"),
    ("info", "Creating Route53 records for control plane load balancer"),
    ("debug", "Creating private Hosted Zone"),
    ("debug", "Throttling: Rate exceeded (attempt 3 of 25), retrying"),
)
CONTROL_PLANE: tuple[Line, ...] = (
    ("info", "Created private Hosted Zone"),
    ("info", "Created manifest *v1beta2.AWSMachine, namespace=openshift-cluster-api-guests name={infra_id}-bootstrap"),
    ("info", "Waiting up to 15m0s (until 10:25AM UTC) for machines [{infra_id}-bootstrap] to provision..."),
    ("debug", "Invalid IAM Instance Profile name, the role is not yet seen"),
)
API: tuple[Line, ...] = (
    ("info", "Control-plane machines are ready"),
    ("info", "Cluster API resources have been created. Waiting for cluster to become ready..."),
    ("info", "Waiting up to 20m0s (until 10:40AM UTC) for the Kubernetes API at https://api.{domain}:6443..."),
    (
        "debug",
        (
            'Still waiting for the Kubernetes API: Get "https://api.{domain}:6443/version": '
            "dial tcp: lookup api.{domain} on 10.0.0.2:53: no such host"
        ),
    ),
    (
        "debug",
        (
            'Still waiting for the Kubernetes API: Get "https://api.{domain}:6443/version": '
            "dial tcp 10.0.1.7:6443: connect: connection refused"
        ),
    ),
)
BOOTSTRAP: tuple[Line, ...] = (
    ("info", "API v1.33.5 up"),
    ("info", "Waiting up to 45m0s (until 11:20AM UTC) for bootstrapping to complete..."),
    ("debug", "No status found in bootstrap configmap"),
)
BOOTSTRAP_DESTROY: tuple[Line, ...] = (
    ("debug", "Bootstrap status: complete"),
    ("info", "Destroying the bootstrap resources..."),
    ("info", "Finished destroying bootstrap resources"),
)
OPERATORS: tuple[Line, ...] = (
    ("info", "Waiting up to 40m0s (until 11:40AM UTC) for the cluster at https://api.{domain}:6443 to initialize..."),
    ("debug", "Still waiting for the cluster to initialize: Working towards 4.20.3: 412 of 959 done (43% complete)"),
    (
        "debug",
        (
            "Still waiting for the cluster to initialize: Multiple errors are preventing progress:\n"
            "* Cluster operators authentication, console, ingress are not available"
        ),
    ),
    ("debug", "Still waiting for the cluster to initialize: Working towards 4.20.3: 863 of 959 done (90% complete)"),
)
AFTER_FAILURE: tuple[Line, ...] = (
    ("info", "Shutting down local Cluster API controllers..."),
    ("info", "Stopped controller: Cluster API"),
    ("debug", "dial tcp 127.0.0.1:37021: connect: connection refused"),
    ("info", "Local Cluster API system has completed operations"),
)
