"""The audit, verified outside the database: the hash chains are computed anew from what an auditor can see."""
