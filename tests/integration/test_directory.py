# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Active Directory controller is read and written; Samba's own tools judge. Needs root (the toolbox)."""

from __future__ import annotations

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import (
    ADD,
    DELETE,
    LDAPS,
    REPLACE,
    DirectoryRefusal,
    Server,
    any_of,
    equals,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import directory as room
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import name_service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.directory import Directory, connected
from ansible_collections.mailrealm.kerberos.tests.integration import accounts, mail_servers, web_server
from ansible_collections.mailrealm.kerberos.tests.integration.accounts import PASSWORD, change, server, user, values
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, entered, running_controller
from ansible_collections.mailrealm.kerberos.tests.integration.realm import free_ports


@pytest.fixture(autouse=True, scope="module")
def _inside(domain: Domain) -> Iterator[None]:
    with entered(domain):
        yield


@pytest.fixture(scope="module")
def admin(domain: Domain, _inside: None) -> Iterator[Directory]:
    with connected(server(domain), domain.administrator) as directory:
        yield directory


@pytest.fixture(scope="module")
def joiner(domain: Domain, _inside: None) -> Iterator[Directory]:
    with connected(server(domain), domain.joiner) as directory:
        yield directory


def refused(call: Callable[..., Any], *given: Any) -> DirectoryRefusal:
    with pytest.raises(DirectoryRefusal) as caught:
        call(*given)
    return caught.value


def not_connected(where: Server, asked: Credentials) -> DirectoryRefusal:
    with pytest.raises(DirectoryRefusal) as caught, connected(where, asked):
        pass
    return caught.value


class TestEntries:
    """What is read and written once the login is through."""

    def test_who_may_do_what(self, domain: Domain, joiner: Directory) -> None:
        """The delegated account creates and changes; a plain user reads the same and writes nothing."""
        dn = user(joiner, domain, "mailer", ["smtp/a.ad.example.test", "imap/a.ad.example.test"])
        accounts.computer(joiner, domain, "MX9")
        change(joiner, dn, userPrincipalName=f"mailer@{domain.realm}", pwdLastSet=-1)
        joiner.modify(dn, [(DELETE, "servicePrincipalName", values("imap/a.ad.example.test"))])
        asked = ["servicePrincipalName", "msDS-KeyVersionNumber", "userAccountControl", "description"]
        entry = joiner.read(dn, asked)
        with connected(server(domain), domain.reader) as reader:
            assert reader.user == f"reader@{domain.realm}"
            assert reader.find(equals("servicePrincipalName", "smtp/a.ad.example.test"), asked) == [entry]
            refusal = refused(reader.set_password, dn, PASSWORD)
        assert refusal.symptom == "right_missing"
        assert re.match(r"reader@AD.EXAMPLE.TEST lacks a right on CN=mailer,.*: Reset password; delegate", str(refusal))
        assert entry.texts("serviceprincipalname") == ("smtp/a.ad.example.test",)
        assert (entry.number("msDS-KeyVersionNumber"), entry.number("userAccountControl")) == (2, accounts.NORMAL)
        assert (entry.values("description"), entry.text("description")) == ((), None)
        assert "smtp/a.ad.example.test" in domain.samba_tool("spn", "list", "mailer")

    def test_a_password_is_set_and_the_kvno_rises(self, domain: Domain, joiner: Directory) -> None:
        dn = user(joiner, domain, "changing")
        for password in (PASSWORD, 'Quotes " and \u00e4\u4e2d 1'):
            before = joiner.read(dn, ["msDS-KeyVersionNumber"]).number("msDS-KeyVersionNumber") or 0
            joiner.set_password(dn, password)
            assert joiner.read(dn, ["msDS-KeyVersionNumber"]).number("msDS-KeyVersionNumber") == before + 1
            domain.run("kinit", "-c", f"FILE:{domain.folder}/changing", "changing", text=password)

    def test_names_with_marks_of_filters_and_of_dns(self, domain: Domain, joiner: Directory) -> None:
        dn = user(joiner, domain, "r\u00f6hre (mail)", cn="r\u00f6hre (mail)")
        (found,) = joiner.find(equals("sAMAccountName", "r\u00f6hre (mail)"), ["sAMAccountName"])
        assert found.dn == dn
        assert found.text("sAMAccountName") == "r\u00f6hre (mail)"
        assert joiner.find(equals("sAMAccountName", "*"), ["cn"]) == []
        assert joiner.find(any_of(()), ["cn"]) == []

    def test_hundreds_in_one_search(self, domain: Domain, joiner: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(room, "PAGE", 16)
        names = [f"many{number}" for number in range(40)]
        for name in names:
            joiner.add(
                f"CN={name},{domain.ou}",
                {"objectClass": values(*accounts.CLASSES), "sAMAccountName": values(name)},
            )
        wanted = any_of(equals("sAMAccountName", name) for name in names)
        found = joiner.find(wanted, ["sAMAccountName"], base=domain.ou)
        assert sorted(str(entry.text("sAMAccountName")) for entry in found) == sorted(names)

    @pytest.mark.parametrize(
        ("password", "symptom", "said"),
        [
            ("Short1", "password_too_short", "it is too short, and the domain's policy wants 7 characters"),
            ("aaaaaaaaaaaa", "password_too_simple", "characters of three kinds"),
        ],
    )
    def test_a_password_against_the_policy(
        self, domain: Domain, joiner: Directory, password: str, symptom: str, said: str
    ) -> None:
        dn = user(joiner, domain, f"weak{len(password)}")
        refusal = refused(joiner.set_password, dn, password)
        assert refusal.symptom == symptom
        assert said in str(refusal)
        assert password not in str(refusal)

    def test_a_password_that_is_refused_without_a_reason(
        self, domain: Domain, joiner: Directory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As Windows does it, which is not to be had here: its words are put in; the rules are read from the domain."""
        dn = user(joiner, domain, "unsaid")

        def refuse(*dummy: Any) -> None:
            raise DirectoryRefusal("without a reason", "password_refused")

        monkeypatch.setattr(joiner, "modify", refuse)
        said = f"{domain.server} refused the password of {dn}: "
        short = refused(joiner.set_password, dn, "Short1")
        assert str(short).startswith(f"{said}it is shorter than 7 characters; give another one")
        assert str(refused(joiner.set_password, dn, "An UNSAID 1")).startswith(f"{said}it holds the account's name; ")
        good = refused(joiner.set_password, dn, PASSWORD)
        assert str(good).startswith(f"{said}it keeps the domain's rules, so that a fine-grained policy or a filter")
        assert {short.symptom, good.symptom} == {"password_breaks_rules"}

    def test_what_is_refused_is_named(self, domain: Domain, admin: Directory, joiner: Directory) -> None:
        mine = user(joiner, domain, "mine", ["smtp/b.ad.example.test"], userPrincipalName=f"b@{domain.realm}")
        theirs = user(joiner, domain, "theirs")
        users = {"objectClass": values(*accounts.CLASSES), "sAMAccountName": values("new")}
        taken = {**users, "sAMAccountName": values("mine")}

        def spn(kind: str, dn: str, name: str) -> DirectoryRefusal:
            return refused(joiner.modify, dn, [(kind, "servicePrincipalName", values(name))])

        found = {
            "service_principal_taken": spn(ADD, theirs, "smtp/b.ad.example.test"),
            "value_exists": spn(ADD, mine, "smtp/b.ad.example.test"),
            "value_gone": spn(DELETE, mine, "imap/b.ad.example.test"),
            "service_principal_malformed": spn(ADD, mine, "nonsense"),
            "upn_taken": _upn(joiner, theirs, f"b@{domain.realm}"),
            "name_taken": refused(joiner.add, f"CN=other,{domain.ou}", taken),
            "no_such_entry": refused(joiner.add, f"CN=new,OU=Nowhere,{domain.base}", users),
            "name_malformed": refused(joiner.add, "nonsense", users),
            "right_missing": refused(joiner.add, f"CN=new,CN=Users,{domain.base}", users),
        }
        assert {name: refusal.symptom for name, refusal in found.items()} == {name: name for name in found}
        assert all(str(refusal).count("; ") >= 1 for refusal in found.values())
        assert f"lacks a right on CN=new,CN=Users,{domain.base}: Create user objects;" in str(found["right_missing"])
        assert f"has no entry CN=new,OU=Nowhere,{domain.base}" in str(found["no_such_entry"])
        assert admin.find(equals("sAMAccountName", "new"), ["cn"]) == []


def _upn(directory: Directory, dn: str, name: str) -> DirectoryRefusal:
    return refused(directory.modify, dn, [(REPLACE, "userPrincipalName", values(name))])


class TestLogins:
    """Ways in, and ways that are closed."""

    def test_ldaps_with_a_password(self, domain: Domain) -> None:
        asked = Credentials("reader", password=domain.password)
        with connected(server(domain, transport=LDAPS, ca_path=str(domain.ca)), asked) as found:
            assert (found.user, found.base, found.host) == (f"reader@{domain.realm}", domain.base, domain.server)
            assert re.fullmatch(r"\d{14}\.0Z", found.clock)

    @pytest.mark.parametrize("proof", ["keytab", "ccache"])
    def test_gssapi_by_another_proof(self, domain: Domain, tmp_path: pathlib.Path, proof: str) -> None:
        path = tmp_path / proof
        if proof == "keytab":
            domain.samba_tool("domain", "exportkeytab", str(path), "--principal=reader")
        else:
            domain.run("kinit", "-c", f"FILE:{path}", "reader", text=domain.password)
        before = path.read_bytes()
        with connected(server(domain), Credentials("", **{proof: str(path)})) as found:  # type: ignore[arg-type]
            assert found.user == f"reader@{domain.realm}"
        assert path.read_bytes() == before

    def test_the_connection_is_sealed_when_the_credentials_have_gone(
        self, domain: Domain, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/users-own")
        with connected(server(domain), domain.reader) as found:
            assert found._link.get_option(room.ldap.OPT_X_SASL_SSF) >= 56
            assert os.environ["KRB5CCNAME"] == f"FILE:{tmp_path}/users-own"
            assert list(tmp_path.iterdir()) == []
            assert found.read(found.base, ["objectClass"]).dn == found.base
        assert list(tmp_path.iterdir()) == []

    def test_a_controller_that_dns_names(self, domain: Domain) -> None:
        with domain.resolving():
            with connected(server(domain, host=""), domain.reader) as found:
                assert found.host == domain.server
            assert not_connected(server(domain, host="", realm="OTHER.TEST"), domain.reader).symptom == (
                "controller_unknown"
            )

    def test_the_next_controller_where_the_first_is_not_there(
        self, domain: Domain, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # As DNS names them: the last is tried first, the one before it because it is heavier than the other.
        records = (f"7 1 389 other.{domain.name}.", f"7 50 389 {domain.server}.", "3 1 389 nowhere.invalid.")
        monkeypatch.setattr(name_service, "_answer", lambda *dummy: [one.rstrip(".") for one in records])
        with domain.resolving():
            assert name_service.service_hosts("x") == ("nowhere.invalid", domain.server, f"other.{domain.name}")
            for transport in ("gssapi", LDAPS):
                where = server(domain, host="", transport=transport, ca_path=str(domain.ca))
                with connected(where, domain.reader) as found:
                    assert found.host == domain.server
            records = ("3 1 389 nowhere.invalid.", "4 1 389 nobody.invalid.")
            assert "no address for nobody.invalid" in str(not_connected(server(domain, host=""), domain.reader))

    def test_a_host_without_dnspython(self, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(name_service, "HAS_DNS", False)
        assert not_connected(server(domain, host=""), domain.reader).symptom == "dns_bindings_missing"

    @pytest.mark.parametrize(
        ("options", "symptom"),
        [
            ({"host": "alias.ad.example.test"}, "service_principal_unknown"),
            ({"host": "nowhere.invalid"}, "host_unknown"),
            ({"host": ""}, "controller_unknown"),
            ({"realm": "OTHER.TEST"}, "realm_of_other_domain"),
            ({"port": 636}, "connection_lost"),
            ({"transport": LDAPS}, "certificate_untrusted"),
            ({"transport": LDAPS, "host": "alias.ad.example.test", "ca_path": "CA"}, "certificate_wrong_name"),
            ({"transport": LDAPS, "ca_path": "/nowhere.pem"}, "ca_path_unusable"),
            ({"transport": LDAPS, "ca_path": "/etc/passwd"}, "ca_path_unusable"),
            ({"transport": LDAPS, "ca_path": "CA", "port": 389}, "tls_not_spoken"),
            ({"host": "127.0.77.1"}, "server_unfit"),
        ],
    )
    def test_a_server_that_is_not_the_right_one(self, domain: Domain, options: dict[str, Any], symptom: str) -> None:
        given = {name: str(domain.ca) if value == "CA" else value for name, value in options.items()}
        refusal = not_connected(server(domain, **given), domain.reader)
        assert refusal.symptom == symptom, refusal
        assert "?" not in str(refusal)

    @pytest.mark.parametrize("transport", ["gssapi", LDAPS])
    def test_nobody_answers(self, domain: Domain, transport: str) -> None:
        where = server(domain, transport=transport, port=free_ports(1)[0], ca_path=str(domain.ca))
        refusal = not_connected(where, domain.reader)
        assert str(refusal) == (
            f"nothing listens on port {where.port} of {domain.server}; "
            "set server to a domain controller that runs, or correct its port"
        )

    @pytest.mark.parametrize("transport", ["gssapi", LDAPS])
    def test_a_server_that_says_nothing(self, domain: Domain, admin: Directory, transport: str) -> None:
        (controller,) = admin.find(equals("sAMAccountName", "DC1$"), ["servicePrincipalName"])
        if "ldap/localhost" not in controller.texts("servicePrincipalName"):
            admin.modify(controller.dn, [(ADD, "servicePrincipalName", values("ldap/localhost"))])

        def swallow(connection: socket.socket) -> None:
            while connection.recv(65536):
                pass

        with web_server.listening(swallow) as port:
            where = server(domain, host="localhost", transport=transport, port=port, timeout=1.0)
            start = time.monotonic()
            refusal = not_connected(where, domain.reader)
            assert time.monotonic() - start < 5
        assert refusal.symptom in ("server_silent", "timeout"), refusal

    def test_a_certificate_of_another_authority(self, domain: Domain, tmp_path: pathlib.Path) -> None:
        other = mail_servers.self_signed(tmp_path, domain.server).certificate
        refusal = not_connected(server(domain, transport=LDAPS, ca_path=str(other)), domain.reader)
        assert refusal.symptom == "certificate_untrusted"
        assert "name its issuer's certificate in ca_path" in str(refusal)

    @pytest.mark.parametrize(
        ("attributes", "by_kerberos", "by_password"),
        [
            ({"userAccountControl": accounts.NORMAL | accounts.DISABLED}, "account_revoked", "account_disabled"),
            ({"accountExpires": 1}, "account_revoked", "account_expired"),
            ({"pwdLastSet": 0}, "password_expired", "password_must_change"),
        ],
    )
    def test_an_account_that_may_not(
        self, domain: Domain, admin: Directory, attributes: dict[str, int], by_kerberos: str, by_password: str
    ) -> None:
        name = f"not-{by_password.replace('_', '-')}"[:20]
        change(admin, user(admin, domain, name), **attributes)
        asked = Credentials(f"{name}@{domain.realm}", password=PASSWORD)
        ldaps = server(domain, transport=LDAPS, ca_path=str(domain.ca))
        assert [not_connected(where, asked).symptom for where in (server(domain), ldaps)] == [by_kerberos, by_password]

    def test_a_wrong_password_counts_on_its_own_account_alone(self, domain: Domain, admin: Directory) -> None:
        user(admin, domain, "mistyped")
        before = domain.bad_passwords()
        for transport, symptom in (("gssapi", "credential_wrong"), (LDAPS, "password_wrong")):
            where = server(domain, transport=transport, ca_path=str(domain.ca))
            refusal = not_connected(where, Credentials("mistyped", password="canary-5e1f"))
            assert refusal.symptom == symptom
            assert "canary" not in str(refusal)
        assert domain.bad_passwords() == {**before, "mistyped": 2}
        assert not_connected(server(domain), Credentials("nobody", password="x")).symptom == "principal_unknown"

    def test_clocks_that_differ_by_ten_minutes(self, domain: Domain, tmp_path: pathlib.Path) -> None:
        """A credential cache says how far the KDC's clock is from this host's; libkrb5 then shifts its own."""
        path = tmp_path / "ccache"
        domain.run("kinit", "-c", f"FILE:{path}", "reader", text=domain.password)
        shift(path, 600)
        refusal = not_connected(server(domain), Credentials("", ccache=f"FILE:{path}"))
        assert refusal.symptom == "clock_skew"
        assert f"the clocks of this host, the KDC and {domain.server} differ by more than Kerberos allows" in str(
            refusal
        )

    def test_no_password_is_in_the_arguments_or_the_environment(self, domain: Domain) -> None:
        """A process of its own, looked at by others while it is connected."""
        program = (
            "import sys, time; sys.path.insert(0, sys.argv[1]); import conftest\n"
            "from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.directory import connected\n"
            "from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import Server\n"
            "from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials\n"
            "asked = Credentials('reader', password=sys.stdin.readline()[:-1])\n"
            "with connected(Server(sys.argv[2], sys.argv[3]), asked):\n"
            "    print('connected', flush=True); sys.stdin.readline()\n"
        )
        root = str(pathlib.Path(__file__).resolve().parents[2])
        process = subprocess.Popen(
            [sys.executable, "-c", program, root, domain.server, domain.realm],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin and process.stdout
        process.stdin.write(f"{domain.password}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "connected\n"
        seen = [pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
        process.communicate("\n", timeout=20)
        assert process.returncode == 0
        assert not [one for one in seen if domain.password.encode() in one]


def shift(path: pathlib.Path, seconds: int) -> None:
    """Write into a credential cache (MIT's version 4) that the KDC's clock is so far ahead: its header's field 1."""
    content = path.read_bytes()
    assert content[:2] == b"\x05\x04"
    end = 4 + int.from_bytes(content[2:4], "big")
    field = b"\0\x01\0\x08" + seconds.to_bytes(4, "big") + bytes(4)
    path.write_bytes(content[:2] + len(field).to_bytes(2, "big") + field + content[end:])


def test_a_controller_with_other_options_and_back(domain: Domain) -> None:
    """Last, for it ends the controller that others talk to."""
    found = []
    with running_controller(domain, "ldap server require strong auth = no"):
        found.append("require strong auth = no" in domain.smb_conf.read_text())
        with connected(server(domain), domain.reader) as directory:
            found.append(directory.host == domain.server)
    with connected(server(domain), domain.reader) as directory:
        found.append(directory.host == domain.server)
    assert found == [True] * 3
    assert "require strong auth" not in domain.smb_conf.read_text()
