package io.ollyscale.faults.flink;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Packs a job of the tests and its connector to one jar, as a user's build does. */
final class JobJar {

    private JobJar() {}

    /** @param library the beginning of the name of a jar that is on the class path of the tests */
    static Path pack(Path jar, Class<?> main, String library) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main.getName());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Class<?> type : Stream.concat(Stream.of(main), Stream.of(main.getDeclaredClasses()))
                    .toList()) {
                String name = type.getName().replace('.', '/') + ".class";
                try (InputStream bytes = type.getClassLoader().getResourceAsStream(name)) {
                    add(out, name, bytes);
                }
            }
            try (JarFile classes = new JarFile(library(library))) {
                for (Enumeration<JarEntry> entries = classes.entries(); entries.hasMoreElements(); ) {
                    JarEntry entry = entries.nextElement();
                    if (entry.getName().endsWith(".class")) {
                        add(out, entry.getName(), classes.getInputStream(entry));
                    }
                }
            }
        }
        return jar;
    }

    private static void add(JarOutputStream out, String name, InputStream bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        bytes.transferTo(out);
        out.closeEntry();
    }

    private static File library(String name) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(File::new)
                .filter(file -> file.getName().startsWith(name))
                .findFirst()
                .orElseThrow();
    }
}
