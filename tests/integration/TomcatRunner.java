// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.catalina.startup.Catalina;

/**
 * Real Tomcats, one after the other: arguments FOLDER (their base), then for each the path of a server.xml, and pairs of
 * a port and the size in bytes of a header to send there. Prints the status line of each answer.
 */
public final class TomcatRunner {
    public static void main(String[] arguments) throws Exception {
        Path served = Path.of(arguments[0], "server.xml");
        System.setProperty("catalina.base", arguments[0]);
        System.setProperty("catalina.home", arguments[0]);
        Catalina tomcat = null;
        for (int number = 1; number < arguments.length; number++) {
            if (arguments[number].startsWith("/")) {
                stop(tomcat);
                // Every one of a virtual machine reads the place that the first one read.
                Files.copy(Path.of(arguments[number]), served, StandardCopyOption.REPLACE_EXISTING);
                tomcat = started(served);
            } else {
                System.out.println(answer(Integer.parseInt(arguments[number]), Integer.parseInt(arguments[++number])));
            }
        }
        stop(tomcat);
        System.exit(0);
    }

    private static Catalina started(Path file) {
        Catalina tomcat = new Catalina();
        tomcat.setConfigFile(file.toString());
        tomcat.setAwait(false);
        tomcat.load();
        tomcat.start();
        return tomcat;
    }

    private static void stop(Catalina tomcat) {
        if (tomcat != null) {
            tomcat.stop();
        }
    }

    private static String answer(int port, int size) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            OutputStream out = socket.getOutputStream();
            String header = "X-Padding: " + "x".repeat(size);
            out.write(("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return in.readLine();
        }
    }
}
