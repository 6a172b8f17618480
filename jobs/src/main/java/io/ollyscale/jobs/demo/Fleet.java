package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Every instance of every service: pods of a Kubernetes cluster for each environment, and browsers. */
final class Fleet {
    private static final String REGION = "eu-central-1";
    private static final String POD_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int NODES = 6;
    private static final HexFormat HEX = HexFormat.of();

    private final Map<Environment, Map<Service, List<Instance>>> instances = new EnumMap<>(Environment.class);

    /** @param dice the names and ids of the instances depend on */
    Fleet(Dice dice) {
        for (Environment environment : Environment.values()) {
            Map<Service, List<Instance>> ofEnvironment = new EnumMap<>(Service.class);
            for (Service service : Service.values()) {
                List<Instance> ofService = new ArrayList<>();
                for (Release release : service.releases()) {
                    if (release.environment() == environment) {
                        add(service, release, dice, ofService);
                    }
                }
                ofEnvironment.put(service, ofService);
            }
            instances.put(environment, ofEnvironment);
        }
    }

    /** All of them, in an order that depends on nothing. */
    List<Instance> instances() {
        return instances.values().stream()
                .flatMap(ofEnvironment -> ofEnvironment.values().stream())
                .flatMap(List::stream)
                .toList();
    }

    /** The instance that a request gets. */
    Instance draw(Service service, Environment environment, Dice dice) {
        List<Instance> candidates = instances.get(environment).get(service);
        return candidates.get(dice.below(candidates.size()));
    }

    private static void add(Service service, Release release, Dice dice, List<Instance> instances) {
        String replicaSet = letters(dice, 10);
        for (int i = 0; i < release.instances(); i++) {
            instances.add(
                    service == Service.STOREFRONT
                            ? browser(release, Browser.values()[instances.size() % Browser.values().length])
                            : pod(service, release, replicaSet, dice));
        }
    }

    private static Instance browser(Release release, Browser browser) {
        Resource resource = resource(Service.STOREFRONT, release)
                .addAllAttributes(browser.resourceAttributes())
                .build();
        return new Instance(Service.STOREFRONT, release, resource, browser.userAgent());
    }

    private static Instance pod(Service service, Release release, String replicaSet, Dice dice) {
        String name = service.serviceName();
        String environment = release.environment().text();
        String pod = name + "-" + replicaSet + "-" + letters(dice, 5);
        String address = "10.42." + dice.below(NODES) + "." + (2 + dice.below(250));
        int node = dice.below(NODES);
        Resource resource = resource(service, release)
                .addAttributes(Attribute.text("service.instance.id", uuid(dice)))
                .addAttributes(Attribute.text("host.name", pod))
                .addAttributes(Attribute.text("host.arch", "amd64"))
                .addAttributes(Attribute.text("os.type", "linux"))
                .addAttributes(Attribute.integer("process.pid", service.sdk() == Sdk.JAVA ? 1 : 7 + dice.below(30)))
                .addAttributes(Attribute.texts("process.command_args", List.of("/app/" + name, "--port", "8080")))
                .addAttributes(Attribute.text("container.id", hex(dice, 4)))
                .addAttributes(Attribute.text("k8s.cluster.name", "shop-" + environment))
                .addAttributes(Attribute.text("k8s.namespace.name", "shop"))
                .addAttributes(Attribute.text("k8s.deployment.name", name))
                .addAttributes(Attribute.text("k8s.pod.name", pod))
                .addAttributes(Attribute.text("k8s.pod.uid", uuid(dice)))
                .addAttributes(Attribute.text("k8s.container.name", name))
                .addAttributes(
                        Attribute.text("k8s.node.name", "ip-10-0-" + node + "-17." + REGION + ".compute.internal"))
                .addAttributes(Attribute.text("cloud.provider", "aws"))
                .addAttributes(Attribute.text("cloud.region", REGION))
                .addAttributes(Attribute.text("cloud.availability_zone", REGION + "abc".charAt(node % 3)))
                .build();
        return new Instance(service, release, resource, Attribute.text("network.peer.address", address));
    }

    private static Resource.Builder resource(Service service, Release release) {
        return Resource.newBuilder()
                .addAttributes(Attribute.text("service.name", service.serviceName()))
                .addAttributes(Attribute.text("service.namespace", service.namespace()))
                .addAttributes(Attribute.text("service.version", release.version()))
                .addAttributes(Attribute.text(
                        "deployment.environment.name", release.environment().text()))
                .addAllAttributes(service.sdk().resourceAttributes());
    }

    private static String letters(Dice dice, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(POD_SUFFIX_LETTERS.charAt(dice.below(POD_SUFFIX_LETTERS.length())));
        }
        return text.toString();
    }

    private static String hex(Dice dice, int longs) {
        StringBuilder text = new StringBuilder(longs * 16);
        for (int i = 0; i < longs; i++) {
            text.append(HEX.toHexDigits(dice.next()));
        }
        return text.toString();
    }

    /** A random one, of version 4. */
    private static String uuid(Dice dice) {
        StringBuilder text = new StringBuilder(hex(dice, 2));
        text.setCharAt(12, '4');
        text.setCharAt(16, "89ab".charAt(dice.below(4)));
        for (int dash : new int[] {8, 13, 18, 23}) {
            text.insert(dash, '-');
        }
        return text.toString();
    }
}
