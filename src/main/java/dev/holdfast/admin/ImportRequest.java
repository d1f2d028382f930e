package dev.holdfast.admin;

/**
 * A file that an admin sends.
 *
 * @param file CSV in UTF-8
 * @param trial to tell what would come of it, and do nothing
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares two of them, and a copy of 8 MiB would only cost
public record ImportRequest(byte[] file, boolean trial) {}
