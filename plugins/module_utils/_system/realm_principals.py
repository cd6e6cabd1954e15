# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The principals of a realm for a look at their keys, in one conversation with kadmin."""

from __future__ import annotations

from typing import Sequence, Tuple

from .._domain.kadmin_access import LOCAL, KadminAccess
from .._domain.kadmin_output import PrincipalRecord
from .._domain.kadmin_symptoms import NotThereYet
from .._domain.realm_plan import check_spelling
from .configured_realms import configured_realms
from .kadmin import Kadmin
from .kadmin_principals import find_principals


def read_realm(access: KadminAccess, patterns: Sequence[str] = ("*",)) -> Tuple[PrincipalRecord, ...]:
    """The principals that match one of ``patterns`` (see `principal_pattern`); of names that do not exist nothing.

    Nothing either where the realm is not there yet, that is where this host is to be its KDC and has no kadmin.local or
    no database. RealmRefusal where a file names the realm in other upper and lower case, KadminRefusal where it cannot
    be read for another reason; over the network also NotThereYet, where this host has no kadmin.
    """
    with Kadmin(access) as kadmin:
        try:
            kadmin.begin()
        except NotThereYet:
            if access.mode != LOCAL:
                raise
            if access.realm:
                check_spelling(access.realm, configured_realms())
            return ()
        return tuple(record for record, dummy in find_principals(kadmin, patterns)[0])
