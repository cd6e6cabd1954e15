# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keytab_probe against a real controller of Active Directory and MIT's KDC. Needs root (the toolbox)."""

from __future__ import annotations

import base64
import dataclasses
import pathlib
import time
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_proof import KeyProof
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.directory import Directory, connected
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.gss import initiator
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.service_ticket import check_keys, prove_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.accounts import (
    AES128,
    AES256,
    DISABLED,
    NORMAL,
    PASSWORD,
    RC4,
    change,
    computer,
    server,
    user,
)
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, entered
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import running_realm
from ansible_collections.mailrealm.kerberos.tests.integration.test_directory import shift

SPNS = [f"{service}/mx1.ad.example.test" for service in ("smtp", "imap", "pop")]
ALL = RC4 | AES128 | AES256


@dataclasses.dataclass(frozen=True)
class Site:
    """A domain with one account that serves SPNS, and the keys that the controller exports of it."""

    domain: Domain
    admin: Directory
    dn: str
    entries: tuple[KeytabEntry, ...]

    def prove(self, entries: list[KeytabEntry], *asked: str) -> list[KeyProof]:
        return prove_keytab(self.domain.reader, asked, entries, "/x/keytab")

    def only(self, entries: list[KeytabEntry], asked: str = SPNS[0]) -> KeyProof:
        (proof,) = self.prove(entries, asked)
        return proof


@pytest.fixture(scope="module")
def site(domain: Domain) -> Iterator[Site]:
    with entered(domain), connected(server(domain), domain.administrator) as admin:
        dn = user(admin, domain, "proved", SPNS, **{"msDS-SupportedEncryptionTypes": ALL})
        entries = [entry for name in SPNS for entry in domain.exportkeytab(name)]
        yield Site(domain, admin, dn, tuple(entries))


def changed(entries: tuple[KeytabEntry, ...], **fields: Any) -> list[KeytabEntry]:
    return [dataclasses.replace(entry, **fields) for entry in entries]


class TestProofs:
    """What is told apart."""

    def test_three_good_keys_with_one_ticket_granting_ticket(self, site: Site) -> None:
        names = [parse_principal(name, site.domain.realm) for name in SPNS]
        with initiator(site.domain.reader) as reader:
            start = time.monotonic()
            proofs = check_keys(reader, names, site.entries)
            took = time.monotonic() - start
        assert [(proof.ok, proof.kvno, proof.enctype, proof.symptom) for proof in proofs] == [(True, 2, 18, "")] * 3
        assert [proof.held for proof in proofs] == [((2, 18), (2, 17), (2, 23))] * 3
        assert took < 1

    def test_by_default_all_services_of_the_realm(self, site: Site) -> None:
        foreign = changed(site.entries[:1], principal=parse_principal("smtp/mx1@OTHER.TEST"))
        users = changed(site.entries[:1], principal=parse_principal(f"proved@{site.domain.realm}"))
        proofs = site.prove([*foreign, *users, *site.entries])
        assert [str(proof.principal) for proof in proofs] == [f"{name}@{site.domain.realm}" for name in SPNS]

    @pytest.mark.parametrize(
        ("symptom", "fields", "said"),
        [
            ("kvno_wrong", {"kvno": 1}, "holds the right key of NAME, but under kvno 1 where the KDC says 2"),
            ("kvno_behind", {"kvno": 1, "key": bytes(32)}, "with kvno 2, and /x/keytab holds older keys only (kvno 1 "),
            ("kvno_ahead", {"kvno": 9, "key": bytes(32)}, "with kvno 2, and /x/keytab holds later keys only (kvno 9 "),
            ("key_wrong", {"key": bytes(32)}, "aes256-cts-hmac-sha1-96 in /x/keytab does not open the KDC's ticket"),
            ("key_wrong", {"key": b"short"}, "aes256-cts-hmac-sha1-96 in /x/keytab does not open the KDC's ticket"),
            ("principal_not_in_keytab", {"principal": parse_principal("a/b@C")}, "/x/keytab holds no key of NAME"),
        ],
    )
    def test_a_keytab_that_is_not_right(self, site: Site, symptom: str, fields: dict[str, Any], said: str) -> None:
        proof = site.only(changed(site.entries, **fields))
        assert (proof.ok, proof.symptom) == (False, symptom)
        assert said.replace("NAME", f"{SPNS[0]}@{site.domain.realm}") in proof.cause
        assert proof.remedy

    def test_the_enctype_follows_the_account(self, site: Site) -> None:
        aes128 = [entry for entry in site.entries if entry.enctype == 17]
        proof = site.only(aes128)
        assert (proof.ok, proof.symptom, proof.enctype) == (False, "enctype_missing", 18)
        assert "with aes256-cts-hmac-sha1-96, of which /x/keytab holds no key (kvno 2 aes128" in proof.cause
        found = {}
        for attribute in (AES128, RC4, 1, ALL):
            change(site.admin, site.dn, **{"msDS-SupportedEncryptionTypes": attribute})
            proof = site.only(list(site.entries))
            found[attribute] = (proof.ok, proof.enctype, proof.symptom)
        assert found[RC4] == (True, 23, "")
        assert found[AES128] == (True, 17, "")
        assert found[1] == (False, None, "enctype_unsupported")
        assert found[ALL] == (True, 18, "")

    def test_a_kvno_that_rose(self, site: Site) -> None:
        dn = computer(site.admin, site.domain, "RISING", ["imap/rising.ad.example.test"])
        entries = list(site.domain.exportkeytab("imap/rising.ad.example.test"))
        assert site.only(entries, "imap/rising.ad.example.test").ok
        site.admin.set_password(dn, PASSWORD)
        # The same password is the same key, but the KDC counts.
        proof = site.only(entries, "imap/rising.ad.example.test")
        assert (proof.ok, proof.symptom, proof.kvno, proof.opened_kvno) == (False, "kvno_wrong", 3, 2)
        site.admin.set_password(dn, PASSWORD + "2")
        assert site.only(entries, "imap/rising.ad.example.test").symptom == "kvno_behind"
        both = [*entries, *site.domain.exportkeytab("imap/rising.ad.example.test")]
        assert site.only(both, "imap/rising.ad.example.test").ok

    def test_a_name_that_the_domain_does_not_know(self, site: Site) -> None:
        proof = site.only(list(site.entries), "HTTP/mx1.ad.example.test")
        assert (proof.ok, proof.symptom, proof.kvno) == (False, "service_principal_unknown", None)
        assert proof.cause == f"the KDC knows no principal HTTP/mx1.ad.example.test@{site.domain.realm}"

    def test_a_service_whose_account_is_disabled(self, site: Site) -> None:
        """Samba issues tickets for it all the same; what a service then does with them is not the keytab's matter."""
        dn = user(site.admin, site.domain, "halted", ["pop/halted.ad.example.test"])
        change(site.admin, dn, userAccountControl=NORMAL | DISABLED)
        entries = list(site.domain.exportkeytab("pop/halted.ad.example.test"))
        proof = site.only(entries, "pop/halted.ad.example.test")
        assert proof.ok or proof.symptom == "service_principal_revoked"

    @pytest.mark.parametrize(
        ("credentials", "symptom"),
        [
            (Credentials("proved", password="wrong"), "credential_wrong"),
            (Credentials("nobody", password="wrong"), "principal_unknown"),
            (Credentials("", keytab="/nowhere.keytab"), "keytab_missing"),
            (Credentials("a@OTHER.TEST", password="x"), "kdc_unknown"),
        ],
    )
    def test_credentials_that_cannot_be_had(self, site: Site, credentials: Credentials, symptom: str) -> None:
        others = {name: count for name, count in site.domain.bad_passwords().items() if name != "proved"}
        proofs = prove_keytab(credentials, [], site.entries, "/x/keytab")
        assert [(proof.ok, proof.symptom) for proof in proofs] == [(False, symptom)] * 3, proofs
        now = {name: count for name, count in site.domain.bad_passwords().items() if name != "proved"}
        assert now == others

    def test_clocks_that_differ_by_ten_minutes(self, site: Site, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "ccache"
        site.domain.run("kinit", "-c", f"FILE:{path}", "reader", text=site.domain.password)
        shift(path, 600)
        (proof, *dummy) = prove_keytab(Credentials("", ccache=f"FILE:{path}"), [], site.entries, "/x/keytab")
        assert proof.symptom == "clock_skew"


def test_mits_kdc(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_realm(tmp_path) as realm:
        realm.kadmin_local(
            f'addprinc -pw "{PASSWORD}" alice',
            "addprinc -randkey smtp/mx1",
            f"ktadd -k {tmp_path}/service.keytab smtp/mx1",
        )
        for name, value in realm.variables.items():
            monkeypatch.setenv(name, value)
        alice = Credentials("alice", password=PASSWORD)
        entries = parse((tmp_path / "service.keytab").read_bytes(), "service")
        (proof,) = prove_keytab(alice, [], entries, "service")
        assert (proof.ok, proof.kvno) == (True, 2)
        realm.kadmin_local("cpw -randkey smtp/mx1")
        (proof,) = prove_keytab(alice, ["smtp/mx1"], entries, "service")
        assert (proof.ok, proof.symptom, proof.kvno) == (False, "kvno_behind", 3)


def test_the_domains_default_enctypes(site: Site) -> None:
    """Without the attribute the controller's default decides: RC4 of old, AES today."""
    site.admin.modify(site.dn, [("delete", "msDS-SupportedEncryptionTypes", [])])
    assert site.only(list(site.entries)).ok


class TestModule:
    """The module itself, by ansible-playbook."""

    def test_the_ladder_and_its_failures(self, site: Site, tmp_path: pathlib.Path) -> None:
        good, bad = tmp_path / "good.keytab", changed(site.entries, kvno=1)
        good.write_bytes(serialize(site.entries))
        change(site.admin, site.dn, **{"msDS-SupportedEncryptionTypes": ALL})
        canary = site.domain.password

        def task(**options: Any) -> dict[str, Any]:
            given = {"credentials": {"principal": "reader", "password": canary}, **options}
            return {"mailrealm.kerberos.keytab_probe": given, "environment": site.domain.variables}

        content = base64.b64encode(serialize(bad)).decode()
        tolerated = task(content=content, principals=SPNS[:1], fail_on_error=False)
        steps = climb([task(path=str(good)), tolerated], tmp_path, watch=[good], verbosity=3)
        assert steps.changed == (False,) * 4
        for step in (steps.check, steps.run):
            assert step.watched_after == step.watched_before
            first, second = (result.data["principals"] for result in step.results)
            assert [one["ok"] for one in first] == [True] * 3
            assert first[0] == {
                "principal": f"{SPNS[0]}@{site.domain.realm}",
                "ok": True,
                "kvno": 2,
                "enctype": "aes256-cts-hmac-sha1-96",
                "held": [
                    {"kvno": 2, "enctype": name}
                    for name in ("aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96", "arcfour-hmac")
                ],
                "symptom": "",
                "cause": "",
                "remedy": "",
            }
            assert [one["symptom"] for one in second] == ["kvno_wrong"]
        assert "check mode goes on as if this run mended it: 1 of 1 keys are not proved: content holds" in steps.output
        assert canary not in steps.output
        assert content not in steps.output
        step, output = play([task(content=content)], tmp_path)
        assert step.failed
        assert step.only.msg.startswith("3 of 3 keys are not proved: content holds the right key of smtp/mx1")
        assert not list(pathlib.Path("/tmp").glob("mailrealm-probe-*")), output
