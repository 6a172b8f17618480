package io.ollyscale.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Plain COPY of rows that were encoded before: one connection and one thread for each list of transactions. */
final class CopyRun {
    private CopyRun() {}

    /** Stores everything. */
    static void run(Stack stack, Workload workload, Commits commits) throws SQLException, InterruptedException {
        List<Connection> connections = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (List<CopyTransaction> transactions : workload.transactions()) {
                Connection connection = stack.connect();
                connections.add(connection);
                connection.setAutoCommit(false);
                ends.add(threads.submit(() -> {
                    for (CopyTransaction transaction : transactions) {
                        transaction.run(connection);
                        commits.add(transaction.units());
                    }
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("COPY failed", e.getCause());
        } finally {
            threads.shutdownNow();
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }
}
