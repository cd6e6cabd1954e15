# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the image of a host with CAS, whose WAR lies unpacked in /opt/cas/war: makes user, unit and configuration as
# an administrator does who knows nothing of SPNEGO, and compiles the lab's endpoint into the WAR.
lab=/opt/lab
war=/opt/cas/war/WEB-INF
useradd --system --home-dir /var/lib/cas --shell /usr/sbin/nologin cas
install -d -o root -g cas -m 750 /etc/cas /etc/cas/config
install -o root -g cas -m 640 "$lab/cas.properties" /etc/cas/config/cas.properties
install -m 644 "$lab/cas.service" /etc/systemd/system/cas.service
servlet=javax
[ -e "$war"/lib/javax.servlet-api-*.jar ] || servlet=jakarta
sed -i "s/@SERVLET@/$servlet/" "$lab"/negotiate/*.java
javac -nowarn -Xlint:-removal -d "$war/classes" -cp "$war/lib/*" "$lab"/negotiate/*.java
install -d "$war/classes/META-INF/spring"
echo lab.negotiate.NegotiateConfiguration \
    > "$war/classes/META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports"
systemctl enable cas
