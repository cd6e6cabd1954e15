# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Red Hat's system-wide crypto-policies, as far as they make libkrb5's permitted_enctypes.

A policy is a base and modules (``DEFAULT:AD-SUPPORT``), read as if their files were one. Of it each back-end gets
the directives whose scope is its own; libkrb5's scopes are ``krb5`` and ``Kerberos``: crypto-policies(7).

=====================  =================================================================================
what                   where it is written (upstream's tree, unless another source stands there)
=====================  =================================================================================
the back-end's text    python/policygenerators/krb5.py: for each MAC, for each cipher the pair's enctype
                       (PAIRS); then Camellia in the order of the ciphers (ALONE); then ``arcfour-hmac-md5``
                       where the ciphers hold RC4-128 and the hashes MD5. FUTURE adds a line pkinit_dh_min_bits
its older forms        MAC first since release 20230731 (spec file's changelog). EL 8, read on one host's copy:
                       the MAC does not count, AES-256-CBC gives both its enctypes, RC4-128 with MD5 gives it twice
scopes                 since 20210615 (changelog; EL 8.5?); before that the property's name is unknown, an error
operators              ``= A B`` resets, ``= +A`` puts in front, ``= A+`` behind, ``= -A`` takes away; the first and
                       the others never on one line; ``=`` alone empties (cryptopolicies.py, parse_rhs())
case                   the tool turns names into upper case, so the file's name must be: crypto-policies(7)
AD-SUPPORT             EL 8, Fedora: ``cipher@kerberos = RC4-128+``, ``hash@kerberos = MD5+`` (its .pmod);
                       EL 9 on: AES with HMAC-SHA1 for the FIPS policy, RC4 is in AD-SUPPORT-LEGACY (Red Hat's
                       "Installing trust between IdM and AD")
DES, DES3              no cipher stands for them in the back-end
/etc/.../config        comments with #; a second line adds modules (update-crypto-policies.py, parse_file())
=====================  =================================================================================
"""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from .enctypes import enctype_name
from .profile import parse
from .profile_reading import no_includes, readings
from .refusal import Refusal

OURS = "MAILREALM-KERBEROS"  # the module's name in a policy, and its file's without .pmod
PAIRS: Dict[Tuple[str, str], int] = {
    ("AES-256-CBC", "HMAC-SHA1"): 18,
    ("AES-128-CBC", "HMAC-SHA1"): 17,
    ("AES-256-CBC", "HMAC-SHA2-384"): 20,
    ("AES-128-CBC", "HMAC-SHA2-256"): 19,
}
ALONE: Dict[str, int] = {"CAMELLIA-256-CBC": 26, "CAMELLIA-128-CBC": 25}
RC4 = 23
PAIR_OF = {number: pair for pair, number in PAIRS.items()}
ALONE_OF = {number: cipher for cipher, number in ALONE.items()}
IN_REACH = (*PAIR_OF, *ALONE_OF, RC4)
PERMITTED = ("libdefaults", "permitted_enctypes")


class CryptoPolicyRefusal(Refusal):
    """A list of enctypes, or a policy, that crypto-policies cannot have."""


def pmod_text(enctypes: Sequence[int], option: str = "enctypes") -> str:
    """The module with which libkrb5 is permitted exactly ``enctypes``, in their order, and nobody else anything new.

    It counts as the last module of a policy, and begins the lists anew. CryptoPolicyRefusal names ``option`` and
    what can be had, where the generator cannot give this list.
    """
    _within_reach(enctypes, option)
    ciphers, macs = _ingredients(enctypes)
    would = permitted_of(ciphers, macs)
    if would != tuple(dict.fromkeys(enctypes)):
        raise CryptoPolicyRefusal(
            f"{option}: crypto-policies cannot permit exactly '{_names(enctypes)}', for it pairs every cipher with "
            "every MAC, keeps the enctypes of one MAC together, and puts Camellia and RC4 last; "
            f"take '{_names(would)}', or set permitted_enctypes in krb5.conf"
        )
    lines = [
        "# Written by the Ansible collection mailrealm.kerberos, which overwrites changes made here.",
        f"# permitted_enctypes = {_names(would)}",
        f"cipher@Kerberos = {' '.join(ciphers)}",
    ]
    if macs:
        lines.append(f"mac@Kerberos = {' '.join(macs)}")
    if RC4 in would:
        lines.append("hash@Kerberos = MD5+")
    return "\n".join(lines) + "\n"


def _within_reach(enctypes: Sequence[int], option: str) -> None:
    if not enctypes:
        raise CryptoPolicyRefusal(f"{option}: is empty, and libkrb5 would use its defaults; name an encryption type")
    beyond = [number for number in enctypes if number not in IN_REACH]
    if beyond:
        raise CryptoPolicyRefusal(
            f"{option}: crypto-policies knows nothing of {_names(beyond)}, which no policy can permit; "
            f"choose among {_names(IN_REACH)}"
        )


def _ingredients(enctypes: Sequence[int]) -> Tuple[List[str], List[str]]:
    """Ciphers and MACs whose pairs are ``enctypes``, in the order that serves them best."""
    pairs = [PAIR_OF[number] for number in enctypes if number in PAIR_OF]
    # HMAC-SHA1 alone has two ciphers, so they decide on the ciphers' order.
    shared = [cipher for cipher, mac in pairs if mac == "HMAC-SHA1"]
    ciphers = [*shared, *(cipher for cipher, dummy in pairs)]
    ciphers += [ALONE_OF[number] for number in enctypes if number in ALONE_OF]
    ciphers += ["RC4-128"] if RC4 in enctypes else []
    return list(dict.fromkeys(ciphers)), list(dict.fromkeys(mac for dummy, mac in pairs))


def permitted_of(ciphers: Sequence[str], macs: Sequence[str]) -> Tuple[int, ...]:
    """The enctypes that the back-end's generator (release 20230731 on) makes of these, MD5 being there for RC4."""
    paired = [PAIRS[cipher, mac] for mac in macs for cipher in ciphers if (cipher, mac) in PAIRS]
    alone = [ALONE[cipher] for cipher in ciphers if cipher in ALONE]
    return (*paired, *alone, *([RC4] if "RC4-128" in ciphers else []))


def _names(enctypes: Sequence[int]) -> str:
    return " ".join(enctype_name(number) for number in enctypes)


def policy_of(text: str) -> str:
    """The policy that a file such as /etc/crypto-policies/config names, as the tool shows it; '' where it names none.

    The first line names base and modules, later ones further modules. Names come back in upper case.
    """
    lines = [line.partition("#")[0].strip().upper() for line in text.splitlines()]
    return ":".join(name for line in lines for name in line.split(":") if name)


def policy_with(config: str, wanted: bool = True) -> str:
    """The policy ``config`` with our module as its last, once, or without it; base and foreign modules stay."""
    base, *modules = [name for name in config.upper().split(":") if name] or [""]
    if not base:
        raise CryptoPolicyRefusal(
            "crypto-policies: no policy is set on this host; set one first (update-crypto-policies --set DEFAULT)"
        )
    foreign = [name for name in modules if name != OURS]
    return ":".join([base, *foreign, *([OURS] if wanted else [])])


def permitted_names(text: str, source: str) -> Optional[Tuple[str, ...]]:
    """The words of permitted_enctypes in a back-end's ``text``, as they stand there; None where it is not set.

    libkrb5 takes the first of several, so that one from local.d, which stands behind, does not count.
    ProfileRefusal where libkrb5 would not read the file.
    """
    found = [one.value for one in readings(parse(text, source), source, no_includes) if one.path == PERMITTED]
    return tuple(found[0].replace(",", " ").split()) if found else None
