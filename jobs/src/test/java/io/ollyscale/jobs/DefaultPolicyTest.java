package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.schema.policy.PromotedKey;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DefaultPolicyTest {
    private static final Pattern SEED = Pattern.compile("\\('([^']+)', '(\\w+)', (true|false), ");

    @Test
    void promotesWhatTheMigrationsDescribe() throws Exception {
        AttributePolicy policy = PolicyFiles.read(Path.of("..", "flink-conf"));
        Set<String> promoted = new TreeSet<>();
        for (PromotedKey key : policy.promotedKeys()) {
            promoted.add(key.key() + " " + key.type().sqlName() + " " + key.indexed());
        }
        Set<String> seeded = new TreeSet<>();
        for (String file : List.of(
                "V014__attribute_key_seeds.sql",
                "V029__attribute_key_seeds_of_logs_and_metrics.sql",
                "V041__attribute_key_seeds_of_stable_conventions.sql")) {
            try (InputStream seeds = getClass().getResourceAsStream("/db/migration/" + file)) {
                Matcher matcher = SEED.matcher(new String(seeds.readAllBytes(), StandardCharsets.UTF_8));
                while (matcher.find()) {
                    seeded.add(matcher.group(1) + " " + matcher.group(2) + " " + matcher.group(3));
                }
            }
        }
        assertThat(promoted).isEqualTo(seeded);
    }

    @Test
    void keepsTheServiceOfAResourceAndTheStatusOfASpan() throws Exception {
        AttributePolicy policy = PolicyFiles.read(Path.of("..", "flink-conf"));
        assertThat(policy.of(AttributeContext.RESOURCE).promoted()).containsKey("service.name");
        assertThat(policy.of(AttributeContext.SPAN).promoted()).containsKey("http.response.status_code");
    }

    @Test
    void letsWhatItOnlySuggestsBeDropped() throws Exception {
        PolicyFiles.Texts texts = PolicyFiles.texts(Path.of("..", "flink-conf"));
        String dropped = texts.dropped().replaceAll("(?m)^(\\w+:) \\[]$", "$1").replaceAll("(?m)^  # - ", "  - ");
        String promoted = texts.promoted().replaceAll("(?m)^  k8s\\.(pod|replicaset)\\.uid: .*$", "");

        AttributePolicy policy = PolicyFiles.parse(new PolicyFiles.Texts(promoted, dropped));

        assertThat(policy.of(AttributeContext.SPAN).dropped().contains("internal.cache"))
                .isTrue();
        assertThat(policy.of(AttributeContext.RESOURCE).dropped().contains("k8s.pod.uid"))
                .isTrue();
        assertThat(policy.of(AttributeContext.LOG).dropped().contains("log.record.original"))
                .isTrue();
    }
}
