# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the role cas (bad_roles.py says how), on a host with CAS 6.6 and Java 17. Needs root."""

from __future__ import annotations

import pathlib
import subprocess
from dataclasses import replace
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import BOTH, CANARY
from ansible_collections.mailrealm.kerberos.tests.integration.bad_roles import (
    CHOICES,
    Case,
    both_ways,
    judge,
    lower,
    messages,
)
from ansible_collections.mailrealm.kerberos.tests.integration.cas_installed import archive, java, unit

REALM = "EXAMPLE.TEST"
HOST = "cas1.example.test"
HERE = {"kerberos_hostname": HOST}
SPNEGO = "cas.authn.spnego."
FOREIGN = "HTTP/cas1.example.test@PARTNER.TEST"
# Where the stage lies: cases name files in it as {stage}/...
WAR, JAVA = "{stage}/war", "{stage}/java"
GIVEN: dict[str, Any] = {
    "kerberos_kadmin_host": "kdc1.example.test",
    "cas_names_check": False,
    "cas_war": WAR,
    "cas_java_home": JAVA,
    "cas_config_directory": "{stage}/config",
    "cas_keytab": "{stage}/cas.keytab",
}


def case(says: str, host: dict[str, Any] | None = None, **variables: Any) -> Case:
    return Case("cas", says, {**GIVEN, **variables}, {**HERE, **(host or {})})


CASES: dict[str, Case] = {
    "realm in lower case": lower("cas"),
    "no KDC's group": Case("cas", "The group kerberos_kdc has no host that could export keys; ", host=HERE),
    "a port that only the play sees": case(
        "cas_port: is set where the host that verifies does not see it, ", cas_port=8080
    ),
    "a Tomcat without a file": case("cas_tomcat_server_xml: is not set, ", cas_tomcat="external"),
    "a Tomcat of a third kind": case(
        f"{CHOICES}cas_tomcat must be one of: embedded, external, got: jetty", cas_tomcat="jetty"
    ),
    "no archive": case("{stage}/none: is not there; build CAS", cas_war="{stage}/none"),
    "no SPNEGO in it": case("{stage}/bare: has no cas-server-support-spnego-webflow in it; ", cas_war="{stage}/bare"),
    "two servlet APIs in it": case("{stage}/old: has servlet-api-2.5.jar in it, ", cas_war="{stage}/old"),
    "another version": case("{stage}/war: is CAS 6.6.12 and not 6.6.15; ", cas_version="6.6.15"),
    "a version of no line": case("version: CAS 9.1 is none of the lines ", cas_version="9.1.0"),
    "no Java": case("{stage}/none: holds no Java; ", cas_java_home="{stage}/none"),
    "an old Java": case(
        "{stage}/java8: is Java 1.8.0_402, and CAS 6.6 needs 11 or later; ", cas_java_home="{stage}/java8"
    ),
    "a Java of short keys": case("works with keys of AES up to 128 bits only, ", cas_java_home="{stage}/limited"),
    "another user": case("cas_user 'tomcat': the unit cas runs as cas, ", cas_user="tomcat"),
    "an overlay that is not there": case(
        "cas_overlay '{stage}/none': holds neither build.gradle", cas_overlay="{stage}/none"
    ),
    "an archive that nobody brings": case(
        "cas_war '{stage}/war': the overlay leaves its archive in {stage}/overlay/build/libs/cas.war, ",
        cas_overlay="{stage}/overlay",
        cas_overlay_build=True,
    ),
    "a KDC without a realm": case("cas_kdc: is set without cas_kdc_realm, ", cas_kdc="kdc1.example.test"),
    "a strategy that is none": case(
        "value of strategy must be one of: all, address, hostname, ldap, got: dns", cas_clients={"strategy": "dns"}
    ),
    "half an LDAP": case(
        "cas_clients: ldap has ",
        cas_clients={
            "strategy": "ldap",
            "addresses": "^10",
            "ldap": {"url": "ldap://a", "base_dn": "DC=x", "search_filter": "(cn={0})", "bind_credential": CANARY},
        },
    ),
    "two realms as one": case(
        "cas_principal_with_domain: is false with tickets of EXAMPLE.TEST and PARTNER.TEST, ",
        cas_further_principals=[FOREIGN],
        cas_further_keytabs=[{"content": CANARY}],
    ),
    "a further realm without keys": case(
        f"cas_further_principals: {FOREIGN} has no key in ",
        cas_further_principals=[FOREIGN],
        cas_principal_with_domain=True,
    ),
    "a property of the other dialect": case(
        f"{SPNEGO}jcifsServicePrincipal", cas_properties={f"{SPNEGO}jcifsServicePrincipal": "HTTP/a@B"}
    ),
    "a property that is none": case(f"{SPNEGO}dns-timout", cas_properties={f"{SPNEGO}dns-timout": "PT2S"}),
    "a property of the role's own": case(
        f"cas_properties: {SPNEGO}ntlmAllowed is what another variable of the role decides; ",
        cas_properties={f"{SPNEGO}ntlmAllowed": True},
    ),
    "a stale line in the file": case(
        "{stage}/stale/cas.properties: line 2 sets ", cas_config_directory="{stage}/stale"
    ),
    "a login.conf with a backslash": case("{stage}/torn/login.conf", cas_config_directory="{stage}/torn"),
    "a keytab that nobody brings": case(
        "{stage}/cas.keytab: is not there, and without it nobody can sign on by ticket; ", cas_keytab_managed=False
    ),
    "the host's own keytab": case("cas_keytab '{stage}/host.keytab': holds host/", cas_keytab="{stage}/host.keytab"),
    "a proxy that is not there": case(
        "cas_proxy 'nginx': {stage}/none is not there, ", cas_proxy="nginx", cas_proxy_config="{stage}/none/cas.conf"
    ),
    "a proxy of a third kind": case(
        f"{CHOICES}cas_proxy must be one of: , nginx, apache, got: lighttpd", cas_proxy="lighttpd"
    ),
    "tests as nobody": case(
        "cas_test_credentials.user. Supported parameters include: ",
        cas_test_credentials={"user": "probe", "password": CANARY},
    ),
}
AT_ONCE = 8  # cases of one ansible-playbook, whose time is limited
STALE = f"# by hand\n{SPNEGO}jcifsServicePrincipal=HTTP/cas1.example.test@EXAMPLE.TEST\n"
TORN = 'jcifs.spnego.accept {\n  com.sun.security.auth.module.Krb5LoginModule required \\\n  storeKey="true";\n};\n'


def set_up(stage: pathlib.Path) -> None:
    """Everything that the cases name."""
    archive(stage / "war")
    archive(stage / "bare", spnego=False)
    archive(stage / "old", more=("servlet-api-2.5.jar",))
    java(stage / "java")
    java(stage / "java8", "1.8.0_402")
    java(stage / "limited", policy="limited")
    for name in ("config", "stale", "torn", "overlay"):
        (stage / name).mkdir()
    (stage / "stale" / "cas.properties").write_text(STALE)
    (stage / "torn" / "login.conf").write_text(TORN)
    (stage / "overlay" / "build.gradle").write_text("dependencies {\n}\n")
    words = f"addent -password -p host/{HOST}@{REALM} -k 1 -e aes256-cts-hmac-sha1-96\nx\nwkt {stage}/host.keytab\n"
    subprocess.run(["ktutil"], input=words, text=True, check=True, capture_output=True)


def placed(value: Any, stage: pathlib.Path) -> Any:
    """With the stage's path in it."""
    if isinstance(value, dict):
        return {key: placed(inner, stage) for key, inner in value.items()}
    return value.replace("{stage}", str(stage)) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pathlib.Path]:
    folder = tmp_path_factory.mktemp("stage")
    set_up(folder)
    with unit(folder / "told"):
        yield folder


@pytest.fixture(scope="module")
def refused(stage: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], str]:
    cases = [(name, replace(one, variables=placed(dict(one.variables), stage))) for name, one in CASES.items()]
    found = {}
    for at in range(0, len(cases), AT_ONCE):
        found.update(both_ways(dict(cases[at : at + AT_ONCE]), tmp_path_factory.mktemp("roles")))
    return found


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_role(refused: dict[tuple[str, bool], str], stage: pathlib.Path, name: str, check: bool) -> None:
    one = CASES[name]
    judge(refused[name, check], replace(one, says=placed(one.says, stage)))


@BOTH
def test_a_keytab_that_others_use(stage: pathlib.Path, check: bool, tmp_path: pathlib.Path) -> None:
    conf = pathlib.Path("/etc/krb5.conf")
    before = conf.read_bytes() if conf.exists() else None
    try:
        conf.write_text("[libdefaults]\n  default_keytab_name = FILE:/etc/http.keytab\n")
        asked = case("")
        there = {"conf": replace(asked, variables=placed(dict(asked.variables), stage))}
        said = messages(there, tmp_path, check)["conf"]
    finally:
        conf.unlink() if before is None else conf.write_bytes(before)
    assert said.startswith(f"/etc/krb5.conf: has a default_keytab_name that is not {stage}/cas.keytab, "), said
    assert "; set cas_krb5 to own" in said
