package dev.holdfast.support;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How tests wait: for a condition or a result, and for as long as the slowest machine needs. */
public final class TestWait {

    /**
     * How long any test waits for anything, and Awaitility where nothing else is said. It bounds a test that would hang and says nothing
     * of speed: a machine that is busy with other work takes eight times as long as a quiet one.
     */
    public static final Duration LIMIT = Duration.ofMinutes(5);

    private TestWait() {}

    /** For what takes as long as this by itself, and may take {@link #LIMIT} more. */
    public static ConditionFactory forMoreThan(Duration time) {
        return Awaitility.await().atMost(time.plus(LIMIT));
    }

    /** Its result; throws its failure as it is, or AssertionError where it does not come within {@link #LIMIT}. */
    @CanIgnoreReturnValue
    public static <T> T of(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError("failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("did not end within " + LIMIT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
