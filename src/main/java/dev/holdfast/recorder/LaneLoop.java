package dev.holdfast.recorder;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats a step at its pace, one at a time, until it is over or stopped. Lives on one context. */
final class LaneLoop {

    private static final Logger LOG = LoggerFactory.getLogger(LaneLoop.class);

    private final Context context;
    private final String name;
    private final Supplier<Future<Step>> step;
    private final Pace pace;
    private final Promise<Void> ended = Promise.promise();
    private boolean stopping;
    private boolean failing;
    private long timer = -1;

    LaneLoop(Context context, String name, Supplier<Future<Step>> step, Pace pace) {
        this.context = context;
        this.name = name;
        this.step = step;
        this.pace = pace;
    }

    /** Goes on by itself. */
    void run() {
        timer = -1;
        step.get().onComplete(done -> context.runOnContext(now -> goOn(done)));
    }

    /** Completes when no step is under way. */
    Future<Void> stop() {
        stopping = true;
        if (timer >= 0 && context.owner().cancelTimer(timer)) {
            ended.tryComplete();
        }
        return ended.future();
    }

    /** Whether it will do nothing any more. */
    boolean over() {
        return ended.future().isComplete();
    }

    private void goOn(AsyncResult<Step> done) {
        if (done.failed() != failing) {
            failing = done.failed();
            if (failing) {
                LOG.warn("{} waits: {}", name, done.cause().toString());
            } else {
                LOG.info("{} goes on", name);
            }
        }
        if (stopping || (done.succeeded() && done.result() == Step.OVER)) {
            ended.tryComplete();
            return;
        }
        long pauseMs = done.succeeded() ? pace.after(done.result()) : pace.afterFailure();
        if (pauseMs == 0) {
            run();
        } else {
            timer = context.owner().setTimer(pauseMs, due -> run());
        }
    }
}
