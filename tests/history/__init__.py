"""Years of clusters in a database, and what each statement of the services reads of them."""
