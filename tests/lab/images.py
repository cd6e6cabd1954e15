# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the images are made of.

base: a Debian by mmdebstrap. host: base, with the roles' packages downloaded but not unpacked. All others are
made from host. The tag of an image is the digest of all that went into it.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import os
import pathlib
import shlex

from . import fleet, packages, tools
from .doubles.axigen import package
from .doubles.zimbra import package as zimbra_package
from .downloads import Download, artifact, of_this_machine
from .identity import digest
from .state import State

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
printf '#!/bin/bash\\nexit 101\\n' > /usr/sbin/policy-rc.d
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
    printf '#!/bin/bash\\nexec %s --library-path %s %s "$@"\\n' "$PWD"/lib/ld-linux-*.so.* "$PWD"/lib "$PWD/$program" \\
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


# The CAS of each Debian release, whose Java it runs on.
CAS = ("org.apereo.cas", "cas-server-webapp-tomcat")
CAS_WARS = {
    "12": artifact(*CAS, "6.6.12", "war", "208a2692a72b3194982e16d9ba3b29449d2a52f110cde1005b167ccb73827f00"),
    "13": artifact(*CAS, "7.0.0", "war", "5a39aa795f04023a7cd57e14b08c42527b0ed28edf05484eda1423380b8bbffd"),
}


# A site whose repository has CAS's SPNEGO module names the archive that it built, which then runs in the lab.
OWN_WAR = "LAB_CAS_WAR"


@functools.cache
def own_war() -> Download | None:
    """The archive that takes the place of the published ones, if there is one."""
    path = os.environ.get(OWN_WAR)
    return of_this_machine(pathlib.Path(path)) if path else None


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How an image is made: its name, the Debian release, the image below it, the script that runs in that.

    `downloads`: files that lie in /downloads while the script runs.
    """

    name: str
    debian: str
    below: Recipe | None
    script: str
    downloads: tuple[Download, ...] = ()

    @property
    def tag(self) -> str:
        """The digest of the whole recipe, with those below it."""
        files = (part for one in self.downloads for part in (one.name, one.sha256))
        return digest(self.name, self.script, self.below.tag if self.below else "", *files)

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
    argv += [f"--include={','.join(packages.BASE)}", fleet.SUITES[debian], "-"]
    return Recipe(f"base{debian}", debian, None, shlex.join(argv))


def host(debian: str) -> Recipe:
    """A blank host."""
    return Recipe(f"host{debian}", debian, base(debian), HOST_SCRIPT.format(packages=" ".join(packages.CACHED)))


def of(one: fleet.Host) -> Recipe:
    """The image that a host of a site starts from."""
    return KINDS[one.image](one)


def dc(debian: str) -> Recipe:
    """A domain controller of Active Directory, whose domain is made; its accounts come with its first start."""
    script = INSTALL_SCRIPT.format(packages=" ".join(packages.DC)) + carried(HERE / "dc", FOLDER)
    return Recipe(f"dc{debian}", debian, host(debian), script + f". {FOLDER}/install.sh\n")


def axigen(debian: str) -> Recipe:
    """A host with Axigen's double as the vendor's package and its first set-up leave it; nothing of Kerberos."""
    script = INSTALL_SCRIPT.format(packages=" ".join(package.PACKAGES))
    script += package.script(fleet.AD.domain, fleet.MAILBOXES) + carried(HERE / "axigen", FOLDER)
    return Recipe(f"axigen{debian}", debian, host(debian), script + f". {FOLDER}/install.sh\n")


def partner(debian: str) -> Recipe:
    """The KDC of another realm, which is made at its first start."""
    script = INSTALL_SCRIPT.format(packages=" ".join(packages.PARTNER)) + carried(HERE / "partner", FOLDER)
    return Recipe(f"partner{debian}", debian, host(debian), script + f". {FOLDER}/install.sh\n")


def zimbra(one: fleet.Host) -> Recipe:
    """A host with Zimbra's double, as the vendor's installer leaves it with these services; it knows no realm."""
    servers = {host.fqdn: host.services for host in fleet.ZIMBRA.members("zimbra")}
    (directory,) = (fqdn for fqdn, services in servers.items() if "ldap" in services)
    words = (fleet.ZIMBRA.domain, one.fqdn, one.services, directory, servers, fleet.ZIMBRA_MAILBOXES)
    packages = INSTALL_SCRIPT.format(packages=" ".join(zimbra_package.PACKAGES))
    below = Recipe(f"zimbra{one.debian}", one.debian, host(one.debian), packages)
    return Recipe(f"{one.name}-{one.debian}", one.debian, below, zimbra_package.script(*words))


def cas(debian: str) -> Recipe:
    """A host whose administrator runs CAS, unpacked in /opt/cas/war, with the lab's endpoint; nothing of Kerberos."""
    war = own_war() or CAS_WARS[debian]
    script = JAVA_SCRIPT + INSTALL_SCRIPT.format(packages=" ".join(packages.JAVA[debian]))
    script += f"mkdir -p /opt/cas/war\ncd /opt/cas/war\njar xf /downloads/{war.name}\n"
    below = Recipe(f"cas{debian}-war", debian, host(debian), script, (war,))
    return Recipe(
        f"cas{debian}", debian, below, "set -eu\n" + carried(HERE / "cas", FOLDER) + f". {FOLDER}/install.sh\n"
    )


def browser(debian: str) -> Recipe:
    """A workstation with the browsers of Debian; nothing of Kerberos but the library that curl comes with."""
    script = INSTALL_SCRIPT.format(packages=" ".join(packages.BROWSER))
    return Recipe(f"browser{debian}", debian, host(debian), script)


# Each call of kadmin.local leaves a line, by which a run's sessions are counted.
SESSIONS = "/var/log/kadmin.sessions"
COUNTED = f"""dpkg-divert --quiet --add --rename --divert /usr/sbin/kadmin.local.distrib /usr/sbin/kadmin.local
cat > /usr/sbin/kadmin.local <<'{END}'
#!/bin/bash
echo >> {SESSIONS}
exec -a kadmin.local /usr/sbin/kadmin.local.distrib "$@"
{END}
chmod 755 /usr/sbin/kadmin.local
"""


def light(debian: str) -> Recipe:
    """A mail host or its client with the roles' packages, and nothing of them configured."""
    return Recipe(f"light{debian}", debian, host(debian), INSTALL_SCRIPT.format(packages=" ".join(packages.LIGHT)))


def light_kdc(debian: str) -> Recipe:
    """A KDC's host with its packages, whose sessions of kadmin.local are counted."""
    script = INSTALL_SCRIPT.format(packages=" ".join(packages.LIGHT_KDC)) + COUNTED
    return Recipe(f"light-kdc{debian}", debian, host(debian), script)


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
    "cas": lambda one: cas(one.debian),
    "browser": lambda one: browser(one.debian),
    "zimbra": zimbra,
    "light": lambda one: light(one.debian),
    "light-kdc": lambda one: light_kdc(one.debian),
}


def dns() -> Recipe:
    """The DNS."""
    return Recipe("dns", "12", host("12"), INSTALL_SCRIPT.format(packages=" ".join(packages.DNS)))


def toolbox(debian: str, java: bool = False) -> Recipe:
    """The real tools, for tests against throw-away realms."""
    script = INSTALL_SCRIPT.format(packages=" ".join(packages.TOOLBOX))
    plain = Recipe(f"toolbox{debian}", debian, host(debian), script + HEIMDAL_SCRIPT + MIT_NEXT_SCRIPT)
    if not java:
        return plain
    script = JAVA_SCRIPT + INSTALL_SCRIPT.format(
        packages=" ".join((*packages.JAVA[debian], *packages.JAVA_JUDGES[debian]))
    )
    if packages.OTHER_JAVAS[debian]:
        script += OTHER_JAVA_SCRIPT.format(versions=" ".join(packages.OTHER_JAVAS[debian]))
    return Recipe(f"toolbox{debian}-java", debian, plain, script)


def every() -> list[Recipe]:
    """All images that this checkout's files describe, with those below them."""
    found = [dns(), *(of(one) for site in (*fleet.SITES, fleet.light(1)) for one in site.hosts)]
    for debian in fleet.SUITES:
        found += [toolbox(debian), toolbox(debian, java=True)]
    return [one for recipe in found for one in recipe.chain]
