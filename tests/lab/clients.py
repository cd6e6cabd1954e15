# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra judged by the clients of its own document, without the collection: kinit, gsasl, and the test of a keytab.

The document tests a keytab by sserver and sclient, which Debian does not ship. MIT's gss-server and gss-client do the
same by GSSAPI, as the mail servers do: the server runs as the service's own user with the service's keytab.
"""

from __future__ import annotations

import collections.abc
import json
import pathlib
import re
import typing

from . import command, fleet, inventory
from .podman import Podman
from .promises import promised
from .state import State

JUDGE = pathlib.Path(__file__).resolve().parent / "judges" / "gsasl_as_users.py"
PACKAGES = ("gsasl", "krb5-gss-samples")
INSTALL = ("apt-get", "-q", "-y", "--no-install-recommends", "install", *PACKAGES)
# gsasl begins TLS by a command alone.
TLS = "starttls"
# Whose keytab lies where, and the classes of service whose keys it has, by service of Zimbra's that needs it.
KEYTABS = {
    "mailbox": ("zimbra", "/opt/zimbra/conf/krb5.keytab", ("imap", "pop")),
    "proxy": ("zimbra", "/opt/zimbra/conf/krb5.keytab", ("imap", "pop")),
    "mta": ("postfix", "/opt/zimbra/data/krb5/smtp.keytab", ("smtp",)),
}
# Zimbra's double keeps the mail of each account that has logged in here, by its name.
MAILBOXES = "/opt/zimbra/store/double"
PORT = 12345  # the document's
ACCEPTED = re.compile(r'Accepted connection: "(?P<user>[^"]+)"')
# gss-server takes one client, or fails at once, or is ended; its words lie in a file that says so.
SERVE = f"""log=/run/lab-gss-server; rm -f $log $log.end
timeout 10 runuser -u "$1" -- gss-server -port {PORT} -once -keytab "$2" "$3" >$log 2>&1 </dev/null
touch $log.end
"""
CONNECT = f"""export KRB5CCNAME=FILE:$(mktemp)
kinit "$1" >/dev/null || exit
for dummy in 1 2 3 4 5; do
    gss-client -port {PORT} "$2" "$3" hello >/dev/null && break
    sleep 0.3
done
status=$?
kdestroy
exit $status
"""
READ = """log=/run/lab-gss-server
for dummy in $(seq 40); do
    [ -e $log.end ] && break
    sleep 0.3
done
cat $log
"""
Tried = dict[str, typing.Any]


def services(site: fleet.Site) -> list[dict[str, typing.Any]]:
    """What gsasl logs in to: every promised login that begins TLS by a command, with the name of its ticket."""
    return [
        {"protocol": one.protocol, "host": one.host, "port": one.port, "name": instance(one.principal)}
        for one in promised(site)
        if one.user == site.user and one.tls == TLS
    ]


def keytab_tests(site: fleet.Site) -> list[tuple[fleet.Host, str, str, str]]:
    """Host, user, keytab, host-based service, for each key that a server of Zimbra's must be able to use."""
    found = []
    for host in site.members("zimbra"):
        for user, keytab, classes in dict.fromkeys(KEYTABS[one] for one in host.services if one in KEYTABS):
            names = [host.fqdn, *([site.alias] if host.alias else [])]
            found += [(host, user, keytab, f"{service}@{name}") for service in classes for name in names]
    return found


def instance(principal: str) -> str:
    """The host in a service principal."""
    return principal.partition("/")[2].partition("@")[0]


def log_in(state: State, podman: Podman) -> tuple[list[Tried], dict[str, list[str]]]:
    """Every user by gsasl to every service, from a workstation; what came of it, and the tickets of each user."""
    (workstation,) = state.site.members("workstations")
    _install(state, podman, workstation)
    known = inventory.passwords(state)
    users = [{"user": user, "password": known[user.partition("@")[0]]} for user in state.site.users]
    order = json.dumps({"users": users, "services": services(state.site)})
    # The judge is an argument, since the passwords take standard input.
    argv = ("exec", "-i", state.lab.container(workstation.name), "python3", "-c", JUDGE.read_text())
    told = json.loads(podman.run(*argv, what=f"the judge on {workstation.fqdn}", stdin=order))
    return [{"client": "gsasl", **one} for one in told["logins"]], told["tickets"]


def mailboxes(state: State, podman: Podman) -> list[str]:
    """The accounts whose mailboxes have been opened."""
    stores = [host for host in state.site.members("zimbra") if "mailbox" in host.services]
    read = [podman.attempt("exec", state.lab.container(host.name), "ls", MAILBOXES).stdout for host in stores]
    return "\n".join(read).split()


def unopened(site: fleet.Site, opened: collections.abc.Collection[str]) -> list[str]:
    """A sentence for each user who did not come to the mailbox of the same name in the site's domain."""
    wanted = {user: f"{user.partition('@')[0]}@{site.domain}" for user in site.users}
    return [
        f"{user} logged in, but not to {account}: only {', '.join(opened) or 'none'} has been opened"
        for user, account in wanted.items()
        if account not in opened
    ]


def unproved(site: fleet.Site, tried: collections.abc.Sequence[Tried], tickets: dict[str, list[str]]) -> list[str]:
    """A sentence for each login by gsasl that failed, and for a guest without a ticket of the trust's."""
    sentences = [
        f"gsasl as {one['user']} did not log in to {one['host']}:{one['port']} by {one['protocol']} "
        f"as {one['name']}: {one['said']}"
        for one in tried
        if not one["ok"]
    ]
    wanted = [(user, *service.values()) for user in site.users for service in services(site)]
    had = {(one["user"], one["protocol"], one["host"], one["port"], one["name"]) for one in tried}
    sentences += [f"gsasl did not try {one}" for one in wanted if one not in had]
    for guest in site.guests:
        trust = f"krbtgt/{site.realm}@{guest.partition('@')[2]}"
        if trust not in tickets.get(guest, ()):
            sentences.append(f"{guest} got no ticket {trust}, by which realms trust each other")
    return sentences


def accept(state: State, podman: Podman) -> list[Tried]:
    """The document's test of each key: the service's user accepts, with its keytab, a client's context."""
    (workstation,) = state.site.members("workstations")
    for host in (workstation, *state.site.members("zimbra")):
        _install(state, podman, host)
    return [_accept(state, podman, workstation, *test) for test in keytab_tests(state.site)]


def _accept(
    state: State, podman: Podman, workstation: fleet.Host, host: fleet.Host, user: str, keytab: str, service: str
) -> Tried:
    server, client = state.lab.container(host.name), state.lab.container(workstation.name)
    podman.run("exec", "-d", server, "sh", "-c", SERVE, "sh", user, keytab, service, what=f"gss-server on {host.fqdn}")
    # The password comes by standard input, and the tickets end with the client.
    words = ("sh", "-c", CONNECT, "sh", state.site.user, host.fqdn, service)
    password = inventory.passwords(state)["alice"]
    done = podman.attempt("exec", "-i", client, *words, stdin=f"{password}\n")
    said = podman.attempt("exec", server, "sh", "-c", READ).stdout
    found = ACCEPTED.search(said)
    return {
        "client": "gss-client",
        "user": state.site.user,
        "host": host.fqdn,
        "name": service,
        "keytab": keytab,
        "as": user,
        "ok": done.returncode == 0 and found is not None and found["user"] == state.site.user,
        "said": found[0] if found else command.last_words(said or done.stderr),
    }


def _install(state: State, podman: Podman, host: fleet.Host) -> None:
    what = f"installing {', '.join(PACKAGES)} on {host.fqdn}"
    podman.run("exec", "-e", "DEBIAN_FRONTEND=noninteractive", state.lab.container(host.name), *INSTALL, what=what)


def not_accepted(tried: collections.abc.Sequence[Tried]) -> list[str]:
    """A sentence for each key that its server could not use."""
    return [
        f"{one['host']}: user {one['as']} accepts no context for {one['name']} with {one['keytab']}: {one['said']}"
        for one in tried
        if not one["ok"]
    ]
