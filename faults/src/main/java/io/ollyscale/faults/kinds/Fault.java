package io.ollyscale.faults.kinds;

import io.ollyscale.faults.rounds.Pipeline;
import io.ollyscale.faults.rounds.Servers;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * Something that breaks while load flows.
 *
 * @param name as it stands in the report
 * @param target what it happens to: of things that break together, each happens to another
 * @param mayEnd whether the job may stop for good, with the words that it is to be started without state
 * @param impossible says why it can't be done on this machine, if so
 */
public record Fault(
        String name, Target target, boolean mayEnd, Function<Servers, Optional<String>> impossible, Strike strike) {

    /** In the order in which faults strike together; they are mended from the last to the first. */
    public enum Target {
        /** Needs them to write, and others to take over before it is mended. */
        WRITERS,
        /** Also what it needs: without one nobody tries a checkpoint. */
        JOB_MANAGER,
        BROKER,
        CONNECTIONS,
        POSTGRES,
        TASK_MANAGERS,
        /** A procedure that needs the servers to be whole, so that nothing else may break meanwhile. */
        ALL
    }

    /** Breaks it, and returns what mends it. Throws {@link MissedException} where there was nothing to hit, and then leaves all as it was. */
    @FunctionalInterface
    public interface Strike {
        Repair on(Servers servers, Pipeline pipeline, Random random) throws Exception;
    }

    /** There was nothing to hit. */
    public static final class MissedException extends Exception {
        private static final long serialVersionUID = 1;

        MissedException(String message) {
            super(message);
        }
    }

    /** Mends it. */
    @FunctionalInterface
    public interface Repair {
        void mend() throws Exception;

        /** It mends itself, or was mended already. */
        Repair NONE = () -> {};
    }

    static Fault of(String name, Target target, Strike strike) {
        return new Fault(name, target, false, servers -> Optional.empty(), strike);
    }

    /** After which a restart may not help. */
    static Fault ending(String name, Strike strike) {
        return new Fault(name, Target.ALL, true, servers -> Optional.empty(), strike);
    }

    @Override
    public String toString() {
        return name;
    }
}
