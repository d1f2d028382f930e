package dev.holdfast.admin;

/**
 * A file that an admin sends.
 *
 * @param file CSV in UTF-8
 * @param trial to tell what would come of it, and do nothing
 */
public record ImportRequest(byte[] file, boolean trial) {}
