"""The whole product on one machine: real PostgreSQL, a local AWS endpoint, real Envoy, a simulated installer."""
