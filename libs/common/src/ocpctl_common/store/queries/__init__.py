"""The read model: each query is a SELECT that hands out frozen values. A read-only role may run all of them."""
