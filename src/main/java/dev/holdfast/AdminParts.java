package dev.holdfast;

import dev.holdfast.admin.Adjustments;
import dev.holdfast.admin.CapacityChanges;
import dev.holdfast.admin.Imports;
import dev.holdfast.admin.KeyAdmin;
import dev.holdfast.admin.SaleAdmin;
import dev.holdfast.admin.StockExplainer;
import dev.holdfast.admin.StockExport;
import dev.holdfast.admin.StockImport;
import dev.holdfast.http.AdminRoutes;
import dev.holdfast.http.EventStreams;
import dev.holdfast.http.Health;
import dev.holdfast.http.OutboxFeed;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.DeadLetterBook;
import dev.holdfast.redis.LedgerText;
import java.util.function.Supplier;

/** Puts together what answers admins, on one event loop. */
final class AdminParts {

    private AdminParts() {}

    /**
     * All of them on this loop's connection.
     *
     * @param scrape the metrics as Prometheus reads them
     */
    static AdminRoutes.Parts over(
            LaneAccess redis, KeyAdmin keys, EventStreams outboxStreams, Health health, Supplier<String> scrape) {
        NodeParts node = redis.node();
        Books books = node.books();
        return new AdminRoutes.Parts(
                new SaleAdmin(books, node.saleLock(), redis.sender(), redis.step()),
                new Adjustments(books, node.saleLock(), redis.sender()),
                redis.rebuild(),
                redis.auditor(),
                redis.preflight(),
                files(redis),
                finding(redis),
                new OutboxFeed(node.vertx(), books.events(), outboxStreams),
                keys,
                new AdminRoutes.Trouble(books.incidents(), redis.repairs(), letters(books)),
                books.sales(),
                health,
                scrape);
    }

    private static DeadLetterBook letters(Books books) {
        return new DeadLetterBook(books.postgres(), books.sales(), LedgerText::parse);
    }

    private static AdminRoutes.StockFiles files(LaneAccess redis) {
        NodeParts node = redis.node();
        Books books = node.books();
        CapacityChanges capacities = new CapacityChanges(books, redis.sender(), redis.step());
        return new AdminRoutes.StockFiles(
                new Imports(
                        node.vertx(),
                        books,
                        new StockImport(node.vertx(), books, node.saleLock(), redis.sender(), capacities)),
                new StockExport(node.vertx(), books));
    }

    private static AdminRoutes.Finding finding(LaneAccess redis) {
        NodeParts node = redis.node();
        return new AdminRoutes.Finding(
                node.records(), new StockExplainer(redis.desk(), node.books(), node.records()), redis.releases());
    }
}
