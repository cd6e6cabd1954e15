# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of CAS and its Java: the troubles of CAS's document, those that verifying names too, and what was measured."""

from __future__ import annotations

import dataclasses

from .. import fleet
from ..troubles import GIVE, KEYTAB, PROPERTIES
from . import ByFault, ByPair, Fault, Pair
from .cas_scripts import (
    ARCHIVES,
    DUMP,
    JAVA,
    KEPT,
    KRB5,
    LOGIN_CONF,
    RESTART,
    SPN,
    SPNEGO,
    back,
    behind_its_back,
    in_keytab,
    in_unit,
    keep,
    logged,
    property_,
    without,
)

# Those that are part of a pair too
KDC_ALONE = property_(
    "a KDC without its realm",
    "cas1",
    f"{SPNEGO}.system.kerberos-kdc=172.10.1.10",
    "cas.kdc_setting",
    r"172\.10\.1\.10",
)
OTHER_KEYTAB = behind_its_back(
    "login.conf names another keytab",
    "cas2",
    LOGIN_CONF,
    f"sed -i 's,/etc/cas/cas.keytab,/etc/krb5.keytab,' {LOGIN_CONF}",
    "cas.login_conf",
    r"/etc/krb5\.keytab",
)
OWN_KRB5 = Fault(
    "a krb5.conf in Java's own folder",
    "cas2",
    f"touch {JAVA}/conf/security/krb5.conf",
    f"rm {JAVA}/conf/security/krb5.conf",
    "java.other_krb5_conf",
    r"conf/security/krb5\.conf",
)
NOT_AT_BOOT = Fault(
    "CAS does not start at boot",
    "cas1",
    "systemctl -q disable cas",
    "systemctl -q enable cas",
    "running.not_enabled",
    r"disabled",
)
NOT_IN_KEYTAB = in_keytab(
    "the service principal is not in the keytab",
    "cas2",
    f"LC_ALL=C sed -i s/cas2/cas9/g {KEYTAB}; {GIVE}",
    "keytab.principal_missing",
    r"HTTP/cas2\.example\.test",
)
OLD_SERVLETS = Fault(
    "an old servlet API in the archive",
    "cas1",
    f"touch {ARCHIVES}/servlet-api-2.5.jar",
    f"rm {ARCHIVES}/servlet-api-2.5.jar",
    "cas.archive_with_old_servlet_api",
    r"servlet-api-2\.5\.jar",
)

# The document's own: why CAS finds no key to open a ticket with, and headers that are too small.
_OF_THE_DOCUMENT = (
    Fault(
        "the path of the keytab is wrong",
        "cas1",
        f"{keep(KEYTAB)}; rm {KEYTAB}",
        f"mv {KEPT}/cas.keytab {KEYTAB}",
        "keytab.missing",
        r"/etc/cas/cas\.keytab",
    ),
    NOT_IN_KEYTAB,
    in_keytab(
        "the keytab has no key of the ticket's encryption type",
        "cas1",
        without("aes256"),
        "database.enctypes_differ",
        r"aes256",
    ),
    Fault(
        "the kvno is behind, as after a new ktpass",
        "cas2",
        f"mkdir -p {KEPT}; kdb5_util dump {DUMP} {SPN}; kadmin.local cpw -randkey {SPN}",
        f"kdb5_util load -update {DUMP}; rm {DUMP}*",
        "database.kvno_differs",
        r"kvno",
        made_on="kdc1",
    ),
    behind_its_back(
        "krb5.conf does not permit the ticket's encryption type",
        "cas1",
        KRB5,
        f"sed -i 's/permitted_enctypes = .*/permitted_enctypes = aes128-cts-hmac-sha1-96/' {KRB5}",
        "java.enctype_unreadable",
        r"permitted_enctypes",
    ),
    behind_its_back(
        "headers are too small for a large ticket",
        "cas2",
        PROPERTIES,
        f"printf '\\nserver.max-http-request-header-size=8192\\n' >> {PROPERTIES}",
        "cas.header_limit",
        r"8192",
    ),
)
_OF_SETTINGS = (
    behind_its_back(
        "the browser is not supported",
        "cas1",
        PROPERTIES,
        f"printf '\\n{SPNEGO}.supported-browsers=Opera\\n' >> {PROPERTIES}",
        "cas.browser_list",
        r"Opera",
    ),
    property_(
        "CAS is told another service principal",
        "cas2",
        f"{SPNEGO}.properties[0].jcifs-service-principal=HTTP/cas.example.com@EXAMPLE.COM",
        "cas.principal_differs",
        r"EXAMPLE\.COM",
    ),
    KDC_ALONE,
    property_(
        "login.conf is not consulted",
        "cas2",
        f"{SPNEGO}.system.use-subject-creds-only=false",
        "cas.login_conf_setting",
        r"use-subject-creds-only",
    ),
    property_(
        "a broken escape in the properties",
        "cas1",
        r"cas.theme.name=\u12",
        "cas.properties_refused",
        r"cas\.properties",
    ),
    property_(
        "the user of CAS's own example",
        "cas2",
        "cas.authn.accept.users=casuser::Mellon",
        "cas.static_users",
        r"accept\.users is '\(not shown\)'",
    ),
    property_(
        "a krb5.conf that only CAS reads",
        "cas1",
        f"{SPNEGO}.system.kerberos-conf=file:/etc/cas/krb5.conf",
        "cas.krb5_conf_setting",
        r"/etc/cas/krb5\.conf",
    ),
    OTHER_KEYTAB,
    behind_its_back(
        "login.conf has the document's line continuation",
        "cas1",
        LOGIN_CONF,
        f"sed -i '0,/required/s/required/required \\\\/' {LOGIN_CONF}",
        "cas.login_conf_refused",
        r"backslash|refuses the whole file",
    ),
    behind_its_back(
        "login.conf is root's alone",
        "cas2",
        LOGIN_CONF,
        f"chown root:root {LOGIN_CONF}",
        "cas.file_unreadable",
        r"login\.conf",
    ),
    Fault(
        "login.conf is not there",
        "cas1",
        f"{keep(LOGIN_CONF)}; rm {LOGIN_CONF}",
        f"mv {KEPT}/login.conf {LOGIN_CONF}",
        "cas.file_missing",
        r"login\.conf",
    ),
    behind_its_back(
        "krb5.conf names no keytab",
        "cas2",
        KRB5,
        f"sed -i '/default_keytab_name/d' {KRB5}",
        "cas.krb5_conf",
        r"default_keytab_name",
    ),
    OLD_SERVLETS,
)
_OF_JAVA = (
    OWN_KRB5,
    in_unit(
        "KRB5_CONFIG in the unit, which Java does not read",
        "cas1",
        "Environment=KRB5_CONFIG=/etc/cas/krb5.conf",
        "java.krb5_config_ignored",
        r"/etc/cas/krb5\.conf",
    ),
    in_unit(
        "a KDC in an option of Java, and no realm",
        "cas2",
        "Environment=JAVA_TOOL_OPTIONS=-Djava.security.krb5.kdc=172.10.1.10",
        "java.kdc_fixed",
        r"172\.10\.1\.10",
    ),
    Fault(
        "a policy that limits Java's keys",
        "cas1",
        f"f=$(readlink -f {JAVA}/conf/security/java.security); mkdir -p {KEPT}; cp -p $f {KEPT}/java.security; "
        "sed -i 's/^crypto.policy=.*/crypto.policy=limited/' $f",
        f"cp -p {KEPT}/java.security $(readlink -f {JAVA}/conf/security/java.security); rm {KEPT}/java.security",
        "java.aes_limited",
        r"128 bits",
    ),
    behind_its_back(
        "krb5.conf includes a folder twice",
        "cas2",
        KRB5,
        f"sed -i '1i includedir /media\\nincludedir /media' {KRB5}",  # a folder that is empty on every host
        "java.include_refused",
        r"second time",
    ),
    behind_its_back(
        "a family in place of encryption types",
        "cas1",
        KRB5,
        f"sed -i 's/permitted_enctypes = .*/permitted_enctypes = aes/' {KRB5}",
        "java.enctypes_unknown",
        r"permitted_enctypes = aes\b",
    ),
)
_OF_WHAT_RUNS = (
    NOT_AT_BOOT,
    Fault(
        "krb5.conf is newer than the JVM",
        "cas2",
        f"{keep(KRB5)}; touch {KRB5}",
        back(KRB5),
        "running.restart_pending",
        r"/etc/krb5\.conf",
    ),
    logged(
        "browsers send NTLM and no ticket",
        "cas1",
        "GSSException: Unsupported mechanism requested (Mechanism level: unsupported NTLM mechanism)",
        "log.ntlm_offered",
        r"6 times",
    ),
    logged(
        "clients send something that is no ticket",
        "cas2",
        "GSSException: Defective token detected (Mechanism level: GSSHeader did not find the right tag)",
        "log.token_defective",
        r"6 times",
    ),
    Fault("CAS has stopped", "cas2", "systemctl stop cas", RESTART, "running.stopped", r"inactive"),
)
OF_DOCUMENTS = tuple(fault.name for fault in _OF_THE_DOCUMENT)
FAULTS: ByFault = {fleet.CAS.name: (*_OF_THE_DOCUMENT, *_OF_SETTINGS, *_OF_JAVA, *_OF_WHAT_RUNS)}
PAIRS: ByPair = {
    fleet.CAS.name: (
        Pair(KDC_ALONE, dataclasses.replace(OTHER_KEYTAB, host="cas1")),
        Pair(OWN_KRB5, dataclasses.replace(NOT_AT_BOOT, host="cas2")),
        Pair(NOT_IN_KEYTAB, OLD_SERVLETS),
    ),
}
