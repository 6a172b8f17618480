package io.ollyscale.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** jobs knows functions, functions knows schema, and never back; sql and local know none of them. */
@AnalyzeClasses(
        packages = "io.ollyscale",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WithoutTestJars.class})
class ArchitectureTest {

    /** The other modules' generators of test input come as a jar. */
    static final class WithoutTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    @ArchTest
    static final ArchRule schemaIsPlainJava = noClasses()
            .that()
            .resideInAPackage("io.ollyscale.schema..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.flink..",
                    "org.apache.kafka..",
                    "org.postgresql..",
                    "io.ollyscale.functions..",
                    "io.ollyscale.jobs..",
                    "io.ollyscale.sql..",
                    "io.ollyscale.local..");

    @ArchTest
    static final ArchRule functionsKnowSchemaAlone = noClasses()
            .that()
            .resideInAPackage("io.ollyscale.functions..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ollyscale.jobs..", "io.ollyscale.sql..", "io.ollyscale.local..");

    @ArchTest
    static final ArchRule sqlAndLocalStandAlone = noClasses()
            .that()
            .resideInAnyPackage("io.ollyscale.sql..", "io.ollyscale.local..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ollyscale.schema..", "io.ollyscale.functions..", "io.ollyscale.jobs..");

    /** The sink is generic: what it needs to know of telemetry it is given as a function. */
    @ArchTest
    static final ArchRule sinkKnowsNoTelemetry = noClasses()
            .that()
            .resideInAPackage("io.ollyscale.functions.sink..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.ollyscale.(*).(*)..").should().beFreeOfCycles();
}
