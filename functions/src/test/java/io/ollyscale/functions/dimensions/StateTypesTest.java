package io.ollyscale.functions.dimensions;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.otlp.Dimension;
import io.ollyscale.schema.otlp.DimensionKind;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is exchanged between tasks and kept in state has serializers that let fields be added later. */
class StateTypesTest {

    static Stream<Record> records() {
        Dimension.TypedAttributes attributes = new Dimension.TypedAttributes(
                List.of(1),
                List.of("a"),
                List.of(2),
                List.of(5L),
                List.of(3),
                List.of(0x7ff800000000beefL),
                List.of(4),
                List.of(true),
                List.of(5),
                List.of(new byte[] {1, -1}));
        return Stream.of(
                new Sighting(
                        -1, 2, 3, new Dimension(DimensionKind.RESOURCE, -1, 0, "hash", "{}", attributes, "{\"a\":1}")),
                new Sighting(1, 0, 3, new Dimension(DimensionKind.OPERATION, 4, 1, "hash", "{}", attributes, null)),
                new Sighting(5, 2, 3, new Dimension(DimensionKind.SERIES, 5, 0, "hash", "{}", attributes, null)),
                new LastWrite(5, 6),
                new AdmittedOperations(7, 8));
    }

    @ParameterizedTest
    @MethodSource("records")
    void isAPojoForFlink(Record original) throws IOException {
        TypeInformation<Record> type = typeOf(original);
        assertThat(type).isInstanceOf(PojoTypeInfo.class);

        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        TypeSerializer<Record> serializer = type.createSerializer(new SerializerConfigImpl(configuration));
        DataOutputSerializer bytes = new DataOutputSerializer(64);
        serializer.serialize(original, bytes);
        Record copy = serializer.deserialize(new DataInputDeserializer(bytes.getCopyOfBuffer()));

        assertThat(copy).usingRecursiveComparison().isEqualTo(original);
    }

    @SuppressWarnings("unchecked")
    private static TypeInformation<Record> typeOf(Record original) {
        return (TypeInformation<Record>) TypeInformation.of(original.getClass());
    }
}
