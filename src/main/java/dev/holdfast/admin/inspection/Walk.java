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
     * @param looked how many entries it has looked at, which is what it costs
     * @param findings confirmed by a second look
     * @param ended whether it was the last one
     */
    record Step(int looked, List<Finding> findings, boolean ended) {}
}
