# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New passwords for the accounts of Axigen and CAS in Active Directory: site sets them while a client logs in.

The judges are the controller's own `ldbsearch`, which says the kvno of each account, and MIT's `klist`.
"""

from __future__ import annotations

import collections.abc
import re

from . import promises
from .fleet import AD
from .key_change import Change, Step
from .podman import Podman
from .state import State

# Every account is older than a second.
ROTATE = ("-e", "kerberos_ad_max_age=1s")
ENDED = ("-e", "kerberos_ad_keep_old=1s")
STEPS = (
    Step("new passwords", ROTATE),
    Step("old keys go", ENDED, renew=True),
    Step("old keys gone", ENDED, changes=False),
)
# Where the keys of a product lie, and the account of each class of service.
KEYTABS = {
    "axigen": ("/etc/axigen.keytab", {"smtp": "axigen_smtp", "imap": "axigen_imap", "pop": "axigen_pop"}),
    "cas": ("/etc/cas/cas.keytab", {"HTTP": "cas_http"}),
}
USER = AD.user.partition("@")[0]
DATABASE = "/var/lib/samba/private/sam.ldb"


def wrong_kvnos(state: State, podman: Podman, step: Step) -> list[str]:
    """Sentences for keytab entries whose kvnos are not those of the directory after a step."""
    (controller,) = AD.controllers
    ldbsearch = ("ldbsearch", "-H", DATABASE, "(servicePrincipalName=*)", "sAMAccountName", "msDS-KeyVersionNumber")
    told = podman.run("exec", state.lab.container(controller.name), *ldbsearch, what="asking the directory for kvnos")
    now = directory_kvnos(told)
    sentences = []
    for product, (keytab, accounts) in KEYTABS.items():
        (host,) = AD.members(product)
        told = podman.run("exec", state.lab.container(host.name), "klist", "-k", keytab, what=f"reading {keytab}")
        held = keytab_kvnos(told)
        for service, account in accounts.items():
            name = f"{service}/{host.fqdn}"
            sentences += differing(name, now.get(account), held.get(name, set()), step.options != ENDED)
    return sentences


def differing(name: str, now: int | None, held: collections.abc.Set[int], old: bool) -> list[str]:
    """What is wrong with the kvnos in a keytab: the account's own must be the newest, beside the last one or alone."""
    right = now is not None and max(held, default=0) == now and (now - 1 in held if old else held == {now})
    return [] if right else [f"{name} has kvnos {sorted(held)}, the directory says {now}"]


def directory_kvnos(ldif: str) -> dict[str, int]:
    """The kvno of each account in what ldbsearch prints."""
    found = {}
    for entry in ldif.split("\n\n"):
        values = dict(re.findall(r"^([\w-]+): (.*)$", entry, re.MULTILINE))
        if "sAMAccountName" in values:
            found[values["sAMAccountName"]] = int(values["msDS-KeyVersionNumber"])
    return found


def keytab_kvnos(klist: str) -> dict[str, set[int]]:
    """The kvnos of each principal, without its realm, in what `klist -k` prints."""
    found: dict[str, set[int]] = {}
    for kvno, name in re.findall(r"^\s*(\d+) ([^@\s]+)@", klist, re.MULTILINE):
        found.setdefault(name, set()).add(int(kvno))
    return found


CHANGE = Change(
    logins=(
        *((protocol, host.fqdn, USER) for host in AD.members("axigen") for protocol, dummy in promises.PROTOCOLS),
        *(("http", host.fqdn, USER) for host in AD.members("cas")),
    ),
    steps=STEPS,
    wrong=wrong_kvnos,
    said="every account has a new password, and no login failed",
)
