# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra is asked for: attributes, settings of localconfig, and what the running services must offer."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_sign_on import (
    OF_POSTFIX,
    Wishes,
    ZimbraWishRefusal,
    entries,
    localconfig,
    missing,
    services,
    wanted,
)

HOST = "zimbra1.example.test"
KEYTAB = "/opt/zimbra/conf/krb5.keytab"
SMTP = "/opt/zimbra/data/krb5/smtp.keytab"
WHOLE = Wishes(HOST, "EXAMPLE.TEST", ["mailbox", "proxy", "mta"], keytab=KEYTAB, mta_keytab=SMTP)
SHIPPED = {"krb5_keytab": KEYTAB}
LEGACY = {"krb5_keytab": KEYTAB, "sasl_smtpd_mech_list": "PLAIN LOGIN", "postfix_import_environment": ""}
DATA = pathlib.Path(__file__).resolve().parents[5] / "shared" / "data"


def of(kind: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["type"] == kind]


def but(**more: Any) -> Wishes:
    return dataclasses.replace(WHOLE, **more)


def test_the_documents_attributes_of_a_whole_server() -> None:
    assert entries(WHOLE, legacy=False) == [
        {
            "type": "server",
            "name": HOST,
            "attributes": {
                "zimbraImapSaslGssapiEnabled": "TRUE",
                "zimbraPop3SaslGssapiEnabled": "TRUE",
                "zimbraReverseProxyImapSaslGssapiEnabled": "TRUE",
                "zimbraReverseProxyPop3SaslGssapiEnabled": "TRUE",
                "zimbraReverseProxyDefaultRealm": "EXAMPLE.TEST",
                "zimbraMtaMyHostname": HOST,
                "zimbraMtaSmtpdSaslSecurityOptions": ["noanonymous"],
                "zimbraMtaSmtpdSaslTlsSecurityOptions": ["noanonymous"],
            },
            "add": {
                "zimbraMtaSaslSmtpdMechList": ["GSSAPI"],
                "zimbraMtaImportEnvironment": [*OF_POSTFIX, f"KRB5_KTNAME={SMTP}"],
            },
            "remove_matching": {"zimbraMtaImportEnvironment": ["KRB5_KTNAME=*"]},
        }
    ]


@pytest.mark.parametrize(
    ("parts", "prefixes"),
    [
        (["mailbox"], {"zimbraImap", "zimbraPop3"}),
        (["proxy"], {"zimbraReverseProxy"}),
        (["mta"], {"zimbraMta"}),
    ],
)
def test_a_part_gets_its_own_attributes_alone(parts: list[str], prefixes: set[str]) -> None:
    (server,) = entries(but(parts=parts), legacy=False)
    names = [*server["attributes"], *server.get("add", {})]
    assert {prefix for name in names for prefix in prefixes if name.startswith(prefix)} == prefixes
    assert all(name.startswith(tuple(prefixes)) for name in names)


def test_a_host_without_parts_is_asked_for_nothing() -> None:
    assert entries(but(parts=[]), legacy=False) == []


def test_what_all_servers_share_is_set_by_the_first_host() -> None:
    shared = but(proxies=["192.0.2.1", "192.0.2.2", "192.0.2.1"], domains=["example.test", "example.test"])
    assert [one["type"] for one in entries(shared, legacy=False)] == ["server"]
    found = entries(dataclasses.replace(shared, first=True), legacy=False)
    assert found[1:] == [
        {"type": "config", "add": {"zimbraReverseProxyAdminIPAddress": ["192.0.2.1", "192.0.2.2"]}},
        {
            "type": "domain",
            "name": "example.test",
            "attributes": {"zimbraAuthMech": "kerberos5", "zimbraAuthKerberos5Realm": "EXAMPLE.TEST"},
        },
    ]


def test_nothing_is_said_of_the_config_where_nothing_is_asked_of_it() -> None:
    assert of("config", entries(but(first=True), legacy=False)) == []


def test_a_domain_that_keeps_how_it_checks_passwords() -> None:
    (domain,) = of("domain", entries(but(first=True, domains=["d.test"], auth_mech=""), legacy=False))
    assert domain["attributes"] == {"zimbraAuthKerberos5Realm": "EXAMPLE.TEST"}


def test_principals_of_accounts_are_added() -> None:
    given = {"bob@example.test": "bob@PARTNER.TEST", "eve@example.test": ["eve@A.TEST", "eve/x@B.TEST"]}
    assert of("account", entries(but(first=True, principals=given), legacy=False)) == [
        {
            "type": "account",
            "name": "bob@example.test",
            "add": {"zimbraForeignPrincipal": ["kerberos5:bob@PARTNER.TEST"]},
        },
        {
            "type": "account",
            "name": "eve@example.test",
            "add": {"zimbraForeignPrincipal": ["kerberos5:eve@A.TEST", "kerberos5:eve/x@B.TEST"]},
        },
    ]


def test_exclusive_principals_take_away_those_of_kerberos_alone() -> None:
    given = {"bob@example.test": "bob@PARTNER.TEST", "eve@example.test": []}
    bob, eve = of("account", entries(but(first=True, principals=given, principals_exclusive=True), legacy=False))
    assert bob["remove_matching"] == eve["remove_matching"] == {"zimbraForeignPrincipal": ["kerberos5:*"]}
    assert "add" not in eve


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"bob": "bob@PARTNER.TEST"}, "zimbra_principals 'bob': is no account; write it with its domain"),
        ({"bob@d.test": "bob"}, "'bob' is no principal with its realm; write it like"),
        ({"bob@d.test": "@R.TEST"}, "'@R.TEST' is no principal with its realm; "),
        ({"bob@d.test": "kerberos5:bob@R.TEST"}, "'kerberos5:bob@R.TEST' is no principal .* without kerberos5:"),
        ({"bob@d.test": [7]}, "'7' is no principal"),
        ({"bob@d.test": []}, "names no principal; write one, or set zimbra_principals_exclusive"),
        ({"bob@d.test": None}, "names no principal; "),
    ],
)
def test_principals_that_are_none(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ZimbraWishRefusal, match=says):
        entries(but(first=True, principals=given), legacy=False)


def test_the_web_client() -> None:
    found = entries(but(first=True, spnego=True, spnego_error_url="../?ignoreLoginURL=1"), legacy=False)
    assert of("server", found)[0]["attributes"]["zimbraSpnegoAuthPrincipal"] == f"HTTP/{HOST}@EXAMPLE.TEST"
    assert of("server", found)[0]["attributes"]["zimbraSpnegoAuthTargetName"] == f"HTTP/{HOST}"
    assert of("config", found)[0]["attributes"] == {
        "zimbraSpnegoAuthEnabled": "TRUE",
        "zimbraSpnegoAuthRealm": "EXAMPLE.TEST",
        "zimbraSpnegoAuthErrorURL": "../?ignoreLoginURL=1",
    }


def test_a_balancer_and_tls_alone() -> None:
    (server,) = entries(but(mta_hostname="mail.example.test", requires_tls="TRUE"), legacy=False)
    assert server["attributes"]["zimbraMtaMyHostname"] == "mail.example.test"
    assert server["attributes"]["zimbraSaslGssapiRequiresTls"] == "TRUE"


def test_what_the_site_sets_itself_wins_also_over_what_is_added() -> None:
    own = {"zimbraMtaSaslSmtpdMechList": ["GSSAPI"], "zimbraMtaImportEnvironment": ["A=b"], "zimbraMtaMyHostname": "x"}
    (server,) = entries(but(server_attributes=own, parts=["mta"]), legacy=False)
    assert {name: server["attributes"][name] for name in own} == own
    assert "add" not in server and "remove_matching" not in server


def test_further_entries_come_last() -> None:
    more = [{"type": "cos", "name": "default", "attributes": {"zimbraFeatureChangePasswordEnabled": "FALSE"}}]
    assert entries(but(entries=more), legacy=False)[-1] == more[0]


def test_old_releases_have_no_such_attributes_of_the_mta() -> None:
    (server,) = entries(WHOLE, legacy=True)
    assert [name for name in server["attributes"] if name.startswith("zimbraMta")] == ["zimbraMtaMyHostname"]
    assert "add" not in server


def test_localconfig_of_today_is_left_alone_but_for_another_keytab() -> None:
    assert localconfig(WHOLE, SHIPPED, legacy=False) == {}
    assert localconfig(but(keytab="/x"), SHIPPED, legacy=False) == {"krb5_keytab": "/x"}


def test_localconfig_of_old_releases() -> None:
    found = localconfig(WHOLE, LEGACY, legacy=True)
    assert found == {
        "sasl_smtpd_mech_list": "PLAIN LOGIN GSSAPI",
        "postfix_smtpd_sasl_security_options": "noanonymous",
        "postfix_smtpd_sasl_tls_security_options": "noanonymous",
        "postfix_import_environment": f"{' '.join(OF_POSTFIX)} KRB5_KTNAME={SMTP}",
    }
    assert localconfig(WHOLE, {**LEGACY, **found}, legacy=True) == {}
    assert localconfig(but(parts=["mailbox"]), LEGACY, legacy=True) == {}


def test_what_stands_in_old_localconfig_stays() -> None:
    there = {
        **LEGACY,
        "sasl_smtpd_mech_list": "gssapi, plain",
        "postfix_import_environment": "TZ, FOO=bar KRB5_KTNAME=/opt/zimbra/conf/krb5.keytab",
    }
    found = localconfig(WHOLE, there, legacy=True)
    assert "sasl_smtpd_mech_list" not in found
    words = found["postfix_import_environment"].split()
    assert words[:2] == ["TZ", "FOO=bar"] and words[-1] == f"KRB5_KTNAME={SMTP}"
    assert [word for word in words if word.startswith("KRB5")] == [f"KRB5_KTNAME={SMTP}"]


def test_what_the_running_services_must_offer() -> None:
    assert services(but(mta_hostname="mail.example.test")) == {
        "mailbox": {"imap": True, "pop3": True},
        "proxy": {"imap": True, "pop3": True, "realm": "EXAMPLE.TEST"},
        "mta": {"mechanisms": ["GSSAPI"], "environment": {"KRB5_KTNAME": SMTP}, "myhostname": "mail.example.test"},
    }
    assert services(but(parts=[])) == {}
    alone = services(but(parts=["mailbox"], proxied=False))
    assert alone["mailbox"] == {"imap": True, "pop3": True, "imap_port": 143, "pop3_port": 110}


def test_all_of_it_for_the_zimbra_that_was_found() -> None:
    today = wanted(WHOLE, {"legacy": False, "localconfig": SHIPPED})
    assert set(today) == {"entries", "localconfig", "services"} and today["localconfig"] == {}
    old = wanted(WHOLE, {"legacy": True, "localconfig": LEGACY})
    assert "sasl_smtpd_mech_list" in old["localconfig"]


def test_parts_that_are_not_installed() -> None:
    assert missing(["mailbox", "proxy", "mta"], ["ldap", "mailbox"]) == ("proxy", "mta")
    assert missing([], []) == ()


def test_every_attribute_is_one_of_zimbras_and_stands_where_it_may() -> None:
    """By the product's own catalogue."""
    known = {one["name"]: one for one in json.loads((DATA / "zimbra_attributes.json").read_text())}
    scope = {"config": "globalConfig"}
    every = but(first=True, spnego=True, spnego_error_url="/", requires_tls="TRUE", proxies=["192.0.2.1"])
    every = dataclasses.replace(every, domains=["d.test"], principals={"a@d.test": "a@R.TEST"})
    for one in entries(every, legacy=False):
        for name in [*one.get("attributes", {}), *one.get("add", {}), *one.get("remove_matching", {})]:
            where = known[name]["optionalIn"].split(",")
            assert scope.get(one["type"], one["type"]) in where, name
            values = [*one.get("attributes", {}).get(name, []), *one.get("add", {}).get(name, [])]
            assert known[name]["cardinality"] == "multi" or name not in one.get("add", {}), (name, values)
