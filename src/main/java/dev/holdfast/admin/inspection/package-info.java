/**
 * Walks what Redis keeps of each lane beside the books, and the books beside their ledger, a small step at a time, while the sale runs.
 * Whatever differs still when it is looked at again becomes an incident, and can be repaired. Start with {@link
 * dev.holdfast.admin.inspection.Inspector}.
 */
@NullMarked
package dev.holdfast.admin.inspection;

import org.jspecify.annotations.NullMarked;
