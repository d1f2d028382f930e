package dev.holdfast.cli;

import dev.holdfast.ledger.Found;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is listed: of all sales or of one, what is open or everything. */
final class Listing {

    /** How many a command that lists asks for in one step. */
    static final int AT_ONCE = 100;

    @Option(
            names = "--sale",
            paramLabel = "<sale>",
            converter = SaleIdConverter.class,
            description = "Of this sale only.")
    private @Nullable SaleId saleId;

    @Option(names = "--all", description = "Those that are over, too.")
    private boolean all;

    /** Null for all sales. */
    @Nullable
    SaleId saleId() {
        return saleId;
    }

    /** This state, where only what is open is to be listed; null for all. */
    <S> @Nullable S onlyIn(S open) {
        return all ? null : open;
    }

    /**
     * Shows all that is found, page after page.
     *
     * @param page the one that begins after this number; null for the first
     */
    static <T> void showAll(Function<@Nullable Long, Future<Found<T, Long>>> page, Consumer<T> show) {
        Found<T, Long> found = page.apply(null).await();
        found.items().forEach(show);
        while (found.next() != null) {
            found = page.apply(found.next()).await();
            found.items().forEach(show);
        }
    }
}
