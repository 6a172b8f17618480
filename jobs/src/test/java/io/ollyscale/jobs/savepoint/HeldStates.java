package io.ollyscale.jobs.savepoint;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.CommonOptionsKeys;

/**
 * The names by which a job finds what a savepoint holds, as lines of text: one for each uid, whether its operator has state or
 * not, and one for each state.
 *
 * <pre>
 * dimension-registry
 * dimension-registry: key_value map written
 * </pre>
 *
 * <p>Flink stops a job when a savepoint has state under a uid that isn't in its graph, but says nothing of a state whose name is
 * another: that begins empty, and the old one is carried along for ever.
 */
final class HeldStates {
    private HeldStates() {}

    /** The uids and states of a savepoint. */
    static SortedSet<String> of(CheckpointMetadata savepoint) throws IOException {
        SortedSet<String> lines = new TreeSet<>();
        for (OperatorState operator : savepoint.getOperatorStates()) {
            String uid = operator.getOperatorUid().orElseThrow();
            lines.add(uid);
            if (operator.getCoordinatorState() != null) {
                lines.add(uid + ": coordinator");
            }
            for (OperatorSubtaskState subtask : operator.getStates()) {
                addOperatorStates(uid + ": ", subtask.getManagedOperatorState(), lines);
                addKeyedStates(uid + ": ", subtask.getManagedKeyedState(), lines);
                if (subtask.getRawOperatorState().hasState()
                        || subtask.getRawKeyedState().hasState()) {
                    lines.add(uid + ": raw");
                }
            }
        }
        return lines;
    }

    /** @param savepoint the URI of its directory */
    static CheckpointMetadata read(String savepoint) throws IOException {
        Path metadata = Path.of(URI.create(savepoint)).resolve("_metadata");
        try (InputStream file = Files.newInputStream(metadata);
                DataInputStream in = new DataInputStream(new BufferedInputStream(file))) {
            return Checkpoints.loadCheckpointMetadata(in, HeldStates.class.getClassLoader(), savepoint);
        }
    }

    private static void addOperatorStates(
            String prefix, Collection<OperatorStateHandle> handles, Collection<String> lines) {
        for (OperatorStateHandle handle : handles) {
            handle.getStateNameToPartitionOffsets()
                    .forEach((name, state) -> lines.add(prefix + lowerCase(state.getDistributionMode()) + " " + name));
        }
    }

    /** Each handle begins with a list of the states in it. */
    private static void addKeyedStates(String prefix, Collection<KeyedStateHandle> handles, Collection<String> lines)
            throws IOException {
        for (KeyedStateHandle handle : handles) {
            if (!(handle instanceof StreamStateHandle stream)) {
                throw new IllegalArgumentException("not in the canonical format: " + handle);
            }
            KeyedBackendSerializationProxy<?> header =
                    new KeyedBackendSerializationProxy<>(HeldStates.class.getClassLoader());
            try (FSDataInputStream in = stream.openInputStream()) {
                header.read(new DataInputViewStreamWrapper(in));
            }
            for (StateMetaInfoSnapshot state : header.getStateMetaInfoSnapshots()) {
                // Timers have none.
                String type = Optional.ofNullable(state.getOption(CommonOptionsKeys.KEYED_STATE_TYPE))
                        .map(name -> name.toLowerCase(Locale.ROOT) + " ")
                        .orElse("");
                lines.add(prefix + lowerCase(state.getBackendStateType()) + " " + type + state.getName());
            }
        }
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
