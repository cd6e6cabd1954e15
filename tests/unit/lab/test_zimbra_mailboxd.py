# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mailboxd believes of the directory, and for how long; and what it tells the mail services."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.tests.unit.lab.zimbra_recorded import HOSTS, fresh_store
from lab.doubles.zimbra import directory, errors, mailboxd, schema, soapd, store

DOMAIN = "example.test"
USER = f"user1@{DOMAIN}"


class Site:
    """A directory, the mailboxd of zimbra1 on it, and a clock."""

    def __init__(self):
        self.now = 0.0
        self.told = []
        self.directory = directory.Directory(HOSTS[0], 389, directory.Service(fresh_store()))
        self.mailboxd = mailboxd.Mailboxd(
            self.directory, HOSTS[0], self.nobody, clock=lambda: self.now, changed=lambda: self.told.append(self.now)
        )
        self.view = soapd.View(self.mailboxd)

    def nobody(self, host):
        raise AssertionError(host)

    def behind(self, kind, name, attribute, value):
        self.directory.modify(kind, name, [("replace", attribute, [value])])

    def shown(self, kind, name, attribute):
        return self.mailboxd.dispatch("show", [kind, name, True])[1].get(attribute)


@pytest.fixture
def site():
    return Site()


@pytest.mark.parametrize(
    ("kind", "name", "attribute", "new", "minutes"),
    [
        ("domain", DOMAIN, "zimbraAuthMech", "kerberos5", 15),
        ("account", USER, "displayName", "New", 15),
        ("cos", "staff", "description", "new", 15),
        ("config", "config", "zimbraReverseProxyDefaultRealm", "NEW.TEST", None),
        ("server", HOSTS[0], "zimbraMtaMyHostname", "mail.example.test", 0),
    ],
)
def test_how_long_an_entry_is_believed(site, kind, name, attribute, new, minutes):
    before = site.shown(kind, name, attribute)
    site.behind(kind, name, attribute, new)
    site.now += 1
    assert site.shown(kind, name, attribute) == ([new] if minutes == 0 else before)
    site.now = 15 * 60 - 1.0
    assert site.shown(kind, name, attribute) == ([new] if minutes == 0 else before)
    site.now = 15 * 60 + 1.0
    assert site.shown(kind, name, attribute) == (before if minutes is None else [new])
    site.mailboxd.dispatch("flush", [kind, []])
    assert site.shown(kind, name, attribute) == [new]


def test_what_is_not_known_yet_is_new(site):
    site.behind("domain", DOMAIN, "zimbraAuthMech", "kerberos5")
    assert site.shown("domain", DOMAIN, "zimbraAuthMech") == ["kerberos5"]


def test_own_changes_are_known_and_bring_the_rest(site):
    site.shown("domain", DOMAIN, "zimbraAuthMech")
    site.behind("domain", DOMAIN, "zimbraAuthKerberos5Realm", "EXAMPLE.TEST")
    site.mailboxd.dispatch("modify", ["domain", DOMAIN, {"description": ["x"]}])
    assert site.shown("domain", DOMAIN, "zimbraAuthKerberos5Realm") == ["EXAMPLE.TEST"]
    assert site.told == [0.0]


def test_an_addition_is_weighed_against_what_is_believed(site):
    """LdapProvisioning computes + and - from the entry that it has in its cache."""
    site.shown("config", "config", "zimbraReverseProxyAdminIPAddress")
    site.directory.modify("config", "config", [("add", "zimbraReverseProxyAdminIPAddress", ["192.0.2.30"])])
    with pytest.raises(errors.ServiceError, match="value #0 already exists"):
        site.mailboxd.dispatch("modify", ["config", "config", {"+zimbraReverseProxyAdminIPAddress": ["192.0.2.30"]}])


def test_one_account_of_many_is_flushed(site):
    other = f"admin@{DOMAIN}"
    for name in (USER, other):
        site.shown("account", name, "displayName")
        site.behind("account", name, "displayName", "New")
    site.mailboxd.dispatch("flush", ["account", [USER.upper()]])
    assert site.shown("account", USER, "displayName") == ["New"]
    assert site.shown("account", other, "displayName") is None


def test_what_mail_services_are_told(site):
    assert site.view.domain(DOMAIN)["zimbraAuthMech"] == ["zimbra"]
    assert site.view.domain("nosuch.test") is None
    assert site.view.config()["zimbraReverseProxyAdminIPAddress"] == ["192.0.2.10", "192.0.2.11"]
    accounts = site.view.accounts()
    assert set(accounts) == {USER, f"user2@{DOMAIN}", f"admin@{DOMAIN}"}
    assert accounts[f"user2@{DOMAIN}"]["zimbraForeignPrincipal"] == ["kerberos5:user2@EXAMPLE.TEST", "ad:user2"]
    assert accounts[USER]["zimbraFeatureCalendarEnabled"] == ["TRUE"]
    assert set(site.view.domains()) == {DOMAIN, f"sub.{DOMAIN}"}
    assert site.view.server(HOSTS[1])["zimbraImapSaslGssapiEnabled"] == ["TRUE"]
    site.behind("domain", DOMAIN, "zimbraAuthKerberos5Realm", "EXAMPLE.TEST")
    assert "zimbraAuthKerberos5Realm" not in site.view.domain(DOMAIN)
    site.now = site.mailboxd.next_expiry()
    assert site.view.domain(DOMAIN)["zimbraAuthKerberos5Realm"] == ["EXAMPLE.TEST"]


def test_a_directory_that_is_down_is_a_failure(site):
    class Down:
        def call(self, _method, *_args):
            raise ConnectionRefusedError(111, "Connection refused")

    site.mailboxd.directory = directory.Directory(HOSTS[0], 389, Down())
    with pytest.raises(errors.ServiceError, match=r"LDAP error: : unable to connect to server zimbra1\.example"):
        site.shown("domain", DOMAIN, "zimbraAuthMech")


def test_unknown_requests_are_refused(site):
    with pytest.raises(errors.ServiceError, match="UNKNOWN_DOCUMENT"):
        site.mailboxd.dispatch("modified", ["domain", DOMAIN, {}])


def test_a_new_site():
    entries = store.initial(
        DOMAIN,
        {HOSTS[0]: ("ldap", "mailbox", "proxy", "mta"), HOSTS[1]: ("proxy", "mta")},
        ["alice", f"bob@{DOMAIN}"],
    )
    for kind, named in entries.items():
        for name, own in named.items():
            assert schema.create(kind, name, own) == own
    assert entries["account"][f"alice@{DOMAIN}"]["zimbraMailHost"] == [HOSTS[0]]
    assert entries["server"][HOSTS[0]]["zimbraMailMode"] == ["both"]
    assert "zimbraMailMode" not in entries["server"][HOSTS[1]]
    assert entries["account"][f"admin@{DOMAIN}"]["zimbraIsAdminAccount"] == ["TRUE"]
    assert set(entries["account"]) == {f"{name}@{DOMAIN}" for name in ("admin", "alice", "bob")}


def test_the_directorys_file(tmp_path):
    path = tmp_path / "directory.jsonl"
    store.write(path, store.initial(DOMAIN, {HOSTS[0]: ("ldap", "mailbox")}, ["alice"]))
    kept = store.Store.open(path)
    there = directory.Directory("here", 389, directory.Service(kept))
    there.modify("domain", DOMAIN, [("replace", "zimbraAuthMech", ["kerberos5"]), ("add", "description", ["a", "b"])])
    there.create("account", f"bob@{DOMAIN}", store.account_entry(f"bob@{DOMAIN}", "1", HOSTS[0]))
    there.delete("account", f"alice@{DOMAIN}")
    again = directory.Directory("here", 389, directory.Service(store.Store.open(path)))
    assert again.entry("domain", DOMAIN.upper())["zimbraAuthMech"] == ["kerberos5"]
    assert again.effective("domain", DOMAIN)["description"] == ["a", "b"]
    assert again.names("account") == [f"admin@{DOMAIN}", f"bob@{DOMAIN}"]
    with pytest.raises(errors.ServiceError, match="no such account: alice"):
        again.entry("account", f"alice@{DOMAIN}")


@pytest.mark.parametrize(
    ("steps", "code", "text"),
    [
        ([("add", "description", ["a  B"]), ("add", "description", ["A b"])], "LDAP_ERROR", "modify/add: description"),
        ([("delete", "description", ["x"])], "LDAP_ERROR", "modify/delete: description: no such value"),
        ([("replace", "o", [""])], "INVALID_ATTR_VALUE", "o: value #0 invalid per syntax"),
        ([("replace", "dc", ["other"])], "LDAP_ERROR", "value of naming attribute 'dc' is not present in entry"),
    ],
)
def test_what_the_directory_refuses_by_itself(site, steps, code, text):
    """RFC 4511, 4.6 and OpenLDAP's servers/slapd/mods.c; nothing is changed of a modification that fails."""
    before = site.directory.entry("domain", f"sub.{DOMAIN}")
    with pytest.raises(errors.ServiceError) as refused:
        site.directory.modify("domain", f"sub.{DOMAIN}", steps)
    assert refused.value.code == f"ldap.{code}"
    assert text in refused.value.message
    assert site.directory.entry("domain", f"sub.{DOMAIN}") == before


def test_an_empty_ia5_string_is_a_value(site):
    """RFC 4517, 3.3.15: an IA5 String may be empty, where a Directory String may not (3.3.6)."""
    added = site.directory.modify("config", "config", [("add", "zimbraReverseProxyAdminIPAddress", [""])])
    assert added["zimbraReverseProxyAdminIPAddress"] == ["192.0.2.10", "192.0.2.11", ""]
