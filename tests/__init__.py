"""The tests, and what plays parts of the world for them."""

import os

# Read when grpc is imported. Children of the tests exec at once; its fork handlers have ended one of them before that.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
