# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drifts of the site of CAS: what a new archive's example settings, or an evening's search for a fault, leave."""

from __future__ import annotations

import re

from drifts import Drift, Refusal

KEYTAB = "/etc/cas/cas.keytab"
PROPERTIES = "/etc/cas/config/cas.properties"
LOGIN = "/etc/cas/config/login.conf"
CHROMIUM = "/etc/chromium/policies/managed/kerberos.json"
FIREFOX = "/etc/firefox/policies/policies.json"
KEYS = "keys into"
SETTINGS = "SPNEGO in the properties"
BROWSERS = "Let the browsers sign on"


def _spelt(key: str) -> str:
    """A property of CAS's in any of the spellings that Spring Boot takes for one."""
    words = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", key)
    pattern = words.replace(".", r"\.").replace("-", "-?")
    return rf"(?i)cas\.properties: {pattern}$"


def _property(title: str, host: str, key: str, line: str) -> Drift:
    """A property of the role has another value, or stands there in another spelling behind the right one."""
    look = f"tr -d '_-' < {PROPERTIES} | grep -i '^{key.replace('-', '')}' | tail -n 1 | sed 's/ *= */=/' | tr A-Z a-z"
    return Drift(title, host, f"echo '{line}' >> {PROPERTIES}", look, SETTINGS, setting=_spelt(key))


def _replaced(title: str, host: str, path: str, edit: str, task: str, setting: str) -> Drift:
    return Drift(title, host, f"sed -i '{edit}' {path}", f"cat {path}", task, setting=setting)


def _policies(path: str) -> str:
    """Prints what a file of policies says, whatever its layout; nothing where it is not there."""
    return f"python3 -c \"import json; print(json.dumps(json.load(open('{path}')), sort_keys=True))\""


def _policy(title: str, path: str, edit: str, task: str, setting: str) -> Drift:
    """A key of a browser's policies has another value: ``edit`` is Python on the dictionary `top`."""
    make = (
        f"import json, pathlib; p = pathlib.Path('{path}'); top = json.loads(p.read_text()); {edit}; "
        "p.write_text(json.dumps(top))"
    )
    return Drift(title, "client1", f'python3 -c "{make}"', _policies(path), task, setting=setting)


def _refusal(title: str, host: str, path: str, edit: str, says: str) -> Refusal:
    """A file is edited, and comes back with the time that it had, so that no JVM has to read it anew."""
    make = f"cp -p {path} /root/kept; sed -i '{edit}' {path}"
    return Refusal(
        title, host, ("run", host, "--", "sh", "-c", make), ("run", host, "--", "mv", "/root/kept", path), says
    )


ROUNDS: tuple[tuple[Drift, ...], ...] = (
    (
        Drift(
            "CAS's keytab is readable by all",
            "cas1",
            f"chmod 0644 {KEYTAB}",
            f"stat -c %a {KEYTAB}",
            KEYS,
            setting=r"cas\.keytab: mode",
        ),
        Drift(
            "CAS's keytab belongs to root",
            "cas2",
            f"chown root:root {KEYTAB}",
            f"stat -c %U:%G {KEYTAB}",
            KEYS,
            setting=r"cas\.keytab: owner",
        ),
        _property(
            "the static user of the archive is back",
            "cas1",
            "cas.authn.accept.users",
            "cas.authn.accept.users=casuser::Mellon",
        ),
        _property(
            "NTLM is taken again, in CAS 5's spelling of the key",
            "cas2",
            "cas.authn.spnego.ntlmAllowed",
            "cas.authn.spnego.ntlmAllowed = true",
        ),
        _replaced(
            "login.conf asks for a ticket of its own",
            "cas1",
            LOGIN,
            "s/isInitiator=false/isInitiator=true/",
            "Let JAAS find the keys",
            setting=r"login\.conf: .*isInitiator",
        ),
        _replaced(
            "the JDK looks for keys at home",
            "cas2",
            "/etc/krb5.conf",
            "/default_keytab_name/d",
            "Name the keytab",
            setting=r"krb5\.conf: libdefaults\.default_keytab_name",
        ),
        _policy(
            "Chromium hands tickets on to every server",
            CHROMIUM,
            "top.update(AuthNegotiateDelegateAllowlist='*')",
            BROWSERS,
            setting=r"kerberos\.json: AuthNegotiateDelegateAllowlist",
        ),
        _policy(
            "Firefox signs on nowhere",
            FIREFOX,
            "top['policies']['Authentication'].update(SPNEGO=[])",
            BROWSERS,
            setting=r"policies\.json: policies\.Authentication\.SPNEGO",
        ),
    ),
    (
        _property(
            "headers are as small as Tomcat has them",
            "cas1",
            "server.max-http-header-size",
            "server.max-http-header-size=8192",
        ),
        _property(
            "CAS asks no browser of today",
            "cas2",
            "cas.authn.spnego.supported-browsers",
            "cas.authn.spnego.supported-browsers=MSIE",
        ),
        Drift(
            "the entry that the JDK reads is lost",
            "cas2",
            f"sed -i '/^com.sun.security.jgss.krb5.accept/,/^}};/d' {LOGIN}",
            f"grep -c '^com.sun.security.jgss.krb5.accept' {LOGIN}",
            "Let JAAS find the keys",
            setting=r"login\.conf: com\.sun\.security\.jgss\.krb5\.accept",
        ),
        Drift(
            "the keys of CAS were rotated",
            "kdc1",
            "kadmin.local cpw -randkey -keepold HTTP/cas1.example.test",
            f'read kvno; klist -k {KEYTAB} | grep -c "^ *$kvno HTTP/cas1"',
            KEYS,
            mended_on="cas1",
            told=(
                "kdc1",
                "kadmin.local getprinc HTTP/cas1.example.test | sed -n 's/^Key: vno \\([0-9]*\\),.*/\\1/p' | head -n 1",
            ),
            setting=r"cas\.keytab: HTTP/cas1\S+ kvno",
        ),
        Drift(
            "CAS is stopped",
            "cas2",
            "systemctl stop cas",
            "systemctl is-active cas; true",
            "Run CAS",
            setting=r"cas\.service: state",
        ),
        Drift(
            "login.conf is readable by all",
            "cas1",
            f"chmod 0644 {LOGIN}",
            f"stat -c %a {LOGIN}",
            "Let JAAS find",
            setting=r"login\.conf: mode",
        ),
        _policy(
            "Chromium signs on nowhere",
            CHROMIUM,
            "top.update(AuthServerAllowlist='')",
            BROWSERS,
            setting=r"kerberos\.json: AuthServerAllowlist",
        ),
        Drift(
            "Firefox's policies are lost",
            "client1",
            f"rm {FIREFOX}",
            _policies(FIREFOX),
            BROWSERS,
            setting=r"policies\.json: policies\.Authentication",
        ),
    ),
)
REFUSALS: tuple[tuple[Refusal, ...], ...] = (
    (
        _refusal(
            "a property of CAS 5 stands in the file",
            "cas1",
            PROPERTIES,
            "$a cas.authn.spnego.loginConf=/x",
            r"loginConf",
        ),
        _refusal(
            "others use the system's keytab",
            "cas2",
            "/etc/krb5.conf",
            "s#default_keytab_name = .*#default_keytab_name = /etc/krb5.keytab#",
            r"default_keytab_name",
        ),
    ),
)
