# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images: made once for each content, kept, and shared by the labs of one checkout.

base: a Debian by mmdebstrap. host: base, with the roles' packages downloaded but not unpacked. All others are
made from host. The tag of an image is the digest of all that went into it.
"""

from __future__ import annotations

import collections.abc
import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import shlex
import subprocess

from . import command, fleet, leftovers, tools
from .doubles.axigen import package
from .doubles.zimbra import package as zimbra_package
from .failure import LabError
from .identity import ROLE_LABEL, digest, label_changes, label_options
from .podman import Podman
from .progress import Progress
from .state import State, lock

EXCLUDED = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")

BASE_HOOKS = (
    'printf "127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost ip6-loopback\\n" > "$1/etc/hosts"',
    'rm -f "$1"/etc/resolv.conf "$1"/etc/hostname "$1"/etc/ssh/ssh_host_*_key*',
    'printf "force-unsafe-io\\n" > "$1/etc/dpkg/dpkg.cfg.d/lab"',
)
# apt's own timers would hold dpkg's lock at moments of their choice.
HOST_SCRIPT = """set -eu
export DEBIAN_FRONTEND=noninteractive
ln -sf /dev/null /etc/systemd/system/apt-daily.timer
ln -sf /dev/null /etc/systemd/system/apt-daily-upgrade.timer
apt-get -q -y --download-only install {packages}
apt-cache gencaches
"""
INSTALL_SCRIPT = """set -eu
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
echo 'krb5-config krb5-config/default_realm string EXAMPLE.TEST' | debconf-set-selections
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
apt-get -q -y --no-install-recommends install {packages}
rm /usr/sbin/policy-rc.d
"""
# heimdal-clients and krb5-user exclude each other: Heimdal's programs go to /opt/heimdal, their libraries by apt.
HEIMDAL_SCRIPT = """cd /var/tmp
apt-get -q download heimdal-clients
dpkg-deb -f heimdal-clients_*.deb Depends | tr ',' '\\n' | sed 's/[|(].*//' \\
    | xargs apt-get -q -y --no-install-recommends install
dpkg-deb -x heimdal-clients_*.deb /opt/heimdal
rm heimdal-clients_*.deb
"""
# MIT Kerberos 1.22 or later, which no Debian of the fleet has, from the next one: its programs go to /opt/mit-next with
# the C library that they need, and each starts by a script in bin. The dpkg status is left out, so that apt brings all.
MIT_NEXT_SCRIPT = """mkdir -p /opt/mit-next/bin /var/tmp/next/lists/partial /var/tmp/next/cache/archives/partial
cd /var/tmp/next
sed -n '1s/ [a-z]* main$/ forky main/p' /etc/apt/sources.list > sources.list
next() {
    apt-get -q -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null \\
        -o Dir::State::Lists="$PWD/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$PWD/cache" "$@"
}
next update
next -y --no-install-recommends --download-only install krb5-kdc krb5-admin-server krb5-user
for package in cache/archives/krb5-*.deb cache/archives/lib*.deb; do dpkg-deb -x "$package" /opt/mit-next; done
cd /opt/mit-next
rm -rf /var/tmp/next usr/share
ln -s usr/lib/*-linux-gnu lib
for program in usr/sbin/kadmin* usr/sbin/kdb5_util usr/sbin/krb5kdc usr/bin/k*.mit usr/bin/kvno; do
    name=${program##*/}
    printf '#!/bin/sh\\nexec %s --library-path %s %s "$@"\\n' "$PWD"/lib/ld-linux-*.so.* "$PWD"/lib "$PWD/$program" \\
        > "bin/${name%.mit}"
done
chmod 755 bin/*
"""
# What the programs of the images are made of lies here; it goes to this folder of the image.
HERE = pathlib.Path(__file__).resolve().parent
FOLDER = "/opt/lab"
END = "the end of a file of the lab"
# Java's alternatives link its manual pages, whose folder is left out of the base.
JAVA_SCRIPT = "mkdir -p /usr/share/man/man1\n"
# Each runs as it was unpacked, but for its configuration, which it looks for in /etc.
OTHER_JAVA_SCRIPT = """mkdir -p /var/tmp/unstable/lists/partial
cd /var/tmp/unstable
sed -n '1s/ [a-z]* main$/ sid main/p' /etc/apt/sources.list > sources.list
unstable() {{
    apt-get -q -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null \\
        -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}}
unstable update
for version in {versions}; do
    unstable download "openjdk-$version-jre-headless"
    mkdir "/opt/java$version"
    dpkg-deb --fsys-tarfile openjdk-"$version"-jre-headless_*.deb \\
        | tar -x -C "/opt/java$version" --strip-components=5 --wildcards './usr/lib/jvm/java-*'
    dpkg-deb --fsys-tarfile openjdk-"$version"-jre-headless_*.deb | tar -x -C / ./etc
done
rm -rf /var/tmp/unstable
"""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How an image is made: its name, the Debian release, the image below it, the script that runs in that."""

    name: str
    debian: str
    below: Recipe | None
    script: str

    @property
    def tag(self) -> str:
        """The digest of the whole recipe, with those below it."""
        return digest(self.name, self.script, self.below.tag if self.below else "")

    @property
    def chain(self) -> list[Recipe]:
        """The recipe and those below it."""
        return [self, *(self.below.chain if self.below else ())]

    def reference(self, state: State) -> str:
        """The image's full name."""
        return f"{state.lab.repository}/{self.name}:{self.tag}"


def base(debian: str) -> Recipe:
    """A minimal Debian with systemd, SSH and Python; its script is mmdebstrap's command line."""
    argv = ["mmdebstrap", "--mode=root", "--variant=minbase", "--skip=cleanup/apt/lists", "--dpkgopt=force-unsafe-io"]
    argv += [f"--dpkgopt=path-exclude={pattern}" for pattern in EXCLUDED]
    argv += [f'--aptopt={name} "{value}"' for name, value in sorted(tools.apt_settings().items())]
    argv += [f"--customize-hook={hook}" for hook in BASE_HOOKS]
    argv += [f"--include={','.join(fleet.BASE_PACKAGES)}", fleet.SUITES[debian], "-"]
    return Recipe(f"base{debian}", debian, None, shlex.join(argv))


def host(debian: str) -> Recipe:
    """A blank host."""
    return Recipe(f"host{debian}", debian, base(debian), HOST_SCRIPT.format(packages=" ".join(fleet.CACHED_PACKAGES)))


def of(one: fleet.Host) -> Recipe:
    """The image that a host of a site starts from."""
    return KINDS[one.image](one)


def dc(debian: str) -> Recipe:
    """A domain controller of Active Directory, whose domain is made; its accounts come with its first start."""
    script = INSTALL_SCRIPT.format(packages=" ".join(fleet.DC_PACKAGES)) + carried(HERE / "dc", FOLDER)
    return Recipe(f"dc{debian}", debian, host(debian), script + f". {FOLDER}/install.sh\n")


def axigen(debian: str) -> Recipe:
    """A host with Axigen's double as the vendor's package and its first set-up leave it; nothing of Kerberos."""
    script = INSTALL_SCRIPT.format(packages=" ".join(package.PACKAGES))
    script += package.script(fleet.AD.domain, fleet.MAILBOXES) + carried(HERE / "axigen", FOLDER)
    return Recipe(f"axigen{debian}", debian, host(debian), script + f". {FOLDER}/install.sh\n")


def partner(debian: str) -> Recipe:
    """The KDC of another realm, which is made at its first start."""
    script = INSTALL_SCRIPT.format(packages=" ".join(fleet.PARTNER_PACKAGES)) + carried(HERE / "partner", FOLDER)
    return Recipe(f"partner{debian}", debian, host(debian), script + f". {FOLDER}/install.sh\n")


def zimbra(one: fleet.Host) -> Recipe:
    """A host with Zimbra's double, as the vendor's installer leaves it with these services; it knows no realm."""
    servers = {host.fqdn: host.services for host in fleet.ZIMBRA.members("zimbra")}
    (directory,) = (fqdn for fqdn, services in servers.items() if "ldap" in services)
    words = (fleet.ZIMBRA.domain, one.fqdn, one.services, directory, servers, fleet.ZIMBRA_MAILBOXES)
    packages = INSTALL_SCRIPT.format(packages=" ".join(zimbra_package.PACKAGES))
    below = Recipe(f"zimbra{one.debian}", one.debian, host(one.debian), packages)
    return Recipe(f"{one.name}-{one.debian}", one.debian, below, zimbra_package.script(*words))


def carried(folder: pathlib.Path, to: str) -> str:
    """A script that writes the files of a folder into a folder of the image."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            target = f"{to}/{path.relative_to(folder)}"
            lines += [f"mkdir -p {target.rpartition('/')[0]}", f"cat > {target} <<'{END}'", path.read_text() + END]
    return "\n".join(lines) + "\n"


# By what `fleet.Host.image` says.
KINDS: dict[str, collections.abc.Callable[[fleet.Host], Recipe]] = {
    "host": lambda one: host(one.debian),
    "dc": lambda one: dc(one.debian),
    "axigen": lambda one: axigen(one.debian),
    "partner": lambda one: partner(one.debian),
    "zimbra": zimbra,
}


def dns() -> Recipe:
    """The DNS."""
    return Recipe("dns", "12", host("12"), INSTALL_SCRIPT.format(packages=" ".join(fleet.DNS_PACKAGES)))


def toolbox(debian: str, java: bool = False) -> Recipe:
    """The real tools, for tests against throw-away realms."""
    packages = INSTALL_SCRIPT.format(packages=" ".join(fleet.TOOLBOX_PACKAGES))
    plain = Recipe(f"toolbox{debian}", debian, host(debian), packages + HEIMDAL_SCRIPT + MIT_NEXT_SCRIPT)
    if not java:
        return plain
    script = JAVA_SCRIPT + INSTALL_SCRIPT.format(packages=" ".join(fleet.JAVA_PACKAGES[debian]))
    if fleet.OTHER_JAVAS[debian]:
        script += OTHER_JAVA_SCRIPT.format(versions=" ".join(fleet.OTHER_JAVAS[debian]))
    return Recipe(f"toolbox{debian}-java", debian, plain, script)


def every() -> list[Recipe]:
    """All images that this checkout's files describe, with those below them."""
    found = [dns(), *(of(one) for site in fleet.SITES for one in site.hosts)]
    for debian in fleet.SUITES:
        found += [toolbox(debian), toolbox(debian, java=True)]
    return [one for recipe in found for one in recipe.chain]


def make(state: State, podman: Podman, recipes: collections.abc.Sequence[Recipe], progress: Progress) -> list[str]:
    """Makes the images that are not there yet, those of different Debian releases side by side.

    Gives the names of the images that it made. Only one process of a checkout makes images at a time.
    """
    if not _absent(state, podman, recipes):
        return []
    with lock(state.top / "images.lock", lambda: progress.note("waiting for another run that makes images")):
        leftovers.clear_builds(state, podman)
        absent = _absent(state, podman, recipes)
        lanes = {debian: [r for r in absent if r.debian == debian] for debian in fleet.SUITES}
        with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
            done = [pool.submit(_make_all, state, podman, lane) for lane in lanes.values() if lane]
            for future in done:
                future.result()
        leftovers.clear_builds(state, podman)
        leftovers.clear_images(state, podman, {recipe.reference(state) for recipe in every()})
    return [recipe.name for recipe in absent]


def _absent(state: State, podman: Podman, recipes: collections.abc.Sequence[Recipe]) -> list[Recipe]:
    """The recipes whose images are not there, with the absent ones below them first, each once."""
    present = {name for image in podman.images(state.lab.checkout_labels) for name in image.names}
    found: dict[str, Recipe] = {}

    def visit(recipe: Recipe) -> None:
        if recipe.reference(state) in present:
            return
        if recipe.below:
            visit(recipe.below)
        found.setdefault(recipe.reference(state), recipe)

    for recipe in recipes:
        visit(recipe)
    return list(found.values())


def _make_all(state: State, podman: Podman, lane: collections.abc.Sequence[Recipe]) -> None:
    for recipe in lane:
        log = state.top / "logs" / f"image-{recipe.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        (_layer if recipe.below else _bootstrap)(state, podman, recipe, log)


def _bootstrap(state: State, podman: Podman, recipe: Recipe, log: pathlib.Path) -> None:
    """mmdebstrap | podman import. Its mounts lie in a namespace that ends with it."""
    tree = state.builds / f"{recipe.name}-{os.getpid()}"
    tree.mkdir(parents=True)
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", *shlex.split(recipe.script)]
    argv = [*command.DIE_WITH_PARENT, *command.as_root(isolated, TMPDIR=str(tree))]
    labels = label_changes({**state.lab.checkout_labels, ROLE_LABEL: "image"})
    with log.open("wb") as output, subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=output) as maker:
        imported = subprocess.run(
            podman.argv("import", "-q", *labels, "-"), stdin=maker.stdout, capture_output=True, text=True, check=False
        )
    command.remove_tree(tree)
    if maker.returncode:
        raise LabError(
            f"mmdebstrap could not make the image {recipe.name}:\n{command.tail(log)}\n    (all of it: {log})"
        )
    if imported.returncode:
        raise LabError(f"podman import of {recipe.name}: {command.last_words(imported.stderr)}")
    podman.run("tag", imported.stdout.split()[-1], recipe.reference(state), what=f"naming the image {recipe.name}")


def _layer(state: State, podman: Podman, recipe: Recipe, log: pathlib.Path) -> None:
    """Runs the script in a container of the image below, and keeps the result."""
    assert recipe.below is not None
    name = f"{state.lab.prefix}-build-{recipe.name}"
    labels = {**state.lab.checkout_labels, ROLE_LABEL: "build"}
    start = ["run", "-i", "--name", name, *label_options(labels), "--network", "host", "--no-hosts"]
    argv = podman.argv(*start, recipe.below.reference(state), "/bin/sh", "-s")
    try:
        status = command.run_logged([*command.DIE_WITH_PARENT, *argv], log, stdin=recipe.script)
        if status:
            raise LabError(f"the image {recipe.name} could not be made:\n{command.tail(log)}\n    (all of it: {log})")
        keep = ["commit", "-q", *label_changes({ROLE_LABEL: "image"}), name, recipe.reference(state)]
        podman.run(*keep, what=f"keeping the image {recipe.name}")
    finally:
        with contextlib.suppress(LabError):
            podman.remove([name])
