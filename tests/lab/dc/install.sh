# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the image of a controller, whose packages are installed: makes the domain and the controller's certificate.
domain=ad.example.test
lab=/opt/lab
rm -f /etc/samba/smb.conf
samba-tool domain provision -s "$lab/smb.conf" --realm=AD.EXAMPLE.TEST --domain=AD --server-role=dc \
    --dns-backend=NONE --host-name=dc1 --host-ip=192.0.2.10 </dev/null
install -m 644 "$lab/smb.conf" /etc/samba/smb.conf
install -m 644 /var/lib/samba/private/krb5.conf /etc/krb5.conf
install -d -m 755 /etc/samba/tls
cd /etc/samba/tls
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=authority of the lab' -keyout ca.key -out ca.pem
openssl req -newkey rsa:2048 -nodes -subj "/CN=dc1.$domain" -keyout dc1.key -out dc1.csr
printf 'subjectAltName = DNS:dc1.%s\nextendedKeyUsage = serverAuth\n' "$domain" > dc1.ext
openssl x509 -req -in dc1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile dc1.ext -out dc1.pem
chmod 600 ./*.key
rm dc1.csr dc1.ext
install -m 644 "$lab/lab-directory.service" /etc/systemd/system/lab-directory.service
install -d /etc/systemd/system/samba-ad-dc.service.d
# Its children outlive a stop, for which systemd would wait 90 s.
printf '[Service]\nTimeoutStopSec=5\n' > /etc/systemd/system/samba-ad-dc.service.d/lab.conf
systemctl mask smbd nmbd winbind
systemctl unmask samba-ad-dc
systemctl enable samba-ad-dc lab-directory
