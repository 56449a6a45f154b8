"""The read model: SELECTs, which hand out frozen values. A read-only role may run all of them."""
