"""The public services. Each method authorizes, translates and delegates; none reads the database itself."""
