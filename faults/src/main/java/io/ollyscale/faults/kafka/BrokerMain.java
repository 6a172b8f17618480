package io.ollyscale.faults.kafka;

import io.ollyscale.local.LocalKafka;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Runs the broker until the process is told to end. */
public final class BrokerMain {

    private BrokerMain() {}

    /** @param args port, log directory, then names and values of broker settings in turn */
    public static void main(String[] args) throws InterruptedException {
        LocalKafka.Builder builder =
                LocalKafka.builder().port(Integer.parseInt(args[0])).logDirectory(Path.of(args[1]));
        List<String> settings = Arrays.asList(args).subList(2, args.length);
        for (int i = 0; i < settings.size(); i += 2) {
            builder.setting(settings.get(i), settings.get(i + 1));
        }
        LocalKafka kafka = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "broker-stop"));
        Thread.currentThread().join();
    }
}
