package io.ollyscale.jobs.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command did, within this process. */
record Run(int status, String out, String err) {

    static Run of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Ollyscale.run(new PrintWriter(out), new PrintWriter(err), arguments);
        return new Run(status, out.toString(), err.toString());
    }
}
