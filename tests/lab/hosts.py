# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts and the DNS as containers: described, started, waited for."""

from __future__ import annotations

import collections.abc
import concurrent.futures
import dataclasses
import ipaddress
import shlex
import socket
import time

from . import command, fleet, images, names
from .failure import LabError
from .identity import ROLE_LABEL, SPEC_LABEL, digest, label_options, mac
from .podman import Podman
from .state import State, write

# At each start a host takes over the lab's keys and resolver as files of its own: a mounted file could not be replaced
# by renaming, which is how Ansible writes.
SEED = """install -d -m 700 /root/.ssh
install -m 600 /lab/authorized_keys /root/.ssh/authorized_keys
install -m 600 /lab/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key
install -m 644 /lab/ssh_host_ed25519_key.pub /etc/ssh/ssh_host_ed25519_key.pub
if [ ! -s /etc/resolv.conf ]; then
    install -m 644 /lab/resolv.conf /etc/resolv.conf
    [ -z "$1" ] || echo "$1" >> /etc/hosts
    touch /var/lib/apt/lists
fi
exec /sbin/init
"""
PATIENCE = 60.0
SETTLED = ("systemctl", "is-system-running", "--wait")


@dataclasses.dataclass(frozen=True)
class Described:
    """A container that shall run: its name, podman's options, its image, its command, and the digest of all that."""

    name: str
    options: tuple[str, ...]
    image: str
    argv: tuple[str, ...]
    spec: str

    def from_image(self, image: str) -> Described:
        """The same container from a snapshot: for `up` it stays what was described, and is left alone."""
        return dataclasses.replace(self, image=image)


def describe(state: State, subnet: ipaddress.IPv4Network, host: fleet.Host) -> Described:
    """A blank host with systemd, at its fixed address and MAC."""
    loopback = f"127.0.1.1\t{host.fqdn} {host.name}" if host.loopback_name else ""
    options = (
        *_place(state, host.fqdn, host.address(subnet)),
        *("--systemd=always", "-v", f"{state.seed}:/lab:ro"),
        *(f"--cap-add={name}" for name in host.capabilities),
    )
    image = images.of(host).reference(state)
    if host.passwords:
        options += ("-v", f"{state.private(host.name)}:/lab-private:ro")
    return _described(state.lab.container(host.name), options, image, ("/bin/sh", "-c", SEED, "seed", loopback))


def describe_dns(state: State, subnet: ipaddress.IPv4Network) -> Described:
    """The DNS."""
    options = (*_place(state, f"dns.{state.site.domain}", subnet[fleet.DNS_BYTE]), "-v", f"{state.dns}:/lab:ro")
    image = images.dns().reference(state)
    return _described(state.lab.container("dns"), options, image, ("dnsmasq", "-C", "/lab/dnsmasq.conf"))


def _place(state: State, fqdn: str, address: ipaddress.IPv4Address) -> tuple[str, ...]:
    """Name and address; /etc/hosts and /etc/resolv.conf are the image's, not podman's."""
    where = ("--network", state.lab.prefix, "--ip", str(address), "--mac-address", mac(address))
    return ("--hostname", fqdn, *where, "--no-hosts", "--dns", "none")


def _described(name: str, options: tuple[str, ...], image: str, argv: tuple[str, ...]) -> Described:
    return Described(name, options, image, argv, digest(*options, image, *argv))


def write_names(state: State, subnet: ipaddress.IPv4Network) -> bool:
    """The files that the DNS and the hosts' resolvers read; tells whether dnsmasq must start anew."""
    upstream = names.upstream()
    if not upstream:
        raise LabError("/etc/resolv.conf names no resolver that a container can reach: add a `nameserver` line to it")
    write(state.dns / "hosts.d" / "lab", names.records(state.site, subnet))
    write(state.seed / "resolv.conf", f"nameserver {subnet[fleet.DNS_BYTE]}\nsearch {state.site.domain}\n")
    return write(state.dns / "dnsmasq.conf", names.settings(state.site, subnet, upstream))


def start(state: State, podman: Podman, wanted: collections.abc.Sequence[Described]) -> None:
    """Starts containers, all at once."""

    def one(described: Described) -> None:
        role = "dns" if described.name == state.lab.container("dns") else "host"
        labels = label_options({**state.lab.labels, ROLE_LABEL: role, SPEC_LABEL: described.spec})
        words = ("run", "-d", "--name", described.name, *labels, *described.options, described.image, *described.argv)
        podman.run(*words, what=f"starting {described.name}")

    if wanted:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(one, wanted))


def wait(
    state: State, podman: Podman, subnet: ipaddress.IPv4Network, hosts: collections.abc.Sequence[fleet.Host]
) -> None:
    """Returns when every host answers by SSH and its systemd has finished starting."""

    def one(host: fleet.Host) -> None:
        limit = time.monotonic() + PATIENCE
        while not _greets(str(host.address(subnet))):
            if time.monotonic() > limit:
                raise LabError(_silence(state, podman, host))
            time.sleep(0.1)
        podman.attempt("exec", state.lab.container(host.name), "timeout", f"{PATIENCE:g}", *SETTLED)
        for unit in host.units:
            _check_unit(state, podman, host, unit)

    with concurrent.futures.ThreadPoolExecutor(len(hosts) or 1) as pool:
        list(pool.map(one, hosts))


def share_authority(state: State, podman: Podman) -> None:
    """Lays the certificate of a domain controller's authority into the seed, where every host finds it in /lab."""
    for host in state.site.controllers:
        read = ("exec", state.lab.container(host.name), "cat", "/etc/samba/tls/ca.pem")
        write(state.seed / "ca.pem", podman.run(*read, what=f"reading the authority's certificate on {host.fqdn}"))


def point(state: State, podman: Podman, subnet: ipaddress.IPv4Network, host: fleet.Host, name: str) -> None:
    """Gives the host's address a PTR with this name, and returns when the DNS answers with it."""
    address, own = host.address(subnet), names.records(state.site, subnet)
    write(state.dns / "hosts.d" / "lab", own if name == host.fqdn else names.pointed(own, address, name))
    limit = time.monotonic() + PATIENCE
    # The host's own /etc/hosts may have the address.
    other = next(one for one in state.site.hosts if one is not host)
    ask = ("exec", state.lab.container(other.name), "getent", "hosts", str(address))
    while name not in (told := podman.attempt(*ask).stdout.split()):
        if time.monotonic() > limit:
            raise LabError(f"the DNS answers for {address} with {told[1:]} and not with {name}")
        time.sleep(0.1)


def _check_unit(state: State, podman: Podman, host: fleet.Host, unit: str) -> None:
    container = state.lab.container(host.name)
    if podman.attempt("exec", container, "systemctl", "is-active", "--quiet", unit).returncode:
        log = ("journalctl", "--no-pager", "-u", unit)
        told = podman.attempt("exec", container, *log, "-n", "20", "-o", "cat").stdout
        show = shlex.join(podman.argv("exec", container, *log))
        raise LabError(f"{host.fqdn}: {unit} does not run: {command.last_words(told)!r}; see `{show}`")


def _greets(address: str) -> bool:
    """Whether an SSH server greets there."""
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def _silence(state: State, podman: Podman, host: fleet.Host) -> str:
    container = state.lab.container(host.name)
    logged = podman.attempt("logs", "--tail", "5", container)
    show = shlex.join(podman.argv("logs", container))
    return (
        f"{host.fqdn} does not answer by SSH after {PATIENCE:g} s; its last words: "
        f"{command.last_words(logged.stdout + logged.stderr)!r}; see `{show}`"
    )
