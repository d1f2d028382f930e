package dev.holdfast.admin.inspection;

import io.vertx.core.Future;
import java.util.List;

/** Looks through one part of a lane, step by step. Lives as long as one inspection. */
interface Walk {

    /** Takes the next step. */
    Future<Step> step();

    /**
     * What came of a step.
     *
     * @param findings confirmed by a second look
     * @param ended whether it was the last one
     */
    record Step(List<Finding> findings, boolean ended) {}
}
