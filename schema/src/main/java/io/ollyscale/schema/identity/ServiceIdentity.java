package io.ollyscale.schema.identity;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/**
 * A service: the four resource attributes that name it. Values that aren't strings don't name anything; where a key occurs
 * twice, the first counts. Each is null where it is absent, which isn't the same as empty.
 *
 * @param name {@code service.name}
 * @param namespace {@code service.namespace}
 * @param environment {@code deployment.environment.name}, else the older {@code deployment.environment}
 * @param version {@code service.version}
 */
public record ServiceIdentity(String name, String namespace, String environment, String version) {

    public static ServiceIdentity of(List<KeyValue> resourceAttributes) {
        String environment = stringAttribute(resourceAttributes, "deployment.environment.name");
        return new ServiceIdentity(
                stringAttribute(resourceAttributes, "service.name"),
                stringAttribute(resourceAttributes, "service.namespace"),
                environment != null ? environment : stringAttribute(resourceAttributes, "deployment.environment"),
                stringAttribute(resourceAttributes, "service.version"));
    }

    public IdentityHash hash() {
        return new CanonicalForm("service")
                .optionalText(name)
                .optionalText(namespace)
                .optionalText(environment)
                .optionalText(version)
                .hash();
    }

    /** One of a service's operations: its spans of one name and kind. */
    public static IdentityHash operationHash(long serviceId, String spanName, int spanKind) {
        return new CanonicalForm("operation")
                .integer(serviceId)
                .text(spanName)
                .integer(spanKind)
                .hash();
    }

    /** The first string value of a key; null if there is none. */
    public static String stringAttribute(List<KeyValue> attributes, String key) {
        for (KeyValue attribute : attributes) {
            if (attribute.getKey().equals(key)
                    && attribute.getValue().getValueCase() == AnyValue.ValueCase.STRING_VALUE) {
                return attribute.getValue().getStringValue();
            }
        }
        return null;
    }
}
