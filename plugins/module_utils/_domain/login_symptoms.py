# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All symptoms of a login, as one table."""

from __future__ import annotations

from .connection_symptoms import REACHING
from .service_symptoms import JUDGEMENTS, KEYTAB_OF_SERVICE, OFFERS, UNKNOWN
from .ticket_symptoms import CLOCK_AND_KDC, CREDENTIALS, TICKETS

LOGIN_SYMPTOMS = (
    *CLOCK_AND_KDC,
    *CREDENTIALS,
    *TICKETS,
    *REACHING,
    *OFFERS,
    *KEYTAB_OF_SERVICE,
    *JUDGEMENTS,
    *UNKNOWN,
)
