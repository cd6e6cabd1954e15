# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each policy with each consumer that is here: real logins, acceptors and KDCs with the file that the policy makes."""

from __future__ import annotations

import pathlib
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import BY_NAME, Consumer
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_files import krb5_conf_change
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_policy import (
    POLICIES,
    PolicyRefusal,
    Resolved,
    named_policy,
    relations,
    resolve,
)
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_consumers import Case, Judges, running_judges
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import parties_here
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import libkrb5_reads

PARTIES = parties_here()
# What the documents of Zimbra and CAS left in the file
OLD = """\
[libdefaults]
 default_tkt_enctypes = rc4-hmac
 default_tgs_enctypes = rc4-hmac
 permitted_enctypes = des3-hmac-sha1
 allow_weak_crypto = true
"""


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judges]:
    with running_judges(tmp_path_factory.mktemp("realm")) as judges:
        yield judges


def written(policy: Resolved, folder: pathlib.Path) -> dict[str, dict[str, str]]:
    """What libkrb5 reads of the old file once it has the policy, as settings of the case."""
    path = folder / "krb5.conf"
    path.write_text(krb5_conf_change(str(path), OLD, policy, False).after or "")
    tree = libkrb5_reads(path)
    assert tree is not None
    return {"libdefaults": {name: values[0] for name, values in tree[("libdefaults",)].items()}}


@pytest.mark.parametrize("beside", ["", "mit1.21"])
@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("party", PARTIES)
def test_policy_and_consumer(judges: Judges, party: str, name: str, beside: str, tmp_path: pathlib.Path) -> None:
    consumer = BY_NAME[PARTIES[party]]
    consumers: list[Consumer] = [consumer, *([BY_NAME[beside]] if beside else [])]
    wanted = named_policy(name)
    try:
        policy = resolve(wanted, consumers, True)
    except PolicyRefusal:
        assert not consumer.usable.intersection(wanted.numbers)
        raw = Resolved(wanted.numbers, wanted.numbers, (consumer,))
        assert not judges.judge(Case(party, {"libdefaults": relations(raw)}, wanted.numbers)).works
        return
    outcome = judges.judge(Case(party, written(policy, tmp_path), policy.enctypes))
    first = policy.enctypes[0]
    assert outcome.works, outcome
    assert outcome.initiates == outcome.accepts == (first, first)
    weak = [number for number in policy.enctypes if number in (16, 23)]
    for number in weak:  # also where the service has no other key
        alone = judges.judge(Case(party, written(policy, tmp_path), (number,)))
        assert alone.initiates[0] == alone.accepts[0] == number, alone


def test_something_was_judged() -> None:
    assert {"mit", "java", "heimdal"} <= {BY_NAME[name].product for name in PARTIES.values()}
