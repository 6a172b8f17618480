package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.List;

/** The browsers that customers have; the storefront's instances are these in turn. */
enum Browser {
    CHROME_WINDOWS(
            "Windows",
            false,
            "de-DE",
            List.of("Chromium 138", "Google Chrome 138", "Not A;Brand 99"),
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
                    + " Safari/537.36"),
    CHROME_ANDROID(
            "Android",
            true,
            "en-GB",
            List.of("Chromium 138", "Google Chrome 138", "Not A;Brand 99"),
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile"
                    + " Safari/537.36"),
    SAFARI_IPHONE(
            "iOS",
            true,
            "fr-FR",
            List.of(),
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                    + " Version/18.5 Mobile/15E148 Safari/604.1"),
    FIREFOX_LINUX(
            "Linux",
            false,
            "en-US",
            List.of(),
            "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"),
    SAFARI_MAC(
            "macOS",
            false,
            "es-ES",
            List.of(),
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
                    + " Safari/605.1.15"),
    EDGE_WINDOWS(
            "Windows",
            false,
            "pl-PL",
            List.of("Chromium 138", "Microsoft Edge 138", "Not A;Brand 99"),
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
                    + " Safari/537.36 Edg/138.0.0.0");

    private final String platform;
    private final boolean mobile;
    private final String language;
    private final List<String> brands;
    private final String userAgent;

    /** @param brands none where the browser doesn't say them */
    Browser(String platform, boolean mobile, String language, List<String> brands, String userAgent) {
        this.platform = platform;
        this.mobile = mobile;
        this.language = language;
        this.brands = brands;
        this.userAgent = userAgent;
    }

    KeyValue userAgent() {
        return Attribute.text("user_agent.original", userAgent);
    }

    List<KeyValue> resourceAttributes() {
        List<KeyValue> attributes = new ArrayList<>();
        attributes.add(userAgent());
        attributes.add(Attribute.text("browser.platform", platform));
        attributes.add(Attribute.flag("browser.mobile", mobile));
        attributes.add(Attribute.text("browser.language", language));
        if (!brands.isEmpty()) {
            attributes.add(Attribute.texts("browser.brands", brands));
        }
        return attributes;
    }
}
