package io.ollyscale.functions.ledger;

import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** {@link LedgerPosition} in checkpoints and savepoints. */
public final class LedgerPositionSerializer implements SimpleVersionedSerializer<LedgerPosition> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(LedgerPosition position) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(128);
        out.writeUTF(position.key().clusterId());
        out.writeUTF(position.key().topicId());
        out.writeUTF(position.key().topic());
        out.writeInt(position.key().partition());
        out.writeLong(position.nextOffset());
        out.writeInt(position.leaderEpoch());
        return out.getCopyOfBuffer();
    }

    @Override
    public LedgerPosition deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException("a ledger position of version " + version + ": written by a newer release");
        }
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        PartitionKey key = new PartitionKey(in.readUTF(), in.readUTF(), in.readUTF(), in.readInt());
        return new LedgerPosition(key, in.readLong(), in.readInt());
    }
}
