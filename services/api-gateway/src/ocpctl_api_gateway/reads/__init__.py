"""What callers may see: filters, pages, rows, sums."""
