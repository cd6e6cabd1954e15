# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the double's zmprov does where no recording says how: each line with its source."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.mailrealm.kerberos.tests.unit.lab.zimbra_recorded import HOSTS, Site, plain
from lab.doubles.zimbra import invocations, localconfig, zmprov, zmprov_session

ONE, TWO = HOSTS
PROVUTIL = "ProvUtil.java (zm-mailbox): "
GSSAPI = "zimbraImapSaslGssapiEnabled"
HEADER = f"# name {ONE}\n"

WRONG = f"ERROR: account.INVALID_ATTR_VALUE ({GSSAPI} must be TRUE or FALSE)\n"
ADMIN = "zimbraReverseProxyAdminIPAddress"
LONG = f"ERROR: account.INVALID_ATTR_VALUE ({ADMIN} value length(257) larger than max allowed: 256)\n"
OLD = "Warn: attribute ZIMBRAMTAAUTHHOST has been deprecated since 8.6\n\n"
USAGE = "usage:  modifyServer(ms) {name|id} [attr1 value1 [attr2 value2...]]\nFor general help, type : zmprov --help\n"
NO_DOMAIN = "ERROR: account.NO_SUCH_DOMAIN (no such domain: nosuch.test)\n"

# The words, the exit status, stdout, stderr, and where that is from.
CALLS = [
    (f"gs {ONE} {GSSAPI}=FALSE", 0, f"{HEADER}\n", "", PROVUTIL + "getArgNameSet makes the whole word small"),
    (f"gs {ONE} cn={ONE} cn", 0, f"{HEADER}cn: {ONE}\n\n", "", PROVUTIL + "dumpAttrs gathers the values of a name"),
    (f"--ldap gs {ONE} cn", 0, f"{HEADER}cn: {ONE}\n\n", "", PROVUTIL + "long options"),
    (f"--server=localhost gs {ONE} cn", 0, f"{HEADER}cn: {ONE}\n\n", "", "commons-cli PosixParser: --option=value"),
    ("-L /tmp/x gas", 2, "", "error: cannot specify -L when -l is not specified\n", PROVUTIL + "main"),
    ("-l gac", 0, "default\ndefaultExternal\nstaff\n", "", "as over SOAP"),
    ("-l gaaa", 0, "admin@example.test\n", "", "as over SOAP"),
    ("-l gaa nosuch.test", 2, "", NO_DOMAIN, "as gd"),
    (f"ms {ONE} +zimbraMtaAuthHost x", 0, "", "", PROVUTIL + "checkDeprecatedAttrs looks for +zimbraMtaAuthHost"),
    (f"ms {ONE} ZIMBRAMTAAUTHHOST x", 0, OLD, "", PROVUTIL + "checkDeprecatedAttrs prints the name as it was given"),
    (f"ms {ONE} zimbraServiceEnabled a {GSSAPI}", 1, USAGE, "", PROVUTIL + "words are counted first"),
    ("sp user1@example.test secret12", 0, "", "", PROVUTIL + "doSetPassword prints what the policy says, if anything"),
    (f"mcf +{ADMIN} {'x' * 257}", 2, "", LONG, "AttributeManager.preModify checks + and - alike"),
    (f"ms {ONE} -{GSSAPI} bogus", 2, "", WRONG, "AttributeManager.preModify checks + and - alike"),
]


def site(tmp_path, name="one write over SOAP"):
    return Site(tmp_path, {"scenario": name})


@pytest.mark.parametrize(("words", "status", "out", "err", "source"), CALLS, ids=[row[0][:60] for row in CALLS])
def test_calls(words, status, out, err, source, tmp_path):
    assert source
    seen = site(tmp_path).run(words.split())
    assert (seen[0], plain(seen[1]), plain(seen[2])) == (status, out, err)


def batch(tmp_path, *lines):
    path = tmp_path / "batch"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return ["-f", str(path)]


def test_an_account_of_thousands_is_mapped_in_one_batch(tmp_path):
    here = site(tmp_path)
    create = [f"ca user{number}@sub.example.test secret12" for number in range(1000)]
    modify = [
        f"ma user{number}@sub.example.test +zimbraForeignPrincipal kerberos5:user{number}@PARTNER.TEST"
        for number in range(1000)
    ]
    began = time.monotonic()
    status, out, err = here.run(batch(tmp_path, *create, *modify, "ga user999@sub.example.test mail", "exit"))
    assert (status, err) == (0, "")
    assert out.endswith("prov> # name user999@sub.example.test\nmail: user999@sub.example.test\n\nprov> ")
    mapped = [own.get("zimbraForeignPrincipal") for own in here.store.entries["account"].values()]
    assert ["kerberos5:user999@PARTNER.TEST"] in mapped
    assert time.monotonic() - began < 60  # of CPU this takes 2; the calls over SOAP are what is real here


def test_the_hosts_own_setting_leads_to_the_directory(tmp_path):
    """zimbra_zmprov_default_to_ldap, as the set-up leaves it on hosts without a store; -s changes nothing of it."""
    here = site(tmp_path)
    here.mailboxd_up = False
    own = localconfig.read(here.home / localconfig.FILE) | {"zimbra_zmprov_default_to_ldap": "true"}
    localconfig.write(here.home / localconfig.FILE, own)
    for words in (["gas"], ["-s", "localhost", "gas"], ["-m", "gas"]):
        assert here.run(words) == (0, f"{ONE}\n{TWO}\n", "")
    assert here.run(["ms", TWO, GSSAPI, "FALSE"]) == (0, "", "")
    assert here.store.entries["server"][TWO][GSSAPI] == ["FALSE"]


def test_a_broken_localconfig_ends_every_call(tmp_path):
    here = site(tmp_path)
    localconfig.write(here.home / localconfig.FILE, {"site_custom": "${nosuch}"})
    status, out, err = here.run(["gas"])
    assert (status, out) == (1, "")
    assert err.startswith('Exception in thread "main" java.lang.ExceptionInInitializerError\n')


def test_who_may_not_read_localconfig_has_not_the_password(tmp_path, monkeypatch):
    """Any user but zimbra: LC.java falls back to its defaults, and with them to a password that is none."""
    here = site(tmp_path)
    monkeypatch.setattr(localconfig, "readable", lambda _path: False)
    warning = f"Warning: local config file `{here.home / localconfig.FILE}' is not readable\n"
    refused = "ERROR: account.AUTH_FAILED (authentication failed for [zimbra])\n"
    assert here.run(["gas"]) == (2, "", warning + refused)
    here.ldap = lambda _host, _port: None
    status, out, err = here.run(["-l", "gas"])
    assert (status, out) == (1, "")
    assert "FATAL: failed to initialize LDAP client\n" in err


def test_another_store_does_what_is_its_own(tmp_path):
    """A request for a server with zimbraMailMode goes to its mailboxd; one that is down is a PROXY_ERROR."""
    here = site(tmp_path)
    own = here.store.find("server", TWO)[1] | {"zimbraMailMode": ["both"]}
    here.store.put("server", TWO, own)
    refused = "ERROR: service.PROXY_ERROR (error while proxying request to target server: Connection refused)\n"
    assert here.run(["ms", TWO, GSSAPI, "FALSE"]) == (2, "", refused)
    other = site(tmp_path / "two", "mailboxd of zimbra2")
    other.store.put("server", TWO, own)
    here.mailboxd.remote = lambda host: other.soap("localhost", 7071) if host == TWO else None
    assert here.run(["ms", TWO, GSSAPI, "FALSE"]) == (0, "", "")
    assert other.store.entries["server"][TWO][GSSAPI] == ["FALSE"]
    assert here.run(["ma", "user2@example.test", "displayName", "Two"]) == (0, "", "")
    assert other.store.entries["account"]["user2@example.test"]["displayName"] == ["Two"]


def test_a_connection_that_ends_in_the_middle(tmp_path):
    here = site(tmp_path)
    backend = here.soap("localhost", 7071)

    class Breaks:
        calls = 0

        def call(self, method, *args):
            self.calls += 1
            if self.calls > 1:
                raise ConnectionResetError(104, "Connection reset by peer")
            return backend.call(method, *args)

    here.soap = lambda _host, _port: Breaks()
    status, out, err = here.run(batch(tmp_path, "gas", f"ms {ONE} {GSSAPI} TRUE", "exit"))
    assert (status, out) == (2, f"prov> {ONE}\n{TWO}\nprov> prov> ")
    assert err.startswith("ERROR: zclient.IO_ERROR (invoke Connection reset by peer, server: localhost) (cause: ")


@pytest.mark.parametrize("program", ["alive", "slow", "dead"])
def test_invocations_are_logged(program, tmp_path, monkeypatch, capsys):
    here = site(tmp_path)
    (here.home / "log").mkdir()
    settings = {"alive": {}, "slow": {"latency": 0.2}, "dead": {"exception": True}}[program]
    (here.home / invocations.SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
    kept = (here.soap, here.ldap)

    def world(home):
        return zmprov_session.World(home, soap=kept[0], ldap=kept[1])

    monkeypatch.setattr(zmprov, "World", world)
    path = batch(tmp_path, "gas", f"ms {ONE} {GSSAPI} TRUE", "", "exit")
    words = ["-a", "admin@example.test", "-p", "test1234", *path]
    status = zmprov.main(words, here.home)
    row = json.loads((here.home / invocations.LOG).read_text(encoding="utf-8"))
    shown = capsys.readouterr()
    if program == "dead":
        assert (status, shown.out) == (1, "")
        assert shown.err.startswith('Exception in thread "main" java.lang.')
    else:
        assert (status, shown.err) == (0, "")
        assert here.store.entries["server"][ONE][GSSAPI] == ["TRUE"]
    seconds = row.pop("seconds")
    assert seconds >= settings.get("latency", 0)
    assert row == {
        "program": "zmprov",
        "args": ["-a", "admin@example.test", "-p", "********", *path],
        "status": status,
        "commands": 0 if program == "dead" else 3,
    }


def test_a_batch_that_breaks_off_keeps_what_it_has_done(tmp_path, monkeypatch, capsys):
    here = site(tmp_path)
    (here.home / "log").mkdir()
    (here.home / invocations.SETTINGS).write_text('{"fail_at": 1}', encoding="utf-8")
    kept = here.soap
    monkeypatch.setattr(zmprov, "World", lambda home: zmprov_session.World(home, soap=kept))
    lines = (f"ms {ONE} {GSSAPI} TRUE", f"ms {ONE} zimbraPop3SaslGssapiEnabled TRUE", "exit")
    assert zmprov.main(batch(tmp_path, *lines), here.home) == 1
    shown = capsys.readouterr()
    assert shown.out == "prov> prov> "
    assert shown.err.startswith('Exception in thread "main" java.lang.OutOfMemoryError')
    own = here.store.entries["server"][ONE]
    assert (own[GSSAPI], own.get("zimbraPop3SaslGssapiEnabled")) == (["TRUE"], None)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("ca a@example.test secret displayName x", "ca a@example.test ******** displayName x"),
        ("sp a@example.test secret", "sp a@example.test ********"),
        ("-e zimbra_ldap_password=secret a=b", "-e zimbra_ldap_password=******** a=b"),
        ("-y secret gas", "-y ******** gas"),
        ("--password=secret gas", "--password=******** gas"),
        ("ma a@example.test userPassword secret", "ma a@example.test userPassword ********"),
        ("gs h a", "gs h a"),
    ],
)
def test_no_secret_is_logged(words, shown):
    assert invocations.public(words.split()) == shown.split()


def test_values_may_come_in_any_order(tmp_path, monkeypatch, capsys):
    """A directory owes nobody an order of values (RFC 4511, 4.1.7), though this one keeps that of their giving."""
    here = site(tmp_path)
    (here.home / "log").mkdir()
    (here.home / invocations.SETTINGS).write_text('{"shuffle": true}', encoding="utf-8")
    kept = here.soap
    monkeypatch.setattr(zmprov, "World", lambda home: zmprov_session.World(home, soap=kept))
    seen = set()
    for _attempt in range(20):
        assert zmprov.main(["gs", ONE, "zimbraServiceEnabled"], here.home) == 0
        seen.add(capsys.readouterr().out)
    assert len(seen) > 1
    assert len({tuple(sorted(text.splitlines())) for text in seen}) == 1
