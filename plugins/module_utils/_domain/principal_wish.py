# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a principal is to be: one item of the module `principal`, checked and with its values read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Tuple

from .kadmin_command import check_value
from .kadmin_time import parse_duration, parse_time
from .keysalt import KeySalt, parse_keysalts
from .principal import PrincipalName, parse_principal, unparse
from .principal_attributes import AttributeWish, parse_attributes
from .refusal import Refusal

TIMES: Tuple[Tuple[str, Callable[[str, str], int]], ...] = (
    ("max_life", parse_duration),
    ("max_renewable_life", parse_duration),
    ("expires", parse_time),
    ("password_expires", parse_time),
    ("tickets_end_after", parse_duration),
)
# Their keys are no tickets', and purgekeys takes them all the same: without its older kvnos the database cannot be
# decrypted any more (seen in 1.20), nor the password histories be read
UNPURGEABLE = {
    (b"K", b"M"): "kdb5_util purge_mkeys alone can tell which old master keys nothing needs any more",
    (b"kadmin", b"history"): "the histories of passwords need its old keys",
}
# Bytes of MIT's text. Of 1.20's DB2 database names of more than about 2,020 are created, but neither found nor deleted
# again: a key of more than half a page (libdb2, bt_open.c and bt_search.c). No host name is as long.
LONGEST_NAME = 1024
PURGE = "purge_when_expired"  # of the option `old_keys`


class WishRefusal(Refusal):
    """Options of a principal that contradict each other."""


@dataclass(frozen=True)
class PrincipalWish:
    """What is asked of one principal; None leaves what is there. ``policy`` '' clears it.

    Without ``password`` the key is random. ``always``: the password is set whenever it is another one.
    ``rekey``: a new key is made, beside the old ones, when the newest keys are not those of ``keysalts``; or, with
    ``new_kvno``, when the newest keys are those of the kvno before it.
    Durations in seconds, times in seconds since 1970 (0: never). ``unlock``: failed logins are forgotten.
    ``aliases``: other names that lead to it. ``purge``: keys of older kvnos go when their tickets have ended, which
    ``tickets_end_after`` says in seconds where it is given.
    """

    name: PrincipalName
    present: bool = True
    password: Optional[str] = field(default=None, repr=False)
    always: bool = False
    rekey: bool = False
    new_kvno: Optional[int] = None
    keysalts: Tuple[KeySalt, ...] = ()
    policy: Optional[str] = None
    attributes: Tuple[AttributeWish, ...] = ()
    max_life: Optional[int] = None
    max_renewable_life: Optional[int] = None
    expires: Optional[int] = None
    password_expires: Optional[int] = None
    db_args: Tuple[str, ...] = ()
    unlock: bool = False
    aliases: Tuple[PrincipalName, ...] = ()
    purge: bool = False
    tickets_end_after: Optional[int] = None


def parse_wish(item: Mapping[str, Any], realm: Optional[str], lenient: bool = False) -> PrincipalWish:
    """The wish in an item's options as the argument spec types them; Refusal names principal and option.

    ``realm`` stands in where the name holds none. ``lenient``: in check mode no password is made for staged keys.
    """
    name = parse_principal(item["name"], realm)
    if item.get("state") != "absent":
        _check_length(name)
        if realm is not None:
            _check_realm(name, realm)
    try:
        return _parse(name, item, realm, lenient)
    except Refusal as refusal:
        raise WishRefusal(f"principal {name}: {refusal}") from refusal


def _check_length(name: PrincipalName) -> None:
    size = len(unparse(name).encode("utf-8", "surrogateescape"))
    if size > LONGEST_NAME:
        raise WishRefusal(
            f"principal {str(name)[:40]}...: its name has {size} bytes, and more than {LONGEST_NAME} get lost in a "
            "database; shorten it"
        )


def _check_realm(name: PrincipalName, realm: str) -> None:
    """WishRefusal where the realm's KDC would never be asked for the name: kadmin itself takes it.

    Another realm's krbtgt is the key that two realms share for trust, and both databases hold it.
    """
    named = name.realm.decode("utf-8", "surrogateescape")
    if named != realm and (name.components[0] != b"krbtgt" or named.lower() == realm.lower()):
        raise WishRefusal(
            f"principal {name}: names another realm than {realm}, whose database this is (upper and lower case "
            "differ); correct it, or kadmin.realm"
        )


def _parse(name: PrincipalName, item: Mapping[str, Any], realm: Optional[str], lenient: bool) -> PrincipalWish:
    password = item.get("password")
    always = item.get("update_password") == "always"
    keysalts = parse_keysalts(item.get("enctypes") or ())
    rekey = item.get("rekey") == "when_enctypes_differ"
    if password is not None and check_value(password, "password", secret=True) == "":
        raise WishRefusal("password: is empty; give one, or leave it out for a random key")
    if password is not None and item.get("key") == "random":
        raise WishRefusal("password: contradicts key: random; leave one of the two out")
    new_kvno = item.get("new_kvno")
    if password is None and item.get("key") == "password" and not (lenient and new_kvno is not None):
        raise WishRefusal("password: is missing for key: password; give it, or choose key: random")
    if always and password is None:
        raise WishRefusal("update_password: always has no password to compare with; give one, or leave it out")
    if rekey and not keysalts:
        raise WishRefusal("rekey: when_enctypes_differ has nothing to compare with; name the enctypes")
    if new_kvno is not None and (always or not rekey or item.get("key") != "password"):
        raise WishRefusal(
            "new_kvno: is of keys that keytab_export staged; give it with key: password, rekey: when_enctypes_differ "
            "and without update_password, or leave it out"
        )
    _check_old_keys(name, item)
    policy = item.get("policy")
    if policy is not None:
        check_value(policy, "policy")
    db_args = tuple(check_value(argument, "db_args") for argument in item.get("db_args") or ())
    return PrincipalWish(
        name=name,
        present=item.get("state") != "absent",
        password=password,
        always=always,
        rekey=rekey,
        new_kvno=new_kvno,
        keysalts=keysalts,
        policy=policy,
        attributes=parse_attributes(item.get("attributes") or ()),
        db_args=db_args,
        unlock=bool(item.get("unlock")),
        aliases=_aliases(name, item.get("aliases") or (), realm),
        purge=item.get("old_keys") == PURGE,
        **_times(item),
    )


def _check_old_keys(name: PrincipalName, item: Mapping[str, Any]) -> None:
    purge = item.get("old_keys") == PURGE
    if purge and name.components in UNPURGEABLE:
        raise WishRefusal(f"old_keys: {UNPURGEABLE[name.components]}; leave it out")
    if item.get("tickets_end_after") is not None and not purge:
        raise WishRefusal(f"tickets_end_after: says when old keys can go, and none are to; set old_keys to {PURGE}")


def _aliases(name: PrincipalName, texts: Iterable[str], realm: Optional[str]) -> Tuple[PrincipalName, ...]:
    """Each once; WishRefusal for the principal itself or for one of another realm, which kadmin does not take."""
    aliases = {alias.identity: alias for alias in (parse_principal(text, realm) for text in texts)}
    if name.identity in aliases:
        raise WishRefusal(f"aliases: {name} is the principal itself; leave it out")
    for alias in aliases.values():
        _check_length(alias)
        if alias.realm != name.realm:
            raise WishRefusal(f"aliases: {alias} names another realm than the principal; correct it")
    return tuple(aliases.values())


def _times(item: Mapping[str, Any]) -> Dict[str, int]:
    return {option: read(item[option], option) for option, read in TIMES if item.get(option) is not None}


def parse_wishes(
    items: Iterable[Mapping[str, Any]], realm: Optional[str], lenient: bool = False
) -> Tuple[PrincipalWish, ...]:
    """The wishes in their order, each as of `parse_wish`; WishRefusal where a name is given to two of them."""
    wishes: Dict[Any, PrincipalWish] = {}
    for item in items:
        wish = parse_wish(item, realm, lenient)
        if wishes.setdefault(wish.name.identity, wish) is not wish:
            raise WishRefusal(f"principal {wish.name}: is listed twice; keep one of the two")
    named: Dict[Any, PrincipalName] = {}
    for wish in wishes.values():
        for alias in wish.aliases:
            other = named.setdefault(alias.identity, wish.name)
            if other is not wish.name or alias.identity in wishes:
                raise WishRefusal(f"principal {wish.name}: aliases: {alias} is listed elsewhere too; keep one of them")
    return tuple(wishes.values())
