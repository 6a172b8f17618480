package io.ollyscale.schema.otlp;

import com.google.protobuf.Message;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.TestPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What can be read back of a record: its rows and dimensions, without the hashes. Those cover every field already, so that two
 * records would differ in them alone.
 */
final class StoredForm {
    private static final Pattern HASH_OR_ID = Pattern.compile("\"[0-9a-f]{64}\"|-?[0-9]{9,}");

    private final Map<String, String> dimensionOfId = new HashMap<>();

    private StoredForm() {}

    /** Two forms are equal where PostgreSQL would hold the same, bit by bit. */
    static List<Object> of(Signal signal, Message record) throws RefusedRecordException {
        RecordEncoder encoder = new RecordEncoder(
                signal,
                RecordEncoding.OTLP_PROTO,
                TestPolicy.POLICY.registered(1, key -> Encoding.keyId(key.key())),
                DecodingLimits.DEFAULT);
        EncodedRecord encoded = encoder.encode(record.toByteArray());
        StoredForm form = new StoredForm();
        List<Object> stored = new ArrayList<>();
        for (Dimension dimension : encoded.dimensions()) {
            form.dimensionOfId.put(Long.toString(dimension.id()), dimension.kind() + " " + form.dimensionOfId.size());
        }
        for (Dimension dimension : encoded.dimensions()) {
            Dimension.TypedAttributes typed = dimension.attributes();
            stored.add(Arrays.asList(
                    dimension.kind(),
                    form.withoutHashes(dimension.columns()),
                    dimension.other(),
                    List.of(typed.stringKeys(), typed.strings(), typed.intKeys(), typed.ints(), typed.doubleKeys()),
                    typed.doubleBits(),
                    List.of(typed.boolKeys(), typed.bools(), typed.bytesKeys()),
                    typed.bytes().stream().map(Arrays::toString).toList()));
        }
        EncodedRows rows = new EncodedRows(encoded);
        for (Table table : Table.values()) {
            for (Map<String, Object> row : rows.of(table)) {
                stored.add(List.of(table, row.values().stream().map(form::value).toList()));
            }
        }
        return stored;
    }

    private String withoutHashes(String columns) {
        return HASH_OR_ID
                .matcher(columns)
                .replaceAll(found ->
                        found.group().startsWith("\"") ? "" : dimensionOfId.getOrDefault(found.group(), found.group()));
    }

    private Object value(Object value) {
        return value instanceof Long number
                ? dimensionOfId.getOrDefault(number.toString(), number.toString())
                : exact(value);
    }

    /** Java has all NaNs equal. */
    private static Object exact(Object value) {
        if (value instanceof Double number) {
            return Double.doubleToRawLongBits(number);
        }
        if (value instanceof List<?> elements) {
            return elements.stream().map(StoredForm::exact).toList();
        }
        return value;
    }
}
