package io.ollyscale.faults.sabotage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;

/** A mechanism that is taken out of the job's jar. */
public enum Sabotage {
    /** A checkpoint is complete before what was read is committed. */
    FACTS_ACKNOWLEDGED_BEFORE_COMMIT("io.ollyscale.functions.sink.PostgresCopyWriter") {
        @Override
        DynamicType.Builder<?> change(DynamicType.Builder<?> type) {
            return withoutFlush(type);
        }
    },
    /** A writer moves the ledger wherever it stands, and whoever moved it there. */
    NO_COMPARE_AND_SET("io.ollyscale.functions.ledger.PositionLedger") {
        @Override
        DynamicType.Builder<?> change(DynamicType.Builder<?> type) {
            return type.visit(new AsmVisitorWrapper.ForDeclaredMethods()
                    .invokable(
                            ElementMatchers.named("advance"),
                            (owner, method, visitor, context, pool, writerFlags, readerFlags) ->
                                    new UnconditionalUpdate(visitor)));
        }
    },
    /** A checkpoint is complete, and the registry's state says so, before dimensions are written. */
    DIMENSIONS_NOT_FLUSHED("io.ollyscale.functions.dimensions.DimensionWriter") {
        @Override
        DynamicType.Builder<?> change(DynamicType.Builder<?> type) {
            return withoutFlush(type);
        }
    };

    private final String className;

    Sabotage(String className) {
        this.className = className;
    }

    abstract DynamicType.Builder<?> change(DynamicType.Builder<?> type);

    /** Writes a jar of the job that has this bug. */
    public void copy(Path jobJar, Path sabotaged) throws IOException {
        try (ClassFileLocator jar = ClassFileLocator.ForJarFile.of(jobJar.toFile());
                ClassFileLocator all =
                        new ClassFileLocator.Compound(jar, ClassFileLocator.ForClassLoader.ofSystemLoader())) {
            TypeDescription type = TypePool.Default.of(all).describe(className).resolve();
            try (DynamicType.Unloaded<?> changed =
                    change(new ByteBuddy().redefine(type, all)).make()) {
                changed.inject(jobJar.toFile(), sabotaged.toFile());
            }
        }
    }

    private static DynamicType.Builder<?> withoutFlush(DynamicType.Builder<?> type) {
        return type.method(ElementMatchers.named("flush")).intercept(StubMethod.INSTANCE);
    }

    /** Takes the conditions out of the statement, but not their parameters. */
    private static final class UnconditionalUpdate extends MethodVisitor {
        private static final Pattern CONDITION =
                Pattern.compile("AND ((?:next_offset|leader_epoch|generation) (?:=|<=) \\?)");

        UnconditionalUpdate(MethodVisitor method) {
            super(OpenedClassReader.ASM_API, method);
        }

        @Override
        public void visitLdcInsn(Object constant) {
            super.visitLdcInsn(
                    constant instanceof String text
                            ? CONDITION.matcher(text).replaceAll("AND ($1 OR true)")
                            : constant);
        }
    }
}
