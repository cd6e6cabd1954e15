# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests inside the lab's toolbox: a throw-away container with Debian's own Python and the real Kerberos tools."""

from __future__ import annotations

from typing import Iterator

import place
import venvs
from lanes import Lane, Step

# Debian release -> packages for its own Python, and through them the core.
RELEASES = {"12": "site-2.19", "13": "site-2.21"}
# Most tests run on one release. Both have those that look at what its programs answer or write, and few ladders: the
# realm's keys, records and salts, encryption types with all their consumers, keytabs as libkrb5 reads them, and real
# logins. Axigen's and Zimbra's stand-ins drive the Dovecot of Debian 12.
ON_ONE = {
    "12": (
        *("ad_keytab", "ad_keytab_faults", "axigen_config_double", "axigen_double", "axigen_read_back"),
        *("bad_input_ad_roles", "bad_input_realm", "bad_input_roles", "crypto_policies", "cyrus_sasl_conf"),
        *("bad_input_cas_role", "cas_info", "cas_overlay", "cas_properties", "cas_role", "host_log", "hosts_file"),
        *("jaas_config", "java_properties", "kdc_policies", "keytab", "keytab_judges", "keytab_refusals"),
        *("log4j2_loggers", "postconf", "principal_old_keys", "tomcat_connector"),
        *("principal_options", "profile_trees", "rollover", "sso_probe", "staged_keys", "user_rights"),
    ),
    "13": (
        *("ad_keytab_domain", "axigen_config", "axigen_logs", "bad_input", "browser_policy", "cas_log_info"),
        *("config_files", "doctor", "doctor_database", "doctor_keytabs", "host_facts"),
        *("dns_identity_info", "jaas_config_jdk", "java_aes", "java_aes_8", "workstation_files", "workstation_role"),
        *("enctype_policies", "enctype_policy", "enctype_policy_crypto", "enctype_policy_keys", "kadm5_acl"),
        *("keytab_concurrent", "keytab_controller", "keytab_export", "keytab_export_remote", "keytab_faults"),
        *("keytab_files", "keytab_from_kdc", "keytab_handed_over", "keytab_info", "keytab_options", "keytab_probe"),
        "keytab_secrets",
        *("krb5_conf", "password_policy", "principal", "principal_aliases", "principal_faults", "profile_libkrb5"),
        *("realm", "realm_contents"),
    ),
}
# What runs in a machine of its own, beside the others of its release, and what that is to have: Zimbra's stand-in takes
# the ports of all mail services, and its tests take as long as the half of all others. Browsers are in an image that
# has no other tools.
APART = {
    "zimbra": (
        "12",
        "--java",
        (
            *("bad_input_zimbra_role", "doctor_zimbra", "zimbra_attributes", "zimbra_directory", "zimbra_double"),
            *("zimbra_info", "zimbra_localconfig", "zimbra_role", "zimbra_services", "zimbra_services_double"),
        ),
    ),
    "browsers": ("12", "--browsers", ("drift_page",)),
}
# Lanes whose programs pause as the real ones do
WAITING = frozenset({"integration-zimbra"})
# Some tests put a file of theirs over /etc/hosts, or answer as a DNS server, in namespaces of their own.
NAMESPACES = "--option=--cap-add=SYS_ADMIN,NET_ADMIN"
PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def release_for(venv: str) -> str:
    """The Debian release whose toolbox has the core of a venv: `venv-2.21` -> `13`."""
    return next(release for release, site in RELEASES.items() if site == venv.replace("venv-", "site-"))


def pytest(lane: str, release: str, tests: tuple[str, ...], *options: str) -> Lane:
    """A lane that runs pytest in the toolbox of a Debian release. `options`: more of the toolbox's own."""
    venv = venvs.main()
    site = venvs.make_site(venvs.SITES[RELEASES[release]])
    inside = {
        "ANSIBLE_COLLECTIONS_PATH": str(place.COLLECTIONS),
        "PATH": f"{site / 'bin'}:{PROGRAMS}",
        "PYTHONPATH": str(site),
    }
    report = place.LOGS / f"{lane}.xml"
    report.unlink(missing_ok=True)
    words = [str(venv / "bin" / "python"), "tests/lab", "toolbox", "--debian", release, *options, NAMESPACES]
    for name, value in inside.items():
        words += ["-e", f"{name}={value}"]
    # Only the Python that is to run them can compile them; what is compiled already is left alone.
    compiling = ("python3", "-m", "compileall", "-q", "-j", "0", str(site))
    testing = ("python3", "-m", "pytest", "-q", "-o", "cache_dir=/tmp/pytest", f"--junitxml={report}", *tests)
    environment = place.environment(venv)
    steps = (
        Step("compile", (*words, "--", *compiling), environment),
        Step("pytest", (*words, "--", *testing), environment, junit=report),
    )
    return Lane(lane, steps, waits=lane in WAITING)


def integration() -> Iterator[Lane]:
    """Modules against real tools, Java among them, on throw-away realms: each Debian release with one core."""
    for release in RELEASES:
        elsewhere = [name for other, names in ON_ONE.items() if other != release for name in names]
        elsewhere += [name for dummy, dummy, names in APART.values() for name in names]
        left_out = [f"--ignore={_file(name)}" for name in elsewhere]
        yield pytest(f"integration-{release}", release, ("tests/integration", *left_out), "--java")
    for lane, (release, having, names) in APART.items():
        yield pytest(f"integration-{lane}", release, tuple(_file(name) for name in names), having)


def _file(name: str) -> str:
    return f"tests/integration/test_{name}.py"
