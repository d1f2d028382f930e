package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who does an import under a key, and what is remembered of it. */
class ImportBookTest {

    private static final String REPORT = "[false,[2,\"A\",\"created\"]]";

    private static TestBooks db;
    private static ImportBook book;

    private SaleId saleId;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
        book = new ImportBook(db.postgres);
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aSale() {
        saleId = db.openLane().saleId();
        await(db.books.skus().changeSku(TestBooks.ACTION, saleId, new Sku("A"), before -> TestBooks.rules("A", 5)));
    }

    @Test
    void theFirstWhoAsksDoesItAndOthersSeeHowFarItIs() {
        ImportClaim claim = claimed();
        ImportStanding atFirst = standing();
        await(book.renew(claim, 500, 1_200));

        assertThat(claim.isTakenOver()).isFalse();
        assertThat(atFirst).isEqualTo(new ImportStanding.Running(0, 0));
        assertThat(standing()).isEqualTo(new ImportStanding.Running(500, 1_200));
    }

    @Test
    void ofManyWhoAskAtOnceOneDoesIt() {
        List<ImportStanding> standings = await(Future.join(java.util.stream.IntStream.range(0, 20)
                        .mapToObj(n -> book.claim(saleId, "k", "print"))
                        .toList())
                .map(all -> all.<ImportStanding>list()));

        assertThat(standings)
                .filteredOn(ImportStanding.Claimed.class::isInstance)
                .hasSize(1);
        assertThat(standings)
                .filteredOn(ImportStanding.Running.class::isInstance)
                .hasSize(19);
    }

    @Test
    void whatIsAnsweredIsRemembered() {
        ImportClaim claim = claimed();
        await(book.end(claim, REPORT));

        assertThat(standing()).isEqualTo(new ImportStanding.Done(REPORT));
        assertThat(await(book.claim(saleId, "k", "another"))).isEqualTo(new ImportStanding.OtherFile());
        endLease();
        assertThat(standing()).isEqualTo(new ImportStanding.Done(REPORT));
    }

    @Test
    void whereANodeEndsTheNextWhoAsksTakesItOverAndTheFirstCanStoreNothing() {
        ImportClaim first = claimed();
        endLease();
        ImportStanding other = await(book.claim(saleId, "k", "another"));
        ImportClaim second = claimed();

        Throwable late = failureOf(store(first));
        await(store(second));
        await(book.end(first, REPORT));

        assertThat(other).isEqualTo(new ImportStanding.OtherFile());
        assertThat(second.isTakenOver()).isTrue();
        assertThat(second.importId()).isEqualTo(first.importId());
        assertThat(late).isInstanceOf(ImportLost.class);
        assertThat(standing()).isInstanceOf(ImportStanding.Running.class);
    }

    @Test
    void whatIsStoredIsToBeBroughtToItsEnd() {
        ImportClaim first = claimed();
        await(store(first));
        await(book.giveUp(first));

        ImportStanding next = standing();

        assertThat(next)
                .isInstanceOfSatisfying(
                        ImportStanding.ClaimedStored.class,
                        stored -> assertThat(stored.report()).isEqualTo(REPORT));
        await(book.end(((ImportStanding.ClaimedStored) next).claim(), null));
        assertThat(standing()).isEqualTo(new ImportStanding.Done(REPORT));
    }

    @Test
    void whatDidNothingIsForgottenAndItsKeyIsFree() {
        await(book.giveUp(claimed()));

        assertThat(await(book.claim(saleId, "k", "another"))).isInstanceOf(ImportStanding.Claimed.class);
    }

    @Test
    void whatAdjustedAnythingIsGoneOnWith() {
        ImportClaim first = claimed();
        AdminAction action = TestBooks.ACTION.because("a file");
        await(db.books
                .adjustments()
                .openAll(
                        action,
                        saleId,
                        Map.of(new Sku("A"), 9L),
                        new ImportAttempt(first.importId() + "-" + first.attempt(), null)));
        await(book.giveUp(first));

        assertThat(await(book.claim(saleId, "k", "another"))).isEqualTo(new ImportStanding.OtherFile());
        assertThat(claimed().isTakenOver()).isTrue();
        assertThat(await(db.books
                                .adjustments()
                                .ofImport(saleId, first.importId().toString()))
                        .get(false))
                .extracting(adjustment -> adjustment.sku().value())
                .containsExactly("A");
    }

    @Test
    void adjustmentsOfOtherImportsAreNotMistakenForItsOwn() {
        ImportClaim claim = claimed();
        AdminAction action = TestBooks.ACTION.because("a file");
        await(db.books
                .adjustments()
                .openAll(action, saleId, Map.of(new Sku("A"), 9L), new ImportAttempt("another-1", null)));

        assertThat(await(
                        db.books.adjustments().ofImport(saleId, claim.importId().toString())))
                .allSatisfy((applied, adjustments) -> assertThat(adjustments).isEmpty());
    }

    @Test
    void itIsForgottenADayAfterItsEndHoweverLongDetailsAreKept() {
        Duration month = Duration.ofDays(30);
        Instant old = OldRows.IMPORTS.oldSince(Instant.now(), month);
        await(book.end(claimed(), REPORT));

        db.sql(OldRows.IMPORTS.sql(), java.time.OffsetDateTime.ofInstant(old, java.time.ZoneOffset.UTC), 10);
        ImportStanding kept = standing();
        db.sql("""
                update imports set ended_at = ended_at - interval '25 hours', lease_until = lease_until - interval '25 hours'
                where sale_id = $1
                """, saleId.value());
        db.sql(OldRows.IMPORTS.sql(), java.time.OffsetDateTime.ofInstant(old, java.time.ZoneOffset.UTC), 10);

        assertThat(kept).isEqualTo(new ImportStanding.Done(REPORT));
        assertThat(standing()).isInstanceOf(ImportStanding.Claimed.class);
    }

    private ImportStanding standing() {
        return await(book.claim(saleId, "k", "print"));
    }

    private ImportClaim claimed() {
        return ((ImportStanding.Claimed) standing()).claim();
    }

    private Future<Void> store(ImportClaim claim) {
        return db.postgres.inTransaction("store", connection -> ImportBook.store(connection, claim, REPORT));
    }

    private void endLease() {
        db.sql("update imports set lease_until = clock_timestamp() where sale_id = $1", saleId.value());
    }
}
