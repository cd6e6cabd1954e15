# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Postfix: whether it runs, what it is set to, and what it offers on its ports."""

from __future__ import annotations

from typing import Tuple

from .dialogue import GSSAPI
from .doctor import BROKEN, DEGRADED, RUNNING, SETTINGS, Check, Fleet, Trouble, section
from .doctor_smtp_servers import (
    CHECKS as OF_SERVERS,
)
from .doctor_smtp_servers import (
    CYRUS,
    MAIN,
    MASTER,
    NO_LOGIN,
    NO_PORT,
    NOT_OFFERED,
    SITE,
    Found,
    Postfix,
    asked_servers,
    backend,
    listed,
    of_postfix,
    setting,
)
from .postfix_effect import lets_through, offers_tls, sets

PLUGIN = "gssapiv2"


def _missing(host: str, fleet: Fleet) -> Found:
    found = section(fleet[host], "postfix")
    if found and not found["installed"]:
        yield Trouble("postfix", "Postfix is not installed", "there is no program postconf", "run the role postfix")


def _configuration(host: str, fleet: Fleet) -> Found:
    refused = section(fleet[host], "postfix").get("refused")
    if refused:
        what, dummy, remedy = str(refused).rpartition("; ")
        yield Trouble("/etc/postfix", "Postfix cannot read its own settings", what, remedy)


def _stopped(found: Postfix) -> Found:
    if not found["running"]:
        evidence = f"no process of its master, whose number {found['jail']['path']}/pid/master.pid names"
        yield Trouble("postfix", "Postfix does not run", evidence, "run `systemctl start postfix`, or the role postfix")


def _interfaces(found: Postfix) -> Found:
    bound = found["main"].get("inet_interfaces", "")
    if "loopback-only" in bound.split() and found["settings"].get("interfaces", "all") != "loopback-only":
        yield Trouble(
            MAIN,
            "Postfix listens for this host alone",
            f"inet_interfaces = {bound}",
            "set postfix_inet_interfaces to all, run the role postfix, and stop and start Postfix",
        )


def _service_missing(found: Postfix) -> Found:
    there = {server["key"] for server in found["servers"]}
    for key, variable in asked_servers(found).items():
        if key not in there:
            evidence = f"servers there: {', '.join(sorted(there)) or 'none'}"
            yield Trouble(f"{MASTER}, {key}", "users have no such port", evidence, f"{SITE} ({variable})")


def _certificate(found: Postfix) -> Found:
    for path, there in found["files"].items():
        if not there and any(offers_tls(server["values"]) for server in found["servers"]):
            yield Trouble(
                path,
                "there is no TLS without certificate and key",
                "the file is not there",
                "bring it back, or name another in postfix_tls_certificate and postfix_tls_key",
            )


def _cyrus(found: Postfix) -> bool:
    return backend(found) == CYRUS


def _smtpd_conf(found: Postfix) -> Found:
    sasl = found["sasl"]
    if not _cyrus(found):
        return
    if sasl["refused"]:
        what, dummy, remedy = sasl["refused"].partition(": ")[2].rpartition("; ")
        yield Trouble(sasl["path"], "Cyrus SASL refuses its file", what, remedy)
    elif not sasl["exists"]:
        evidence = "the file is not there"
        yield Trouble(sasl["path"], "nobody names keytab and mechanisms to Cyrus SASL", evidence, SITE)


def _mech_list(found: Postfix) -> Found:
    there = found["sasl"]["options"].get("mech_list", "")
    if _cyrus(found) and there and GSSAPI not in there.upper().replace(",", " ").split():
        remedy = f"{SITE} (postfix_mech_list)"
        yield Trouble(found["sasl"]["path"], "GSSAPI is not among the mechanisms", f"mech_list: {there}", remedy)


def _mechanism_missing(found: Postfix) -> Found:
    if _cyrus(found) and PLUGIN not in found["plugins"]:
        yield Trouble(
            f"lib{PLUGIN}.so",
            "Cyrus SASL's library for GSSAPI is not installed",
            f"libraries there: {', '.join(found['plugins']) or 'none'}",
            "install libsasl2-modules-gssapi-mit, or cyrus-sasl-gssapi (role postfix)",
        )


def _keytab_elsewhere(found: Postfix) -> Found:
    wanted, keytab = found["settings"].get("keytab"), found["keytab"]
    if _cyrus(found) and wanted and keytab["path"] != wanted and not found["sasl"]["refused"]:
        there = "" if keytab["exists"] else ", which is not there"
        yield Trouble(
            keytab["source"],
            f"Postfix takes its key from another file than {wanted}",
            f"the keytab is {keytab['path']}{there}",
            f"{SITE} (postfix_keytab)",
        )


def _chroot(found: Postfix) -> Found:
    jailed = [server["key"] for server in found["servers"] if server["jailed"]]
    jail, keytab = found["jail"], found["keytab"]["path"]
    needs = {
        f"{jail['path']}{keytab}": jail["keytab"],
        f"{jail['path']}/etc/krb5.conf": jail["krb5_conf"],
        f"{jail['path']}/var/tmp, writable for all": jail["replay"],  # noqa: S108 - a name in a sentence
    }
    lacks = [path for path, there in needs.items() if not there]
    if _cyrus(found) and jailed and lacks:
        yield Trouble(
            f"{MASTER}, {', '.join(jailed)}",
            "the server runs in a chroot without what Kerberos needs there",
            f"chroot is y, and these are missing: {'; '.join(lacks)}",
            f"{SITE} (postfix_chroot: false takes it out of the chroot, true brings the files in)",
        )


def _hostname(found: Postfix) -> Found:
    wanted, own = found["settings"].get("hostname"), found["main"].get("myhostname", "")
    if _cyrus(found) and wanted and own != wanted:
        anyway = "KRB5_CONFIG" in found["environment"]["wanted"]  # the role's file takes the names of all keys
        yield Trouble(
            MAIN,
            f"Postfix asks Kerberos for the key of smtp/{own}, and clients come with tickets for smtp/{wanted}",
            f"myhostname = {own}",
            f"{SITE} (kerberos_hostname)",
            DEGRADED if anyway else BROKEN,
        )


def _environment(found: Postfix) -> Found:
    wanted, running = found["environment"]["wanted"], found["environment"]["running"]
    # A process that may not be looked at tells nothing, and the logins then show what it runs with.
    for name, value in wanted.items() if running is not None else ():
        if running.get(name) != value:
            yield Trouble(
                f"{MAIN}, import_environment",
                "Postfix was reloaded and not started since, and takes it at its start alone",
                f"{name} is {running.get(name) or 'not set'} in its processes, and {value} in main.cf",
                "run `postfix stop` and `postfix start` (systemctl restart postfix)",
            )


def _dovecot_socket(found: Postfix) -> Found:
    dovecot = found["dovecot"]
    if dovecot and dovecot["mechanisms"] is None:
        yield Trouble(
            dovecot["path"],
            "Dovecot does not answer where Postfix asks it",
            dovecot["fault"],
            "run `systemctl restart dovecot`, or the role postfix, which names the socket to it",
        )


def _dovecot_mechanisms(found: Postfix) -> Found:
    dovecot = found["dovecot"]
    if dovecot and dovecot["mechanisms"] is not None and GSSAPI not in dovecot["mechanisms"]:
        yield Trouble(
            dovecot["path"],
            "Dovecot does not take tickets",
            f"it offers {listed(dovecot['mechanisms'])}",
            f"{SITE} (postfix_dovecot_mechanisms), and see that dovecot-gssapi is installed",
        )


def _relay_auth(found: Postfix) -> Found:
    main = found["main"]
    if not found["relay"]:
        return
    if not sets(main, "smtp_sasl_auth_enable"):
        yield Trouble(MAIN, "Postfix does not log in to its relay", setting(main, "smtp_sasl_auth_enable"), SITE)
    elif not main.get("smtp_sasl_password_maps"):
        cause = "Postfix tries no mechanism without an entry there"
        yield Trouble(MAIN, cause, "smtp_sasl_password_maps is empty", SITE)
    elif not lets_through(GSSAPI, main.get("smtp_sasl_mechanism_filter", "")):
        cause = "the filter takes GSSAPI away"
        yield Trouble(MAIN, cause, setting(main, "smtp_sasl_mechanism_filter"), SITE)


def _relay_key(found: Postfix) -> Found:
    relay, wanted = found["relay"], found["settings"].get("relay_principal", "")
    if not relay:
        return
    have = relay["principals"]
    if not relay["exists"] or (wanted and have[:1] != [wanted]):
        evidence = f"its first principal is {have[0]}" if have else "no key was found in it"
        cause = f"Postfix has no key of {wanted}, as which it logs in to its relay"
        yield Trouble(relay["keytab"], cause, evidence, "run the role postfix (postfix_relay_keytab)")


def _relay_chroot(found: Postfix) -> Found:
    if found["relay"].get("jailed"):
        keys = ", ".join(found["relay"]["jailed"])
        cause = "the client runs in a chroot, without the keytab with which it logs in to the relay"
        yield Trouble(f"{MASTER}, {keys}", cause, "chroot is y", SITE)


CHECKS: Tuple[Check, ...] = (
    *OF_SERVERS,
    Check("postfix.missing", SETTINGS, NO_PORT, _missing, ("running.*",)),
    Check("postfix.configuration", SETTINGS, NO_PORT, _configuration, NOT_OFFERED),
    Check("postfix.interfaces", SETTINGS, NO_PORT, of_postfix(_interfaces), NOT_OFFERED),
    Check("postfix.service_missing", SETTINGS, NO_PORT, of_postfix(_service_missing), NOT_OFFERED),
    Check("postfix.certificate", SETTINGS, NO_LOGIN, of_postfix(_certificate), NOT_OFFERED),
    Check(
        "postfix.smtpd_conf", SETTINGS, NO_LOGIN, of_postfix(_smtpd_conf), (*NOT_OFFERED, "postfix.keytab_elsewhere")
    ),
    Check("postfix.mech_list", SETTINGS, NO_LOGIN, of_postfix(_mech_list), NOT_OFFERED),
    Check("postfix.mechanism_missing", SETTINGS, NO_LOGIN, of_postfix(_mechanism_missing), NOT_OFFERED),
    Check("postfix.keytab_elsewhere", SETTINGS, NO_LOGIN, of_postfix(_keytab_elsewhere), NOT_OFFERED),
    Check("postfix.chroot", SETTINGS, NO_LOGIN, of_postfix(_chroot), NOT_OFFERED),
    Check("postfix.hostname", SETTINGS, NO_LOGIN, of_postfix(_hostname)),
    Check("postfix.dovecot_socket", SETTINGS, NO_LOGIN, of_postfix(_dovecot_socket), NOT_OFFERED),
    Check("postfix.dovecot_mechanisms", SETTINGS, NO_LOGIN, of_postfix(_dovecot_mechanisms), NOT_OFFERED),
    Check("postfix.relay_auth_off", SETTINGS, "mail to the relay is refused", of_postfix(_relay_auth)),
    Check("postfix.relay_key", SETTINGS, "mail to the relay is refused", of_postfix(_relay_key)),
    Check("postfix.relay_chroot", SETTINGS, "mail to the relay is refused", of_postfix(_relay_chroot)),
    Check(
        "postfix.stopped",
        RUNNING,
        NO_PORT,
        of_postfix(_stopped),
        (*NOT_OFFERED, "running.*"),
    ),
    Check("postfix.environment_pending", RUNNING, NO_LOGIN, of_postfix(_environment), ("running.*", *NOT_OFFERED)),
)
