/** What a rebuild compares and concludes where Redis and PostgreSQL do not know the same of a lane. */
@NullMarked
package dev.holdfast.admin.rebuild;

import org.jspecify.annotations.NullMarked;
