// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import sun.security.krb5.EncryptionKey;
import sun.security.krb5.PrincipalName;
import sun.security.krb5.internal.ktab.KeyTab;
import sun.security.krb5.internal.ktab.KeyTabEntry;

/**
 * Keytabs as the JDK's own class reads them, which every Java acceptor uses. (Its program ktab is for Windows only.)
 *
 * Prints "FILE" for each argument, then a line for each entry: the components with commas between them, realm, name
 * type, kvno, enctype, key, and timestamp in seconds; names in hexadecimal of UTF-8, the key in hexadecimal.
 */
public final class KeytabReader {
    private static final HexFormat HEX = HexFormat.of();

    private KeytabReader() {
    }

    public static void main(String[] paths) {
        StringBuilder out = new StringBuilder();
        for (String path : paths) {
            out.append("FILE\n");
            for (KeyTabEntry entry : KeyTab.getInstance(new File(path)).getEntries()) {
                PrincipalName name = entry.getService();
                EncryptionKey key = entry.getKey();
                List<String> components = new ArrayList<>();
                for (String component : name.getNameStrings()) {
                    components.add(hex(component));
                }
                out.append(String.join(",", components)).append(' ')
                        .append(hex(name.getRealmString())).append(' ')
                        .append(name.getNameType()).append(' ')
                        .append(key.getKeyVersionNumber()).append(' ')
                        .append(key.getEType()).append(' ')
                        .append(HEX.formatHex(key.getBytes())).append(' ')
                        .append(entry.getTimeStamp().getTime() / 1000).append('\n');
            }
        }
        System.out.print(out);
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
