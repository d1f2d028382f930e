package dev.holdfast.admin.preflight;

import java.util.List;

/** Looks at one side of a sale. Answers at once, from what was gathered. */
@FunctionalInterface
interface Check {

    /** Empty where all is well. */
    List<Finding> findings(Evidence evidence);
}
