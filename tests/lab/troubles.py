# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The troubles of CAS's document, made on purpose: what verifies must name the cause and the remedy of each.

Nothing is mended by a run with the tag `verify`, so that the keys and files are looked at as they are. At the end a run
of site mends all of it.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import re

from . import fleet, lifecycle, plays, proof
from .failure import LabError
from .plays import SITE, VERIFY, Play
from .podman import Podman
from .progress import Progress
from .state import State

# The role's own step on the hosts of CAS, and then the logins: where all of these fail, a run of both ends before them.
VERIFYING = (
    Play("keys of CAS", SITE.playbook, ("--tags", "verify", "--limit", "cas")),
    Play("logins to CAS", VERIFY.playbook),
)
KEYTAB = "/etc/cas/cas.keytab"
KEPT = "/root/cas.keytab"
PROPERTIES = "/etc/cas/config/cas.properties"
# A keytab that root makes anew must be CAS's own again.
GIVE = f"chown cas:cas {KEYTAB}; chmod 0400 {KEYTAB}"
KEEP, BRING_BACK = f"cp -p {KEYTAB} {KEPT}", f"mv {KEPT} {KEYTAB}"
RESTART = """systemctl restart cas
for dummy in $(seq 150); do
    python3 -c "import urllib.request as r; r.urlopen('http://localhost:8080/cas/login')" 2>/dev/null && exit 0
    sleep 1
done
exit 1
"""


@dataclasses.dataclass(frozen=True)
class Trouble:
    """One trouble on a host of CAS: the scripts that make it and take it away, and what must be said of it.

    `made_on`: where it is made, if elsewhere. `told`: patterns, each of which one sentence must match.
    """

    name: str
    host: str
    make: str
    unmake: str
    told: tuple[str, ...]
    made_on: str = ""


def _of_slots(awk: str) -> str:
    """Takes those entries out of the keytab whose line of `list -e` the condition matches."""
    slots = f"printf 'rkt {KEYTAB}\\nlist -e\\n' | ktutil | awk '{awk} {{ print $1 }}' | sort -rn"
    return (
        f"{KEEP}; {{ echo 'rkt {KEYTAB}'; {slots} | sed 's/^/delent /'; echo 'wkt {KEYTAB}.new'; }} | ktutil; "
        f"mv {KEYTAB}.new {KEYTAB}; {GIVE}"
    )


def _put_back(path: str) -> str:
    """The file as it was, but newer than the JVM, which site restarts for it."""
    kept = f"/root/{path.rpartition('/')[2]}"
    return f"cat {kept} > {path}; rm {kept}"


ROUNDS: tuple[tuple[Trouble, ...], ...] = (
    (
        Trouble(
            "the path of the keytab is wrong",
            "cas1",
            f"mv {KEYTAB} {KEPT}",
            BRING_BACK,
            (rf"{KEYTAB}", r"Cannot find key of appropriate type.*default_keytab_name"),
        ),
        Trouble(
            "the service principal is not in the keytab",
            "cas2",
            f"{KEEP}; LC_ALL=C sed -i s/cas2/cas9/g {KEYTAB}; {GIVE}",
            BRING_BACK,
            (r"HTTP/cas2\.example\.test", r"no key of the service principal"),
        ),
    ),
    (
        Trouble(
            "the keytab has no key of the ticket's encryption type",
            "cas1",
            _of_slots("/aes256/"),
            BRING_BACK,
            (r"aes256", r"none of the ticket's encryption type"),
        ),
        Trouble(
            "the kvno is behind, as after a new ktpass",
            "cas2",
            "kadmin.local cpw -randkey HTTP/cas2.example.test",
            "true",
            (r"kvno", r"the key in the keytab is not the one|no key of the ticket's kvno"),
            made_on="kdc1",
        ),
    ),
    (
        Trouble(
            "krb5.conf does not permit the ticket's encryption type",
            "cas1",
            "cp -p /etc/krb5.conf /root/krb5.conf; "
            "sed -i 's/^.libdefaults.$/&\\n    permitted_enctypes = aes128-cts/' /etc/krb5.conf; " + RESTART,
            _put_back("/etc/krb5.conf"),
            (r"permitted_enctypes",),
        ),
        Trouble(
            "headers are too small, and the browser is not supported",
            "cas2",
            f"cp -p {PROPERTIES} /root/cas.properties; printf 'cas.authn.spnego.supported-browsers=Opera\\n"
            f"server.max-http-request-header-size=8192\\n' >> {PROPERTIES}; " + RESTART,
            _put_back(PROPERTIES),
            (r"cas_supported_browsers", r"cas_header_size"),
        ),
    ),
)


def run(state: State, progress: Progress) -> list[str]:
    """All rounds on a lab that `prove` has set up; a sentence for each trouble that was not named, or not mended."""
    if state.site.name != fleet.CAS.name:
        raise LabError("these are the troubles of CAS: choose an instance of its site, such as LAB=lab-cas")
    podman = lifecycle.up(state, progress).podman
    sentences: list[str] = []
    for number, troubles in enumerate(ROUNDS, 1):
        try:
            for trouble in troubles:
                _on(state, podman, trouble.made_on or trouble.host, trouble.make, trouble.name)
            runs = [run for play in VERIFYING for run in _verified(state, progress, play, number)]
            sentences += unnamed(troubles, runs)
        finally:
            for trouble in troubles:
                _on(state, podman, trouble.host, trouble.unmake, f"the end of: {trouble.name}")
    return sentences + plays.run(state, progress, Play("site after troubles", SITE.playbook))[1]


def _verified(state: State, progress: Progress, play: Play, number: int) -> list[proof.TaskRun]:
    return plays.run(state, progress, dataclasses.replace(play, name=f"{play.name} {number}"))[0]


def _on(state: State, podman: Podman, host: str, script: str, what: str) -> None:
    podman.run("exec", state.lab.container(host), "sh", "-c", script, what=what)


def unnamed(troubles: collections.abc.Sequence[Trouble], runs: collections.abc.Sequence[proof.TaskRun]) -> list[str]:
    """A sentence for each trouble of which no failed task says what it must."""
    told = "\n".join(run.message for run in runs if run.outcome == "failed")
    return [
        f"{trouble.host}: {trouble.name}, and nothing that verifies says {pattern!r}"
        for trouble in troubles
        for pattern in trouble.told
        if not re.search(pattern, told)
    ]
