package io.ollyscale.faults.fuzz;

import static io.ollyscale.faults.fuzz.RecordProperties.require;

import io.ollyscale.schema.otlp.CatchAllReader;
import io.ollyscale.schema.otlp.Dimension;
import io.ollyscale.schema.otlp.Dimension.TypedAttributes;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Whether the procedure that writes dimensions would take them. */
final class DimensionChecks {
    private DimensionChecks() {}

    static void check(List<Dimension> dimensions) {
        Set<String> seen = new HashSet<>();
        for (Dimension dimension : dimensions) {
            String hash = dimension.hash();
            require(hash.matches("[0-9a-f]{64}"), "%s has the hash %s", dimension.kind(), hash);
            require(
                    HexFormat.fromHexDigitsToLong(hash, 0, 16) == dimension.id(),
                    "%s has another id than its hash says",
                    dimension.kind());
            require(seen.add(dimension.kind() + hash), "%s is described twice", dimension.kind());
            JsonbText.check(dimension.kind() + "'s columns", dimension.columns());
            require(dimension.columns().startsWith("{"), "%s's columns are no object", dimension.kind());
            if (dimension.other() != null) {
                JsonbText.check(dimension.kind() + "'s catch-all", dimension.other());
                CatchAllReader.attributes(dimension.other());
            }
            check(dimension.attributes());
        }
    }

    private static void check(TypedAttributes attributes) {
        require(
                attributes.stringKeys().size() == attributes.strings().size()
                        && attributes.intKeys().size() == attributes.ints().size()
                        && attributes.doubleKeys().size()
                                == attributes.doubleBits().size()
                        && attributes.boolKeys().size() == attributes.bools().size()
                        && attributes.bytesKeys().size() == attributes.bytes().size(),
                "lists of attributes of other lengths than their keys");
        require(
                attributes.strings().stream().noneMatch(text -> text.indexOf('\0') >= 0),
                "a promoted attribute holds U+0000");
    }

    /** What two equal ones have in common: their bytes are arrays. */
    static List<String> texts(List<Dimension> dimensions) {
        return dimensions.stream()
                .map(dimension -> dimension.kind()
                        + dimension.hash()
                        + dimension.serviceId()
                        + dimension.columns()
                        + dimension.other()
                        + dimension.attributes().strings()
                        + dimension.attributes().ints()
                        + dimension.attributes().doubleBits()
                        + dimension.attributes().bools()
                        + dimension.attributes().bytes().stream()
                                .map(HexFormat.of()::formatHex)
                                .toList())
                .toList();
    }
}
