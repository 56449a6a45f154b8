"""The only place where RPCs read the database: filters, pages, rows and sums that the caller may see."""
