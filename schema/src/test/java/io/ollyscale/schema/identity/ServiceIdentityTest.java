package io.ollyscale.schema.identity;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServiceIdentityTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void isReadFromTheResource(String name, List<KeyValue> attributes, ServiceIdentity expected) {
        assertThat(ServiceIdentity.of(attributes)).isEqualTo(expected);
    }

    static List<Arguments> isReadFromTheResource() {
        return List.of(
                arguments("nothing", List.of(), new ServiceIdentity(null, null, null, null)),
                arguments(
                        "all",
                        List.of(
                                attribute("service.version", "v"),
                                attribute("deployment.environment.name", "e"),
                                attribute("service.namespace", ""),
                                attribute("service.name", "n")),
                        new ServiceIdentity("n", "", "e", "v")),
                arguments(
                        "the older environment",
                        List.of(attribute("deployment.environment", "old")),
                        new ServiceIdentity(null, null, "old", null)),
                arguments(
                        "both environments",
                        List.of(
                                attribute("deployment.environment", "old"),
                                attribute("deployment.environment.name", "new")),
                        new ServiceIdentity(null, null, "new", null)),
                arguments(
                        "a name twice",
                        List.of(attribute("service.name", "first"), attribute("service.name", "second")),
                        new ServiceIdentity("first", null, null, null)),
                arguments(
                        "a name that is no string",
                        List.of(attribute("service.name", 5)),
                        new ServiceIdentity(null, null, null, null)));
    }

    @Test
    void eachPartIsPartOfTheId() {
        Set<String> ids = Set.of(
                new ServiceIdentity("a", "b", "c", "d").hash().hex(),
                new ServiceIdentity("b", "a", "c", "d").hash().hex(),
                new ServiceIdentity("a", "b", "d", "c").hash().hex(),
                new ServiceIdentity("a", "b", "c", null).hash().hex(),
                new ServiceIdentity("a", "b", "c", "").hash().hex(),
                new ServiceIdentity(null, "b", "c", "d").hash().hex(),
                ServiceIdentity.operationHash(1, "a", 2).hex(),
                ServiceIdentity.operationHash(2, "a", 2).hex(),
                ServiceIdentity.operationHash(1, "b", 2).hex(),
                ServiceIdentity.operationHash(1, "a", 1).hex());

        assertThat(ids).hasSize(10);
    }
}
