package dev.holdfast;

import dev.holdfast.admin.Auditor;
import dev.holdfast.admin.DatabaseWatch;
import dev.holdfast.admin.EndedRestore;
import dev.holdfast.admin.LaneRebuild;
import dev.holdfast.admin.LaneSender;
import dev.holdfast.admin.Releases;
import dev.holdfast.admin.inspection.Inspector;
import dev.holdfast.admin.inspection.Repairs;
import dev.holdfast.admin.inspection.RowsByLedger;
import dev.holdfast.admin.preflight.Preflight;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.PreflightBook;
import dev.holdfast.ledger.ReleaseBook;
import dev.holdfast.redis.CheckedLosses;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneSetup;
import dev.holdfast.redis.RedisAtomicStep;
import dev.holdfast.redis.RedisFitness;
import dev.holdfast.redis.RedisLaneTrust;
import dev.holdfast.redis.RedisLedgerStream;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.redis.StockFollowers;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.Lanes;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.ReservationIds;
import dev.holdfast.reservation.RestoringStep;
import java.time.InstantSource;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one event loop needs to reach lanes, all on one connection to Redis. */
record LaneAccess(
        ScriptCalls calls,
        RedisAtomicStep step,
        RedisLedgerStream stream,
        LaneBook losses,
        LaneTrust trust,
        NodeParts node) {

    /** Reads stock where the node follows it; null where that is to be here. */
    static LaneAccess over(ScriptCalls calls, @Nullable StockFollowers elsewhere, NodeParts node) {
        RedisLedgerStream stream = new RedisLedgerStream(calls);
        LaneBook losses = new CheckedLosses(calls.redis(), node.books().lanes());
        RedisLaneTrust trust = new RedisLaneTrust(calls, stream, losses);
        node.books().sales().onForgotten(trust::forget);
        StockFollowers followers = elsewhere == null ? new StockFollowers(calls, stream, trust) : elsewhere;
        return new LaneAccess(
                calls, new RedisAtomicStep(calls, followers, node.metrics()), stream, losses, trust, node);
    }

    ReservationDesk desk() {
        Books books = node.books();
        return new ReservationDesk(
                new Lanes(books.sales(), trust, step, new RestoringStep(step, books.ended()), books.retired()),
                books.reservations(),
                new ReservationIds(node.secrets()),
                node.soldOut(),
                books.recordedSkus(),
                calls.witnesses().suspects(),
                node.keeping().details(),
                InstantSource.system());
    }

    Preflight preflight() {
        Books books = node.books();
        return new Preflight(
                books.sales(),
                new PreflightBook(books.postgres()),
                new RedisFitness(calls.redis()),
                trust,
                stream,
                step);
    }

    LaneSender sender() {
        return new LaneSender(new LaneSetup(calls), trust, node.books(), node.soldOut());
    }

    Auditor auditor() {
        Books books = node.books();
        return new Auditor(node.vertx(), stream, new LaneScan(calls), trust, books, node.metrics());
    }

    Inspector inspector() {
        return new Inspector(
                node.vertx(),
                new LaneScan(calls),
                stream,
                trust,
                node.books(),
                node.inspections(),
                calls.witnesses().suspects(),
                node.metrics(),
                node.keeping().details());
    }

    Repairs repairs() {
        return new Repairs(
                node.vertx(),
                new LaneScan(calls),
                stream,
                trust,
                node.books(),
                node.inspections(),
                node.saleLock(),
                node.metrics(),
                node.keeping().details());
    }

    EndedRestore endedRestore() {
        return new EndedRestore(node.books().ended(), calls, UUID.randomUUID().toString());
    }

    LaneRebuild rebuild() {
        return new LaneRebuild(
                node.vertx(),
                node.books(),
                node.saleLock(),
                new LaneRebuild.Tools(
                        calls,
                        stream,
                        node.keeping().redis(),
                        endedRestore(),
                        new RowsByLedger(node.inspections(), node.keeping().details())));
    }

    DatabaseWatch databaseWatch() {
        return new DatabaseWatch(node.books(), calls);
    }

    Releases releases() {
        return new Releases(desk(), new ReleaseBook(node.books().postgres()));
    }
}
