package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    postgresql://u:p@db:5433/otel                       | jdbc:postgresql://db:5433/otel                 | u   | p
                    postgres://u@db/otel                                | jdbc:postgresql://db/otel                      | u   |
                    postgresql://db                                     | jdbc:postgresql://db/                          |     |
                    postgresql:///otel                                  | jdbc:postgresql://localhost/otel               |     |
                    postgresql://u:p@[::1]:5432/otel                    | jdbc:postgresql://[::1]:5432/otel              | u   | p
                    postgresql://u:p@a:1,b:2/otel                       | jdbc:postgresql://a:1,b:2/otel                 | u   | p
                    postgresql://a%40b:p%2F%3A%40%25+@db/o%20t          | jdbc:postgresql://db/o+t                       | a@b | p/:@%+
                    postgresql://u:@db/otel                             | jdbc:postgresql://db/otel                      | u   | ''
                    postgresql://u:p@db/otel?sslmode=require            | jdbc:postgresql://db/otel?sslmode=require      | u   | p
                    postgresql://db/otel?user=u&password=p%26q&a=1%202  | jdbc:postgresql://db/otel?a=1+2                | u   | p&q
                    jdbc:postgresql://db:5433/otel                      | jdbc:postgresql://db:5433/otel                 |     |
                    jdbc:postgresql://db/otel?user=u&password=p+q&ssl=x | jdbc:postgresql://db/otel?ssl=x                | u   | p q
                    """)
    void reads(String text, String jdbcUrl, String user, String password) {
        PostgresUrl url = PostgresUrl.parse(text);

        assertThat(url.jdbcUrl()).isEqualTo(jdbcUrl);
        assertThat(url.user()).isEqualTo(user);
        assertThat(url.password()).isEqualTo(password);
    }

    @Test
    void showsNoPassword() {
        assertThat(PostgresUrl.parse("postgresql://u:secret@db:1/otel?sslpassword=secret"))
                .hasToString("postgresql://u:***@db:1/otel");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mysql://u:secret@db/otel",
                "postgresql://u:secret/x@db:1/otel",
                "postgresql://u:secret@db:port/otel",
                "postgresql://u:%ZZsecret@db/otel",
                "u:secret@db/otel"
            })
    void refusesWithoutRepeatingAnyOfIt(String text) {
        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(() -> PostgresUrl.parse(text))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
    }
}
