# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the image of the other realm's KDC, whose packages are installed. The realm is made at the first start.
lab=/opt/lab
install -m 644 "$lab/krb5.conf" /etc/krb5.conf
install -m 644 "$lab/kdc.conf" /etc/krb5kdc/kdc.conf
install -m 644 "$lab/lab-realm.service" /etc/systemd/system/lab-realm.service
systemctl disable krb5-admin-server
systemctl enable lab-realm krb5-kdc
