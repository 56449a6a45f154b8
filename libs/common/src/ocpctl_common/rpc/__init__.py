"""gRPC: server, client, interceptors and the one table from errors to statuses."""
