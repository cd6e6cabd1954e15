# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of clocks, networks, names, krb5.conf and keytabs, from evidence made by hand."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import UNTESTED, diagnose
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.doctor_evidence import (
    AES256,
    CHECKS,
    HEARD,
    HOST,
    KDC1,
    KDC2,
    KEYTAB,
    OTHER,
    PRINCIPAL,
    SILENT,
    evidence,
    found,
    kdc,
    lookup,
    proof,
    said,
)

Change = Callable[[Dict[str, Any]], None]
LINE = re.compile(r"[^\n]+")


def setting(path: str, value: Any) -> Change:
    """The value at a dotted path of the evidence."""

    def change(told: dict[str, Any]) -> None:
        *folders, last = path.split(".")
        place: Any = told
        for folder in folders:
            place = place[int(folder)] if isinstance(place, list) else place[folder]
        place[int(last) if isinstance(place, list) else last] = value

    return change


def both(*changes: Change) -> Change:
    def change(told: dict[str, Any]) -> None:
        for one in changes:
            one(told)

    return change


def problem(kind: str, what: str, where: str = "DNS") -> Change:
    return setting(f"names.problems.{kind}", [{"what": what, "where": where, "remedy": "mend it"}])


def keytab(name: str, value: Any) -> Change:
    return setting(f"keytabs.keytabs.0.{name}", value)


def proved(symptom: str, **changes: Any) -> Change:
    told = {"ok": False, "symptom": symptom, "cause": f"cause {symptom}", "remedy": "mend it", **changes}
    return keytab("proofs", [proof(**told)])


NO_KDC = setting(
    "network.kdcs", [kdc(KDC1, udp=SILENT, tcp=SILENT, kind=""), kdc(KDC2, udp=SILENT, tcp=SILENT, kind="")]
)
CONTEXT = {"enforcing": True, "is": "u:r:etc_t:s0", "should": "u:r:krb5_keytab_t:s0", "untested": ""}
REFUSED = {"ok": False, "words": "Permission denied", "at": KEYTAB}
MALADIES: list[tuple[Change, str, str]] = [
    (setting("clock.kdcs.0.offset", 400.0), "clock.skew", "broken"),
    (setting("clock.kdcs.0.offset", -90.0), "clock.skew", "degraded"),
    (both(setting("clock.clockskew", 100), setting("clock.kdcs.0.offset", 110.0)), "clock.skew", "broken"),
    (setting("clock.clockskew", 1), "clock.tolerance", "broken"),
    (setting("clock.clockskew", 30), "clock.tolerance", "degraded"),
    (setting("clock.services.0.active", False), "clock.service_stopped", "degraded"),
    (setting("clock.services", []), "clock.service_stopped", "degraded"),
    (NO_KDC, "network.kdc_none", "broken"),
    (setting("network.kdcs.0", kdc(KDC1, udp=SILENT, tcp=SILENT, kind="")), "network.kdc_silent", "degraded"),
    (setting("network.kdcs.0", kdc(KDC1, udp=SILENT)), "network.kdc_udp", "degraded"),
    (setting("network.kdcs.0", kdc(KDC1, tcp=SILENT)), "network.kdc_tcp", "degraded"),
    (
        setting("network.kdcs.1", kdc(KDC2, udp=SILENT, tcp=SILENT, addresses=[], kind="")),
        "network.kdc_unresolved",
        "degraded",
    ),
    (setting("network.kdcs", [kdc(KDC1, kind="foreign", udp={**HEARD, "code": 6})]), "network.kdc_realm", "broken"),
    (setting("network.kdcs.0", kdc(KDC1, kind="foreign")), "network.kdc_realm", "degraded"),
    (
        setting("network.admin", {"server": KDC1, "port": 749, "answered": False, "words": "refused"}),
        "network.admin_server",
        "degraded",
    ),
    (setting("network.srv", {"_kerberos._udp.example.test": ["0 0 88 old.test"]}), "network.srv_differs", "degraded"),
    (
        both(
            setting("network.srv", {"_kerberos._udp.example.test": []}),
            setting("krb5.kdcs", []),
            setting("krb5.looks_up_kdcs", True),
        ),
        "network.srv_missing",
        "broken",
    ),
    (
        both(setting("names.host.addresses", []), problem("forward", f"{HOST} has no address")),
        "names.no_address",
        "broken",
    ),
    (
        both(
            setting("names.host.addresses", ["127.0.1.1"]),
            problem("hosts_file", "stands on 127.0.1.1", "/etc/hosts line 1"),
        ),
        "names.loopback",
        "broken",
    ),
    (problem("hosts_file", "192.0.2.20 is called mail before", "/etc/hosts line 3"), "names.hosts_file", "broken"),
    (problem("canonical", "the canonical name is other"), "names.canonical", "broken"),
    (
        both(
            setting("names.naming.dns_canonicalize_hostname", "false"),
            problem("canonical", "the canonical name is other"),
        ),
        "names.canonical",
        "degraded",
    ),
    (problem("reverse", "the PTR record of 192.0.2.20 is old.test"), "names.reverse_differs", "degraded"),
    (
        both(setting("names.naming.rdns", True), problem("reverse", "the PTR record of 192.0.2.20 is old.test")),
        "names.reverse_differs",
        "broken",
    ),
    (problem("reverse", "192.0.2.20 has no PTR record"), "names.reverse_missing", "degraded"),
    (
        both(
            setting("names.aliases", [lookup("mail.example.test")]),
            problem("aliases", "the alias mail.example.test has no address"),
        ),
        "names.alias_unknown",
        "broken",
    ),
    (setting("names.principals.0.mit", "smtp/old.example.test@EXAMPLE.TEST"), "names.principal", "degraded"),
    (
        setting(
            "names.principals.0", {"name": HOST, "service": "smtp", **dict.fromkeys(("mit", "heimdal", "java"), "x/y")}
        ),
        "names.principal",
        "broken",
    ),
    (setting("krb5.damaged", "/etc/krb5.conf: line 3: a section has no end"), "krb5.unreadable", "broken"),
    (
        both(setting("krb5.there", False), setting("krb5.sources", []), setting("krb5.problems", ["no such file"])),
        "krb5.unreadable",
        "broken",
    ),
    (setting("krb5.libkrb5", 21), "krb5.unreadable", "broken"),
    (
        setting("krb5.unreadable", [{"path": "/etc/krb5.conf", "user": "postfix", "mode": "0600"}]),
        "krb5.unreadable",
        "broken",
    ),
    (
        both(setting("krb5.problems", ["line 1 includes /x: there is no such file"]), setting("krb5.libkrb5", 31)),
        "krb5.include_broken",
        "broken",
    ),
    (setting("krb5.problems", ["line 1 includes /x: there is no such file"]), "krb5.include_broken", "degraded"),
    (setting("krb5.default_realm", None), "krb5.default_realm", "broken"),
    (setting("krb5.default_realm", "example.test"), "krb5.default_realm", "broken"),
    (setting("krb5.kdcs", []), "krb5.kdc_missing", "broken"),
    (setting("krb5.kdcs", ["old.test"]), "krb5.kdc_differs", "broken"),
    (setting("krb5.kdcs", ["old.test", KDC1]), "krb5.kdc_differs", "degraded"),
    (
        both(
            setting("krb5.realm_of", {HOST: "OLD.TEST"}),
            setting("krb5.mapped_by", {HOST: f"{HOST} = OLD.TEST (/etc/x line 2)"}),
        ),
        "krb5.domain_realm",
        "broken",
    ),
    (
        setting("krb5.enctypes", {"permitted_enctypes": {"value": "camellia256-cts", "where": "x line 1"}}),
        "krb5.enctypes",
        "broken",
    ),
    (
        setting("krb5.enctypes", {"permitted_enctypes": {"value": AES256, "where": "x line 1"}}),
        "krb5.enctypes",
        "degraded",
    ),
    (setting("krb5.allow_weak_crypto", True), "krb5.weak_crypto", "degraded"),
    (setting("krb5.repeated", ["rdns = true (x line 1) hides false (y line 2)"]), "krb5.shadowed", "degraded"),
    (
        both(keytab("exists", False), keytab("entries", []), keytab("proofs", []), keytab("opened", None)),
        "keytab.missing",
        "broken",
    ),
    (keytab("damaged", f"{KEYTAB}: entry 4 is cut short"), "keytab.damaged", "broken"),
    (keytab("opened", REFUSED), "keytab.unreadable", "broken"),
    (keytab("opened", {**REFUSED, "at": "/etc/postfix"}), "keytab.not_enterable", "broken"),
    (both(keytab("opened", REFUSED), keytab("context", CONTEXT)), "keytab.selinux", "broken"),
    (keytab("exposed", "every user of this host"), "keytab.exposed", "degraded"),
    (keytab("asked", [f"smtp/{HOST}", "smtp/mail.example.test"]), "keytab.principal_missing", "broken"),
    (proved("kvno_behind", kvno=2), "keytab.kvno_behind", "broken"),
    (proved("kvno_ahead"), "keytab.kvno_ahead", "broken"),
    (proved("kvno_wrong"), "keytab.kvno_ahead", "broken"),
    (proved("enctype_missing"), "keytab.enctype_missing", "broken"),
    (proved("key_wrong"), "keytab.key_wrong", "broken"),
    (proved("credential_wrong", kvno=None, own="Preauthentication failed"), "keytab.key_wrong", "broken"),
    (proved("principal_unknown"), "keytab.principal_unknown", "broken"),
    (proved("service_principal_unknown"), "keytab.principal_unknown", "broken"),
    (proved("principal_locked"), "keytab.principal_locked", "broken"),
    (proved("service_principal_locked"), "keytab.principal_locked", "broken"),
    (proved("enctype_unsupported"), "keytab.ticket", "broken"),
]
UNTOLD: list[tuple[Change, str]] = [
    (setting("clock.kdcs", [{"kdc": KDC1, "offset": None}]), "clock.untold"),
    (setting("network.kdcs", []), "network.untold"),
    (setting("names.dns", {"untested": "no name server answers"}), "names.untold"),
    (
        keytab("opened", {"ok": None, "words": "user 'postfix': is no user of this host", "at": ""}),
        "keytab.user_untried",
    ),
    (keytab("context", {**CONTEXT, "should": "", "untested": "matchpathcon: not there"}), "keytab.selinux"),
    (setting("keytabs.tickets", {"untested": "no KDC answers"}), "keytab.untested"),
    (proved("key_not_judged"), "keytab.untested"),
    (proved("kdc_unreachable"), "keytab.untested"),
]


def changed(change: Change) -> dict[str, Any]:
    told = evidence()
    change(told)
    return told


def test_nothing_is_said_of_a_sound_host() -> None:
    assert found({HOST: evidence(), OTHER: evidence()}) == []


def test_nothing_is_said_where_nothing_could_be_gathered() -> None:
    nothing = {name: {"untested": "why"} for name in ("clock", "network", "names", "krb5", "keytabs")}
    assert found({HOST: nothing, OTHER: {}}) == []


@pytest.mark.parametrize(("change", "check", "grade"), MALADIES)
def test_each_malady_is_the_only_one_named(change: Change, check: str, grade: str) -> None:
    assert said(changed(change)) == [(check, grade)]


@pytest.mark.parametrize(("change", "check"), UNTOLD)
def test_what_nobody_knows_is_told_apart(change: Change, check: str) -> None:
    assert said(changed(change)) == [(check, UNTESTED)]


def test_every_check_has_a_malady() -> None:
    assert {one.id for one in CHECKS} == {name for dummy, name, *rest in (*MALADIES, *UNTOLD)}


@pytest.mark.parametrize(("change", "check", "grade"), MALADIES)
def test_each_says_what_it_saw_and_how_to_mend_it_in_one_line(change: Change, check: str, grade: str) -> None:
    for one in found({HOST: changed(change)}):
        for words in (one.trouble.subject, one.trouble.cause, one.trouble.evidence, one.trouble.remedy):
            assert LINE.fullmatch(words), (check, grade, words)
            assert not words.endswith("."), words


@pytest.mark.parametrize(
    ("cause", "effect"),
    [
        (NO_KDC, setting("keytabs.tickets", {"untested": "no KDC answers"})),
        (setting("clock.kdcs.0.offset", 400.0), proved("clock_skew")),
        (setting("krb5.default_realm", None), proved("default_realm_missing")),
        (setting("krb5.enctypes.permitted_enctypes.value", "camellia256-cts"), proved("enctype_unsupported")),
        (setting("network.kdcs", [kdc(KDC1, kind="foreign")]), proved("principal_unknown")),
        (keytab("damaged", "entry 4 is cut short"), proved("enctype_unsupported")),
    ],
)
def test_what_a_ticket_tells_follows_from_its_cause(cause: Change, effect: Change) -> None:
    told = found({HOST: changed(both(cause, effect))})
    assert [bool(one.because) for one in told] == [False, True]
    assert told[1].because == (told[0].check.id,)


@pytest.mark.parametrize("cause", [NO_KDC, setting("krb5.default_realm", None), setting("clock.kdcs.0.offset", 400.0)])
def test_a_file_is_as_it_is_whatever_the_kdc_says(cause: Change) -> None:
    told = found({HOST: changed(both(cause, keytab("exposed", "every user of this host")))})
    assert [one.because for one in told] == [(), ()]


@pytest.mark.parametrize(
    ("own", "others", "whose"),
    [
        ({KDC1: 400.0, KDC2: 0.0}, {}, f"the clock of {KDC1} is wrong"),
        ({KDC1: 400.0}, {KDC1: 400.0}, f"the clock of {KDC1} is wrong"),
        ({KDC1: 400.0}, {KDC1: 0.1}, f"the clock of {HOST} is wrong"),
        ({KDC1: 400.0, KDC2: 400.0}, {}, f"the clock of {HOST} is wrong"),
        ({KDC1: 400.0}, {}, f"the clock of {HOST} or of {KDC1} is wrong"),
    ],
)
def test_whose_clock_is_wrong(own: dict[str, float], others: dict[str, float], whose: str) -> None:
    fleet = {
        host: changed(setting("clock.kdcs", [{"kdc": name, "offset": offset} for name, offset in told.items()]))
        for host, told in ((HOST, own), (OTHER, others))
    }
    assert next(one for one in found(fleet) if one.host == HOST).trouble.cause.startswith(whose)


def test_time_that_nobody_may_keep_in_a_container_is_no_trouble() -> None:
    held_back = {"unit": "chrony", "active": False, "enabled": True, "held_back": True}
    assert said(changed(setting("clock.services", [held_back]))) == []


def test_no_admin_server_is_missed_in_a_domain() -> None:
    change = both(
        setting("network.kdcs", [kdc(KDC1, kind="domain")]),
        setting("network.admin", {"server": KDC1, "port": 749, "answered": False, "words": "refused"}),
    )
    assert said(changed(change)) == []


def test_a_refused_key_is_an_old_one_where_the_database_has_a_newer() -> None:
    told = changed(proved("credential_wrong", kvno=None, own="Preauthentication failed"))
    database = {"database": {"principals": {PRINCIPAL: {"kvno": 3}}}}
    diagnoses = diagnose({HOST: told, KDC1: database}, CHECKS)
    assert [one.check.id for one in diagnoses] == ["keytab.kvno_behind"]
    assert "the KDC's database has kvno 3" in diagnoses[0].trouble.evidence


def test_lists_that_begin_from_the_defaults_leave_nothing_out() -> None:
    for value in ("DEFAULT", "DEFAULT -rc4", "+aes256-sha2", "-arcfour-hmac"):
        assert said(changed(setting("krb5.enctypes.permitted_enctypes.value", value))) == []


def test_a_misspelt_enctype_is_named() -> None:
    told = found({HOST: changed(setting("krb5.enctypes.permitted_enctypes.value", f"{AES256} aes aes265-cts"))})
    assert [one.trouble.cause for one in told] == ["aes265-cts is no enctype, and libkrb5 leaves it out without a word"]
