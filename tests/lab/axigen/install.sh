# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the image of a host with Axigen, which its package has installed.
install -m 644 /opt/lab/lab-administrator.service /etc/systemd/system/lab-administrator.service
systemctl enable lab-administrator
