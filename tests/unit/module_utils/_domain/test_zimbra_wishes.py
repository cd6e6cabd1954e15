# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `zimbra_attributes` refuses of its options, before anything runs."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_asked import (
    EntriesRefusal,
    Wish,
    is_secret,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_wishes import wish_from

HOST = "zimbra1.example.test"
S = f"entries[0] (server {HOST}): "


def server(**asked: Any) -> Dict[str, Any]:
    return {"type": "server", "name": HOST, **asked}


REFUSED: Dict[str, Any] = {
    "no name": ([{"type": "server"}], "entries[0]: type server says not which; give its name"),
    "a name too many": (
        [{"type": "config", "name": "x"}],
        "entries[0]: the global configuration has no name; leave out name: 'x'",
    ),
    "an option for a name": (
        [{"type": "server", "name": "-e"}],
        "entries[0]: '-e' is no name of type server; correct it",
    ),
    "a blank in a name": ([{"type": "cos", "name": "a b"}], "entries[0]: 'a b' is no name of type cos; correct it"),
    "an account without domain": (
        [{"type": "account", "name": "user1", "add": {"zimbraForeignPrincipal": "x"}}],
        "entries[0]: 'user1' is no account's name; write it as name@domain",
    ),
    "no such type": (
        [{"type": "list", "name": "x"}],
        "entries[0]: type 'list' is none of config, server, domain, cos, ",
    ),
    "nothing": ([server()], f"{S}asks for nothing; name attributes, or leave it out"),
    "the same thing twice": (
        [server(attributes={"zimbraMtaMyHostname": "x"}), {**server(add={"description": "x"}), "name": HOST.upper()}],
        f"entries[1]: server {HOST.upper()} is named in entries[0] already; name it once, with all that it is to hold",
    ),
    "exact and added": (
        [server(attributes={"zimbraMtaImportEnvironment": "x"}, add={"zimbramtaimportenvironment": "y"})],
        f"{S}zimbraMtaImportEnvironment is named under attributes and under add; leave one of them",
    ),
    "exact and removed": (
        [server(attributes={"description": "x"}, remove={"Description": "y"})],
        f"{S}description is named under attributes and under remove; leave one of them",
    ),
    "added and removed": (
        [server(add={"zimbraMtaImportEnvironment": "A"}, remove={"zimbraMtaImportEnvironment": ["b", "a"]})],
        f"{S}zimbraMtaImportEnvironment: 'A' is to be added and removed; leave one of them",
    ),
    "one attribute in two cases": (
        [server(attributes={"zimbraMtaMyHostname": "x", "zimbramtamyhostname": "x"})],
        f"{S}zimbraMtaMyHostname is named twice, in another case; leave one",
    ),
    "a sign": (
        [server(attributes={"+zimbraMtaImportEnvironment": "x"})],
        f"{S}'+zimbraMtaImportEnvironment' is no attribute's name; name it under add or remove",
    ),
    "no attribute's name": (
        [server(attributes={"zimbraMtaMyHostname ": "x"})],
        f"{S}'zimbraMtaMyHostname ' is no attribute's name; correct it",
    ),
    "nothing for a value": (
        [server(attributes={"zimbraMtaMyHostname": None})],
        f'{S}zimbraMtaMyHostname holds no text; write a value or a list of values, or "" to delete',
    ),
    "a mapping": ([server(attributes={"description": {"a": 1}})], f"{S}description holds no text; write a value or a "),
    "a control character": (
        [server(attributes={"description": "a\rb"})],
        f"{S}description: a value holds a control character; take it out",
    ),
    "the wrong place": (
        [server(attributes={"zimbraAuthMech": "kerberos5"})],
        f"{S}zimbraAuthMech is no attribute of type server; name it in an entry of type domain",
    ),
    "adding to one": (
        [server(add={"zimbraMtaMyHostname": "x"})],
        f"{S}zimbraMtaMyHostname holds one value, to which nothing can be added; name it under attributes",
    ),
    "an empty value to add": (
        [server(add={"description": ""})],
        f'{S}description holds no empty value; leave it out, or delete all values by attributes: description: ""',
    ),
    "the same value twice": (
        [server(attributes={"description": ["a", "A"]})],
        f"{S}description: 'a' and 'A' are one value to Zimbra's directory; leave one",
    ),
    "binary": (
        [{"type": "account", "name": "a@b", "attributes": {"userSMIMECertificate": "x"}}],
        (
            "entries[0] (account a@b): userSMIMECertificate holds binary data, for which zmprov takes a file's name; "
            "set it with zmprov itself"
        ),
    ),
    "a password": (
        [{"type": "account", "name": "a@b", "attributes": {"userPassword": "canary"}}],
        (
            "entries[0] (account a@b): userPassword cannot be read back, so nobody can tell whether it is "
            "set; use zmprov sp"
        ),
    ),
    "secrets that are the same": (
        [server(attributes={"x-secret": ["canary", "Canary"]})],
        f"{S}x-secret: ******** and ******** are one value to Zimbra's directory; leave one",
    ),
    "a secret added and removed": (
        [server(add={"x-secret": "canary"}, remove={"x-secret": "Canary"})],
        f"{S}x-secret: ******** is to be added and removed; leave one of them",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    entries, message = REFUSED[name]
    with pytest.raises(EntriesRefusal) as caught:
        wish_from(entries)
    assert str(caught.value).startswith(message)
    assert "canary" not in str(caught.value).lower()


RELEASES: List[Any] = [
    ("8.0.9", "zimbraMtaSaslSmtpdMechList", "use zimbra_localconfig and its key sasl_smtpd_mech_list"),
    ("8.0.9", "zimbraMtaSmtpdSaslTlsSecurityOptions", "leave it out"),
    ("8.0.7", "zimbraMtaSmtpdClientPortLogging", "leave it out"),
]


@pytest.mark.parametrize(("release", "attribute", "advice"), RELEASES)
def test_attributes_that_came_later(release: str, attribute: str, advice: str) -> None:
    value = "no" if attribute.endswith("Logging") else "GSSAPI"
    with pytest.raises(EntriesRefusal, match=f"and release is {release}; {advice}$"):
        wish_from([server(attributes={attribute: value})], release)
    wish_from([server(attributes={attribute: value})], "8.5.0")
    wish_from([server(attributes={attribute: value})])


@pytest.mark.parametrize("release", ["new", "8.x", "Release 8.8.15"])
def test_releases_that_are_none(release: str) -> None:
    with pytest.raises(EntriesRefusal, match=f"release: '{release}' is no release of Zimbra; write it as in 10.0.8"):
        wish_from([], release)


def exact(wish: Wish) -> Any:
    return wish.entries[0].asked[0].exact


@pytest.mark.parametrize(
    ("attribute", "value", "values"),
    [
        ("zimbraImapSaslGssapiEnabled", True, ("TRUE",)),
        ("zimbraMtaSaslAuthEnable", False, ("no",)),
        ("description", True, ("TRUE",)),
        ("zimbraMtaSmtpdHardErrorLimit", 20, ("20",)),
        ("zimbraMtaSaslSmtpdMechList", ["A", "B"], ("A", "B")),
        ("zimbraMtaSaslSmtpdMechList", "", ()),
        ("zimbraMtaSaslSmtpdMechList", [], ()),
        ("zimbraMtaMyHostname", " a  b ", (" a  b ",)),
    ],
)
def test_values_as_zimbra_writes_them(attribute: str, value: Any, values: Any) -> None:
    assert exact(wish_from([server(attributes={attribute: value})])) == values


def test_attributes_that_are_not_zimbras_are_warned_of() -> None:
    assert wish_from([server(attributes={"description": "x"})]).warnings == (
        (
            f"{S}description is no attribute of Zimbra's own, so that the directory alone judges it; see that it is "
            "spelt well"
        ),
    )


@pytest.mark.parametrize("name", ["zimbraPreAuthKey", "zimbraGalLdapBindPassword", "x-secret", "zimbraAuthTokens"])
def test_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "zimbraPasswordMinLength",
        "zimbraMtaSmtpSaslPasswordMaps",
        "zimbraSshPublicKey",
        "zimbraFeatureAllowUsernameInPassword",
    ],
)
def test_no_secrets(name: str) -> None:
    assert not is_secret(name)
