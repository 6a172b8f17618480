package io.ollyscale.local;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose rights PostgreSQL's programs run with. They refuse root's, so root runs them in a user namespace without any
 * privilege (files still belong to root there) or, where namespaces are forbidden as in most containers, as another user.
 *
 * @param prefix the command line that gives up root's rights, empty for the user that we are
 * @param owner the user that must own what PostgreSQL writes, where that isn't the user that we are
 */
record PostgresAccount(List<String> prefix, Optional<String> owner) {

    private static final long ROOT = 0;

    private static final PostgresAccount OURS = new PostgresAccount(List.of(), Optional.empty());

    /** The first that works here. */
    static PostgresAccount detect() {
        if (new UnixSystem().getUid() != ROOT) {
            return OURS;
        }
        return namespace()
                .or(() -> user("postgres"))
                .or(() -> user("nobody"))
                .orElseThrow(() -> new LocalStackException("PostgreSQL refuses to run as root, and neither 'unshare -U'"
                        + " nor 'setpriv' to the user postgres or nobody works here: run this as another user."));
    }

    static Optional<PostgresAccount> namespace() {
        PostgresAccount account = new PostgresAccount(List.of("unshare", "-U"), Optional.empty());
        // initdb wants a name for the user that it finds itself to be.
        return account.output("id", "-un").map(name -> account);
    }

    static Optional<PostgresAccount> user(String name) {
        Optional<String> uid = OURS.output("id", "-u", name);
        Optional<String> gid = OURS.output("id", "-g", name);
        if (uid.isEmpty() || gid.isEmpty()) {
            return Optional.empty();
        }
        PostgresAccount account = new PostgresAccount(
                List.of("setpriv", "--reuid=" + uid.get(), "--regid=" + gid.get(), "--clear-groups"),
                Optional.of(name));
        return account.output("id", "-u").map(id -> account);
    }

    /**
     * Where the programs are unpacked. Another user reads no home directory of ours.
     *
     * @return a directory that may not exist yet
     */
    Path cache() {
        String configured = System.getenv("XDG_CACHE_HOME");
        // The specification of that variable tells to ignore a relative path.
        if (configured != null && configured.startsWith("/")) {
            return Path.of(configured, "ollyscale");
        }
        return owner.isPresent()
                ? Path.of("/var/cache/ollyscale")
                : Path.of(System.getProperty("user.home"), ".cache", "ollyscale")
                        .toAbsolutePath();
    }

    /** Gives a file or directory to the user that the programs run as. */
    void own(Path path) throws IOException {
        if (owner.isPresent()) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner.get()));
        }
    }

    List<String> commandLine(List<String> command) {
        List<String> line = new ArrayList<>(prefix);
        line.addAll(command);
        return line;
    }

    private Optional<String> output(String... command) {
        try {
            Program.Result result = Program.run(commandLine(List.of(command)));
            return result.status() == 0 ? Optional.of(result.output().strip()) : Optional.empty();
        } catch (IOException notInstalled) {
            return Optional.empty();
        }
    }
}
