"""The API of an installed cluster, reached with the cluster's own kubeconfig."""
