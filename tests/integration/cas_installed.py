# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CAS as it is installed: an unpacked archive, a Java, a unit that systemctl knows. Needs root.

The archive has names of modules alone, the Java a file `release` and a policy. systemctl is a script that goes with the
block, in the throw-away machine that the toolbox is; it knows when the unit was started, and notes what it is told.
"""

from __future__ import annotations

import contextlib
import pathlib
import time
from typing import Iterator

SYSTEMCTL = pathlib.Path("/usr/local/sbin/systemctl")
BOOTED = pathlib.Path("/run/systemd/system")
SCRIPT = """\
#!/bin/sh
case "$*" in
*show*) ;;
*) echo "$*" >> {told}; python3 -c 'import time; print(int(time.monotonic() * 1e6))' > {told}.at; exit 0 ;;
esac
for last; do :; done
cat <<END
Id=${{last%.service}}.service
CanReload=yes
LoadState=loaded
ActiveState=active
SubState=running
User={user}
Group={group}
ActiveEnterTimestampMonotonic=$(cat {told}.at)
END
"""
SPNEGO = "cas-server-support-spnego"


def archive(folder: pathlib.Path, version: str = "6.6.12", spnego: bool = True, more: tuple[str, ...] = ()) -> str:
    """An unpacked archive of that version, with or without SPNEGO; ``more``: further files below WEB-INF/lib."""
    library = folder / "WEB-INF" / "lib"
    library.mkdir(parents=True)
    modules = ["cas-server-core-api", "cas-server-webapp-resources", *([SPNEGO] if spnego else [])]
    for name in (*(f"{module}-{version}.jar" for module in modules), *more):
        (library / name).touch()
    if spnego:
        called = folder / "WEB-INF" / "classes" / "jcifs" / "spnego" / "Authentication.class"
        called.parent.mkdir(parents=True)
        called.touch()
    return str(folder)


def java(folder: pathlib.Path, version: str = "17.0.12", policy: str = "unlimited") -> str:
    """The home of a Java of that version."""
    for name in ("bin", "conf/security"):
        (folder / name).mkdir(parents=True)
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\n')
    (folder / "conf" / "security" / "java.security").write_text(f"crypto.policy={policy}\n")
    program = folder / "bin" / "java"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return str(folder)


@contextlib.contextmanager
def unit(told: pathlib.Path, user: str = "cas", group: str = "cas") -> Iterator[None]:
    """systemd with the unit cas, which runs as that user. ``told``: the file that gets what systemctl is told."""
    booted = BOOTED.is_dir()
    BOOTED.mkdir(parents=True, exist_ok=True)
    told.touch()
    told.with_name(f"{told.name}.at").write_text(str(int(time.monotonic() * 1e6)))
    SYSTEMCTL.write_text(SCRIPT.format(told=told, user=user, group=group))
    SYSTEMCTL.chmod(0o755)
    try:
        yield
    finally:
        SYSTEMCTL.unlink()
        if not booted:
            BOOTED.rmdir()
