package dev.holdfast.cli;

import dev.holdfast.admin.Auditor;
import dev.holdfast.ledger.Books;
import dev.holdfast.redis.PinnedRedis;
import dev.holdfast.redis.RedisLaneTrust;
import dev.holdfast.redis.RedisLedgerStream;
import dev.holdfast.redis.RedisSettings;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.redis.Scripts;
import dev.holdfast.redis.Witnesses;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.VertxInternal;

/** Redis beside PostgreSQL, for a command that works on a sale's lane. What it answers is to be used on its own event loop. */
