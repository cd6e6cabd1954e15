# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the files that Zimbra's Kerberos libraries read: krb5.conf, keytabs, and those of its Java.

Mailboxd is Java; proxy and MTA have Heimdal 1.5.3, which knows no newer encryption types and no included files.
"""

from __future__ import annotations

from typing import List, Mapping, Sequence, Tuple

from .cas_java import UNLIMITED
from .doctor import CLIENT_CONF, JAVA, KEYTAB, SETTINGS, Check, Trouble
from .doctor_zimbra_attributes import NO_LOGIN, SHOWS, Found, Others, Zimbra, of_zimbra
from .enctype_consumers import AES_SHA1, BY_NAME, DES
from .enctypes import enctype_name
from .zimbra_host import MAILBOX, MTA, PROXY

AES256 = 18
HEIMDAL = "heimdal1.5"
MODERN_JAVA = "java17"
READERS: Mapping[str, str] = {MAILBOX: MODERN_JAVA, PROXY: HEIMDAL, MTA: HEIMDAL}
POLICY = "let kerberos_enctype_policy hold aes256-cts-hmac-sha1-96, and run the roles client, kdc and zimbra"
NEVER = "never set allow_weak_crypto, as the document says"


def _includes(found: Zimbra, dummy: Others) -> Found:
    krb5_conf = found["krb5_conf"]
    if krb5_conf.get("includes") and {PROXY, MTA} & set(found["parts"]):
        yield Trouble(
            krb5_conf["path"],
            "proxy and MTA find no realm: their Kerberos library ends at a line that includes other files",
            f"it has the line {krb5_conf['includes'][0]}",
            "run the role zimbra with zimbra_krb5_includes: remove, after you took over what those files say",
        )


def _permitted(found: Zimbra, dummy: Others) -> Found:
    permitted = found["krb5_conf"].get("permitted")
    for one in found["keytabs"] if permitted is not None else ():
        types = one.get("enctypes") or ()
        # A ticket is of the type of the service's first key, which is the first in the keytab too.
        if types and MAILBOX in one["readers"] and types[0] not in permitted:
            yield Trouble(
                found["krb5_conf"]["path"],
                "Java refuses the tickets for mailboxd: their encryption type is not in the list permitted_enctypes",
                f"permitted_enctypes is {_names(permitted)}, and {one['path']} has {_names(types)}",
                POLICY,
            )


def _key_types(found: Zimbra, dummy: Others) -> Found:
    for one in found["keytabs"]:
        types = one.get("enctypes") or ()
        consumers = dict.fromkeys(READERS[part] for part in one["readers"])
        for reader in (BY_NAME[name] for name in consumers) if types else ():
            if not set(types) & (reader.usable - set(reader.needs)):
                yield Trouble(
                    one["path"],
                    f"{reader.title}, which reads the keytab, can use none of its keys",
                    f"it has {_names(types)}",
                    f"{POLICY}; then give the principals new keys (kdc_rekey)",
                )


def _des(found: Zimbra, dummy: Others) -> Found:
    for one in found["keytabs"]:
        weak = [number for number in one.get("all") or () if number in DES]
        if weak:
            yield Trouble(
                one["path"],
                "there are keys of DES in the keytab, at which proxy and MTA end with: encryption type 1 not supported",
                f"it has {_names(weak)}",
                f"take them out (keytab with enctypes and exclusive), and {NEVER}",
            )


def _jce(found: Zimbra, dummy: Others) -> Found:
    java = found["java"]
    strong = [one["path"] for one in found["keytabs"] if AES256 in (one.get("enctypes") or ())]
    if java and java["aes"] < UNLIMITED and strong and MAILBOX in found["parts"]:
        yield Trouble(
            java["home"],
            "Java works with AES of 128 bits at most, for it lacks JCE's unlimited policy",
            f"Java {java['version']}, AES up to {java['aes']} bits; {strong[0]} has {enctype_name(AES256)}",
            "set crypto.policy=unlimited in its java.security, or install Zimbra's current Java, and restart mailboxd",
        )


def _java_krb5(found: Zimbra, dummy: Others) -> Found:
    java = found["java_krb5"]
    if not java or "untested" in java:
        return
    if not java["kdc"]:
        yield Trouble(
            java["path"],
            "Java knows no KDC once web sign-on is on, for IMAP and POP3 either",
            "the realm has no kdc in it",
            "run the role zimbra (zimbra_java_krb5, zimbra_kdcs)",
        )
    for name, types in java["enctypes"].items():
        if not set(types) & set(AES_SHA1):
            yield Trouble(
                java["path"],
                "Java is told to use encryption types that it refuses",
                f"{name} is {_names(types)}",
                "run the role zimbra (zimbra_java_krb5)",
            )


def _names(numbers: Sequence[int]) -> str:
    listed: List[str] = [enctype_name(number) for number in numbers]
    return ", ".join(listed) or "empty"


# What is seen of the same lists and keys on every host
BY_TYPE = ("krb5.enctypes", "keytab.enctype_missing", "keytab.ticket")
EFFECTS = ("zimbra.restart_pending", *SHOWS)

CHECKS: Tuple[Check, ...] = (
    Check("zimbra.krb5_includes", CLIENT_CONF, NO_LOGIN, of_zimbra(_includes), EFFECTS),
    Check("zimbra.enctype_not_permitted", CLIENT_CONF, NO_LOGIN, of_zimbra(_permitted), (*BY_TYPE, *EFFECTS)),
    Check("zimbra.key_types", KEYTAB, NO_LOGIN, of_zimbra(_key_types), (*BY_TYPE, *EFFECTS)),
    Check("zimbra.des_key", KEYTAB, NO_LOGIN, of_zimbra(_des), EFFECTS),
    Check("zimbra.jce", JAVA, NO_LOGIN, of_zimbra(_jce), EFFECTS),
    Check("zimbra.java_krb5", SETTINGS, NO_LOGIN, of_zimbra(_java_krb5), EFFECTS),
)
