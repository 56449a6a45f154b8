"""`ccoctl aws`, simulated: the identity provider and the roles of a cluster in the manual credentials mode."""
