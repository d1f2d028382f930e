package dev.holdfast.redis;

import org.jspecify.annotations.Nullable;

/**
 * Which data a connection reaches.
 *
 * @param isMaster whether it may be written to
 * @param deploymentId of the deployment that this Redis belongs to; null where it says none
 */
record Identity(Reign reign, boolean isMaster, @Nullable String deploymentId) {}
