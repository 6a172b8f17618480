package io.ollyscale.jobs.demo;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** The processes of all services, and which of them exports next. Browsers export nothing. Not thread-safe. */
final class Processes {
    private final Map<Instance, Process> processes = new LinkedHashMap<>();
    private final PriorityQueue<Process> byExport = new PriorityQueue<>(Comparator.comparingLong(Process::exportDue));

    /** @param started Unix nanoseconds */
    Processes(List<Instance> instances, long started) {
        List<Instance> exporting = instances.stream()
                .filter(instance -> instance.service() != Service.STOREFRONT)
                .toList();
        for (Instance instance : exporting) {
            // No two of them at once, as processes don't start together.
            double phase = (1.0 + processes.size()) / exporting.size();
            processes.put(instance, new Process(instance, started, phase));
        }
        byExport.addAll(processes.values());
    }

    void record(Step step) {
        Process process = processes.get(step.instance());
        if (process != null) {
            process.record(step);
        }
    }

    /** Gives each process whose export is due by then, in their order; it has to export. */
    void export(long unixNanos, Consumer<Process> exporting) {
        while (byExport.element().exportDue() <= unixNanos) {
            Process process = byExport.remove();
            exporting.accept(process);
            byExport.add(process);
        }
    }

    void forEach(Consumer<Process> action) {
        processes.values().forEach(action);
    }

    /** Follows a schedule that was put off or forward. */
    void shift(long nanos) {
        // The same for all, so their order stays.
        forEach(process -> process.shift(nanos));
    }
}
