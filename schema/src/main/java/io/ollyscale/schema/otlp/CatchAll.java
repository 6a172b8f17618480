package io.ollyscale.schema.otlp;

import io.ollyscale.schema.copy.JsonOutput;

/** The catch-all of one owner at a time: a JSON object that is only begun with its first member. */
abstract class CatchAll {
    private final ValueJson json;
    private final JsonOutput out;
    private boolean begun;

    CatchAll(JsonOutput out, DecodingLimits limits, UnknownFields unknown) {
        this.out = out;
        json = new ValueJson(out, limits, unknown);
    }

    /** Opens the column or the text. */
    abstract void open();

    /** Closes it; {@code written} is false where it was never opened. */
    abstract void close(boolean written);

    ValueJson json() {
        return json;
    }

    JsonOutput out() {
        return out;
    }

    /** Begins a member, up to its value. */
    ValueJson member(String name) {
        if (begun) {
            out.append(',');
        } else {
            begun = true;
            open();
            out.append('{');
        }
        json.quoted(name);
        out.append(':');
        return json;
    }

    /** Ends the object; the next member begins another owner's. */
    void end() {
        boolean written = begun;
        begun = false;
        if (written) {
            out.append('}');
        }
        close(written);
    }
}
