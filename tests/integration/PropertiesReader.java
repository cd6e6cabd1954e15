// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Properties;
import java.util.StringJoiner;

/**
 * Property files as the JDK reads them, by the call with which CAS reads its own: Properties.load of a stream.
 *
 * Each line of the input is a file's bytes in hexadecimal. The answer is a line too: key=value with commas between, each
 * of their UTF-16 units as four hexadecimal digits, or REFUSED where the JDK does not read the file.
 */
public final class PropertiesReader {
    private PropertiesReader() {
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in));
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            System.out.println(answer(bytes(line)));
            System.out.flush();
        }
    }

    private static String answer(byte[] content) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(content));
        } catch (IllegalArgumentException error) {
            return "REFUSED";
        }
        StringJoiner out = new StringJoiner(",");
        for (String key : properties.stringPropertyNames()) {
            out.add(hex(key) + "=" + hex(properties.getProperty(key)));
        }
        return out.toString();
    }

    private static byte[] bytes(String hex) {
        byte[] out = new byte[hex.length() / 2];
        for (int place = 0; place < out.length; place++) {
            out[place] = (byte) Integer.parseInt(hex.substring(2 * place, 2 * place + 2), 16);
        }
        return out;
    }

    private static String hex(String text) {
        StringBuilder out = new StringBuilder();
        for (char unit : text.toCharArray()) {
            out.append(String.format("%04x", (int) unit));
        }
        return out.toString();
    }
}
