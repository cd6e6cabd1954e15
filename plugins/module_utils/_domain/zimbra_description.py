# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What zmprov tells of an attribute (`desc -a NAME`), for those that the catalogue does not hold.

What must restart is judged as in the catalogue.
"""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, Mapping, Optional, Tuple

from .zimbra_catalogue import ACCOUNT, CONFIG, COS, DOMAIN, ENTRY_TYPES, SERVER, Attribute

_FIELD = re.compile(r"^ *(\w+) : (.*)$", re.MULTILINE)
_UNKNOWN = "no attribute info for "
# AttributeClass (zm-store). An account is a mail recipient, and a domain takes such attributes too (recorded).
_PLACES = {
    "globalConfig": (CONFIG,),
    "server": (SERVER,),
    "domain": (DOMAIN,),
    "cos": (COS,),
    "account": (ACCOUNT,),
    "mailRecipient": (ACCOUNT, DOMAIN),
}
_HEIRS = {  # AttributeFlag
    "serverInherited": (SERVER,),
    "domainInherited": (DOMAIN,),
    "accountInherited": (ACCOUNT,),
    "accountCosDomainInherited": (ACCOUNT,),
}
_RESTARTS = {"mailbox": "mailbox", "mta": "mta", "nginxproxy": "proxy"}


def described(name: str, block: str) -> Dict[str, Optional[Attribute]]:
    """The attribute by its name in small letters; None in its place where Zimbra has none of that name.

    Empty where zmprov says something else, for instance because it is too old to describe attributes.
    """
    if block.startswith(_UNKNOWN):
        return {name.lower(): None}
    fields = dict(_FIELD.findall(block))
    if not {"type", "cardinality", "optionalIn"} <= set(fields):
        return {}
    restarts = [_RESTARTS[one] for one in _list(fields, "requiresRestart") if one in _RESTARTS]
    if not restarts and name.lower().startswith("zimbramta"):
        restarts = ["mta"]
    places = f"{fields['optionalIn']},{fields.get('requiredIn', '')}"
    return {
        name.lower(): Attribute(
            block.partition("\n")[0].strip() or name,
            fields["type"],
            # Of one that names no place the directory alone knows where it may be.
            _union(_PLACES, places) if places.strip(" ,") else frozenset(ENTRY_TYPES),
            multiple=fields["cardinality"] == "multi",
            choices=_list(fields, "value") if fields["type"] == "enum" else (),
            least=_number(fields.get("min", "")),
            most=_number(fields.get("max", "")),
            since=fields.get("since", "").strip(),
            deprecated=fields.get("deprecatedSince", "").strip(),
            immutable=fields.get("immutable") == "true",
            restart=",".join(restarts),
            heirs=_union(_HEIRS, fields.get("flags", "")),
        )
    }


def _list(fields: Dict[str, str], name: str) -> Tuple[str, ...]:
    return tuple(part.strip() for part in fields.get(name, "").split(",") if part.strip())


def _union(table: Mapping[str, Tuple[str, ...]], text: str) -> FrozenSet[str]:
    return frozenset(one for part in text.split(",") for one in table.get(part.strip(), ()))


def _number(text: str) -> Optional[int]:
    return int(text) if re.fullmatch(r"-?\d+", text.strip()) else None
