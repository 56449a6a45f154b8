"""What a stack runs, started in order and kept alive."""
