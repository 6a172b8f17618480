package io.ollyscale.functions.quarantine;

import io.ollyscale.functions.source.RawHeader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The row of quarantine that a record replays, as its header {@value #HEADER} names it. Whoever deletes that row may store
 * the record.
 *
 * @param token tells the row from one of the same number in another store
 */
public record ReplayTicket(long id, UUID token) {

    public static final String HEADER = "ollyscale-replay";

    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,18}):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})");

    /**
     * Empty for a record that is no replay. A header that no replay of ours writes counts as none: its record was never
     * in quarantine, and to pass it over would lose it.
     */
    public static Optional<ReplayTicket> of(List<RawHeader> headers) {
        Optional<ReplayTicket> ticket = Optional.empty();
        for (RawHeader header : headers) {
            if (header.key().equals(HEADER)) {
                ticket = parse(header.value());
            }
        }
        return ticket;
    }

    /** The header's value: {@code <id>:<token>} in ASCII. */
    public byte[] toBytes() {
        return (id + ":" + token).getBytes(StandardCharsets.US_ASCII);
    }

    private static Optional<ReplayTicket> parse(byte[] valueOrNull) {
        if (valueOrNull == null) {
            return Optional.empty();
        }
        Matcher form = FORM.matcher(new String(valueOrNull, StandardCharsets.ISO_8859_1));
        return form.matches()
                ? Optional.of(new ReplayTicket(Long.parseLong(form.group(1)), UUID.fromString(form.group(2))))
                : Optional.empty();
    }
}
