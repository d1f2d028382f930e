package dev.holdfast.scenario;

import static dev.holdfast.scenario.Story.ID;
import static dev.holdfast.scenario.Story.counts;
import static dev.holdfast.scenario.Story.done;
import static dev.holdfast.scenario.Story.hold;
import static dev.holdfast.scenario.Story.outOfStock;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.scenario.Observation.Audited;
import dev.holdfast.scenario.Observation.BelowUse;
import dev.holdfast.scenario.Observation.CursorRead;
import dev.holdfast.scenario.Observation.SaleSaid;
import dev.holdfast.scenario.Observation.StockSeen;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryCheckerTest {

    private static final String HELD = "held " + ID + " 1 0 1000 5000 f c A 1";
    private static final String CONFIRMED = "confirmed " + ID + " 2 700 1000 5000 f c A 1";
    private static final String PACKED = "C 2 4 700 1000 5000 f c A 1";
    /** Of a story that does not say what Redis has in the end. */
    private static final String REDIS_STOCK = "Redis's stock is not the ledger's";

    private static final long DAY_MS = 86_400_000;

    @Test
    void aSaleThatWentWellHasNoViolations() {
        Story story = sold();

        Violations violations = story.check();

        assertThat(violations.found()).isEmpty();
    }

    @Test
    void booksThatAgreeHaveNoViolations() {
        Story story = sold();

        Violations violations = story.check(4, new Counts(2, 1, 0, 1), row("confirmed"));

        assertThat(violations.found()).isEmpty();
    }

    @Test
    void everyVerbAndRefusalInOrderHasNoViolations() {
        Story story = new Story()
                .then(HELD)
                .then("extended " + ID + " 2 500 1000 5500 f c A 1")
                .then("replaced " + ID + " 3 600 1000 5500 f c A 2 / A 1")
                .then("audit 1650 a A 2 0 2 0 1")
                .then("released " + ID + " 4 700 1000 5500 f c A 2")
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Extend(ID, 5), new Answer.Unknown("time-out"), 25, 30)
                .said(new Ask.Replace(ID, Lines.of("A", 2)), done("held", 2, 6500), 31, 40)
                .said(new Ask.Hold("d", "k", Lines.of("A", 1), null), outOfStock(1, 0, 2), 41, 42)
                .said(new Ask.Release(ID), done("released", 2, 6500), 43, 50)
                .said(new Ask.Confirm(ID), new Answer.Refused("reservation-released"), 51, 60)
                .shelves(2, 0, 0)
                .kept(ID, "R 4 7 700 1000 5500 f c A 2", 1700 + DAY_MS);

        Violations violations = story.check();

        assertThat(violations.found()).isEmpty();
    }

    @Test
    void anExtensionThatNobodyAskedForIsFound() {
        Story story = new Story()
                .then(HELD)
                .then("extended " + ID + " 2 500 1000 6000 f c A 1")
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Extend(ID, 5), new Answer.Unknown("time-out"), 25, 30);

        // Asked at 1500 for 5 s, it would have been 6500.
        assertThat(story.check().perRule()).containsKey("nobody can have caused it");
    }

    @Test
    void sellingMoreThanThereIsIsFound() {
        Story story = new Story().then(HELD.replace("A 1", "A 3"));

        assertThat(story.check().perRule()).containsKeys("oversold or unbalanced", "over the sale's limit");
    }

    @Test
    void aGapInTheLedgerIsFound() {
        Story story = sold().gap();

        assertThat(story.check().perRule()).containsKey("gap in the ledger");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    released  | 3 800 1000 5000 f c A 1  | something after its end
                    confirmed | 3 800 1000 5000 f c A 1  | something after its end
                    expired   | 3 5000 1000 5000 f c A 1 | something after its end
                    """, delimiter = '|')
    void aSecondEndIsFound(String op, String rest, String rule) {
        Story story = sold();

        story.then(op + ' ' + ID + ' ' + rest);

        assertThat(story.check().perRule()).containsKey(rule);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    confirmed | 2 5000 1000 5000 f c A 1        | changed at or after its deadline
                    released  | 2 5001 1000 5000 f c A 1        | changed at or after its deadline
                    expired   | 2 4999 1000 5000 f c A 1        | expired before its deadline
                    extended  | 2 10 1000 10001 f c A 1         | extended past the maximum
                    extended  | 2 10 1000 4000 f c A 1          | extended to an earlier deadline
                    confirmed | 3 10 1000 5000 f c A 1          | revision out of order
                    confirmed | 2 10 1000 5000 g c A 1          | another reservation under the same id
                    confirmed | 2 10 1000 5000 f c A 2          | lines that came from nowhere
                    replaced  | 2 10 1000 5000 f c A 2 / A 2    | lines that came from nowhere
                    confirmed | 2 10 1000 6000 f c A 1          | deadline moved by another verb
                    held      | 2 10 1000 5000 f c A 1          | held twice
                    """, delimiter = '|')
    void aTransitionAgainstTheRulesIsFound(String op, String rest, String rule) {
        Story story = new Story().then(HELD).then(op + ' ' + ID + ' ' + rest);

        assertThat(story.check().perRule()).containsKey(rule);
    }

    @Test
    void unitsTakenWhilePausedAreFound() {
        Story story = new Story().then("sale 700 2 paused 0 0 5000 10000 2 0").then(HELD);

        assertThat(story.check().perRule()).containsKey("units taken while the sale was not open");
    }

    @Test
    void anAuditThatDiffersIsFound() {
        Story story = new Story().then(HELD).then("audit 1650 a A 2 2 0 0 1");

        assertThat(story.check().perRule()).containsKey("audit differs from the fold");
    }

    @Test
    void anAcknowledgedHoldThatIsNotInTheLedgerIsFound() {
        Story story = new Story().said(hold("k", 1), done("held", 1, 6000), 10, 20);

        assertThat(story.check().perRule()).containsKey("acknowledged but not in the ledger");
    }

    @Test
    void anAcknowledgedConfirmThatIsNotInTheLedgerIsFound() {
        Story story = new Story()
                .then(HELD)
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Confirm(ID), done("confirmed", 1, 6000), 30, 40);

        assertThat(story.check().perRule()).containsKey("answer shows what never was");
    }

    @Test
    void anEffectOfARefusedRequestIsFound() {
        Story story = new Story()
                .then(HELD)
                .then(CONFIRMED)
                .said(hold("k", 1), new Answer.Refused("redis-unavailable"), 10, 20)
                .said(new Ask.Confirm(ID), new Answer.Refused("redis-unavailable"), 30, 40);

        assertThat(story.check().perRule())
                .containsKeys("a hold that nobody can have caused", "nobody can have caused it");
    }

    @Test
    void anUnknownHoldMayHaveTakenEffectOnceButNotTwice() {
        Story once = new Story().then(HELD).said(hold("k", 1), new Answer.Unknown("time-out"), 10, 20);
        Story twice = new Story()
                .then(HELD)
                .then(HELD.replace(ID, "another-" + ID))
                .said(hold("k", 1), new Answer.Unknown("time-out"), 10, 20)
                .said(hold("k", 1), new Answer.Unknown("time-out"), 30, 40);

        assertThat(once.check().perRule()).doesNotContainKey("a hold that nobody can have caused");
        assertThat(twice.check().perRule()).containsKey("a hold that nobody can have caused");
    }

    @Test
    void twoReservationsOfOneKeyAreFound() {
        String other = "another-" + ID;
        Story story = new Story()
                .then(HELD)
                .then(HELD.replace(ID, other))
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(hold("k", 1), done(other, "held", 1, 6000), 30, 40);

        assertThat(story.check().perRule()).containsKey("one key, several reservations");
    }

    @Test
    void anotherBodyUnderTheSameKeyIsFound() {
        Story story = new Story()
                .then(HELD)
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(hold("k", 2), done("held", 1, 6000), 30, 40);

        assertThat(story.check().perRule()).containsKey("acknowledged something else than was asked");
    }

    @Test
    void anEntryInFrontOfOneThatWasAnsweredBeforeItWasAskedForIsFound() {
        String other = "another-" + ID;
        Story story = new Story()
                .then(HELD)
                .then(HELD.replace(ID, other))
                .said(hold("k", 1), done("held", 1, 6000), 30, 40)
                .said(hold("l", 1), done(other, "held", 1, 6000), 10, 20);

        assertThat(story.check().perRule()).containsKey("answered before an earlier entry was asked for");
    }

    @Test
    void anAnswerOlderThanOneGivenBeforeIsFound() {
        Story story = sold().said(new Ask.Find(ID), done("held", 1, 6000), 50, 60);

        assertThat(story.check().perRule()).containsKey("answer older than one that was given before");
    }

    @Test
    void aRefusalWithoutReasonIsFound() {
        Story story = sold().said(hold("l", 1), outOfStock(1, 0, 2), 50, 60);

        assertThat(story.check().perRule()).containsKey("refused without reason");
    }

    @Test
    void aUnitThatLayIdleInADueHoldIsFound() {
        String other = "another-" + ID;
        Story story = new Story()
                .then(HELD)
                .then("held " + other + " 1 0 7000 5000 f d A 1")
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Hold("d", "k", Lines.of("A", 1), null), new Answer.Unknown("time-out"), 21, 25)
                .said(new Ask.Find(other), heldBy("d", other), 26, 27)
                .said(new Ask.Hold("e", "k", Lines.of("A", 1), null), outOfStock(1, 0, 2), 30, 40);

        assertThat(story.check().perRule()).containsKey("refused without reason");
    }

    @Test
    void unitsLeftInHoldsAreFound() {
        Story story = new Story().then(HELD).said(hold("k", 1), done("held", 1, 6000), 10, 20);

        assertThat(story.check().perRule()).containsKey("units leaked into holds");
    }

    @Test
    void redisThatDiffersFromItsLedgerIsFound() {
        Story story = sold().shelves(2, 0, 0).bought(0).kept(ID, PACKED.replace('C', 'R'), 5);

        assertThat(story.check().perRule())
                .containsKeys(
                        "Redis's stock is not the ledger's",
                        "Redis's buyers are not the ledger's",
                        "Redis's hold is not the ledger's",
                        "due at a wrong time");
    }

    @Test
    void booksThatDifferFromTheLedgerAreFound() {
        Story story = sold();

        Violations violations = story.check(3, new Counts(2, 2, 0, 0), row("held"));

        assertThat(violations.perRule())
                .containsKeys(
                        "PostgreSQL's stock is not the ledger's",
                        "PostgreSQL's reservation is not the ledger's",
                        "not all is recorded");
    }

    @Test
    void anEntryThatWasRecordedOtherwiseIsFound() {
        Story story = sold();

        Violations violations = story.checkWith(ledger -> ledger.put(4L, CONFIRMED.replace("A 1", "A 2")));

        assertThat(violations.perRule()).containsKey("recorded otherwise than it was");
    }

    @Test
    void anEntryThatWasNotRecordedIsFound() {
        Story story = sold();

        Violations violations = story.checkWith(ledger -> ledger.remove(3L));

        assertThat(violations.perRule()).containsKeys("recorded otherwise than it was", "gap in the ledger");
    }

    @Test
    void stockThatIsSeenBetweenTheLedgersCountsHasNoViolations() {
        Story story = sold().seen(new StockSeen(0, Map.of("A", counts(2, 0)), true, 1, 5))
                .seen(new StockSeen(0, Map.of("A", counts(1, 1)), true, 21, 22))
                .seen(new StockSeen(0, Map.of("A", counts(1, 1)), false, 15, 35))
                .seen(new StockSeen(0, Map.of("A", counts(1, 0)), true, 41, 42))
                .watched(true, new int[] {2, 0}, new int[] {1, 1}, new int[] {1, 0});

        assertThat(story.check().found()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    older than its question      | 2 | 0 | 21 | 29
                    newer than its answer        | 1 | 0 | 1  | 5
                    of no place at all           | 0 | 2 | 1  | 99
                    """, delimiter = '|')
    void stockThatIsSeenOtherwiseIsFound(String how, int available, int held, long start, long end) {
        Story story = sold().seen(new StockSeen(0, Map.of("A", counts(available, held)), true, start, end));

        assertThat(story.check().perRule()).as(how).containsOnlyKeys("stock was shown as it was not");
    }

    @Test
    void aPageWithoutOneOfTheSkusIsFound() {
        Story story = sold().seen(new StockSeen(0, Map.of(), true, 21, 22));

        assertThat(story.check().perRule()).containsOnlyKeys("stock was shown as it was not");
    }

    @Test
    void framesThatGoBackAreFound() {
        Story story = sold().watched(false, new int[] {1, 1}, new int[] {2, 0});

        assertThat(story.check().perRule()).containsOnlyKeys("a stream shows stock out of order, or as it never was");
    }

    @Test
    void aStreamThatStopsBeforeTheEndIsFound() {
        Story story = sold().watched(true, new int[] {2, 0}, new int[] {1, 1});

        assertThat(story.check().perRule()).containsOnlyKeys("a stream does not show the end");
    }

    @Test
    void anAuditThatShowsOtherCountsOrAnotherMomentIsFound() {
        Story right = audited(counts(1, 1), 12, 18);
        Story wrong = audited(counts(2, 0), 12, 18);
        Story late = audited(counts(1, 1), 41, 45);

        assertThat(right.check().perRule()).doesNotContainKey("an audit shows counts that the ledger does not");
        assertThat(wrong.check().perRule()).containsKey("an audit shows counts that the ledger does not");
        assertThat(late.check().perRule()).containsKey("an audit shows counts that the ledger does not");
    }

    @Test
    void anAdminWhoIsToldOfAnotherStateIsFound() {
        Story right = sold().seen(new SaleSaid("open", 0, 1, 50));
        Story wrong = sold().seen(new SaleSaid("paused", 0, 1, 50));

        assertThat(right.check().found()).isEmpty();
        assertThat(wrong.check().perRule()).containsOnlyKeys("an admin was told of a sale as it was not");
    }

    @Test
    void anAdjustmentThatIsRefusedForWhatIsNotHeldIsFound() {
        Story right = sold().seen(new BelowUse("A", 2, 1, 0, 12, 35));
        Story wrong = sold().seen(new BelowUse("A", 2, 2, 0, 12, 35));

        assertThat(right.check().found()).isEmpty();
        assertThat(wrong.check().perRule()).containsOnlyKeys("an adjustment was refused without reason");
    }

    @Test
    void anAdjustmentThatWasInForceBeforeItWasAskedForIsFound() {
        String entry = "adjusted 800 A 1 a 2 0 0 0";
        Story right = sold().then(entry).adjusted("a", 2, 50, 60).said(new Ask.Find(ID), confirmed(), 61, 62);
        Story wrong = sold().then(entry).adjusted("a", 2, 1, 5);

        assertThat(right.check().perRule()).doesNotContainKey("answered before an earlier entry was asked for");
        assertThat(wrong.check().perRule()).containsKey("answered before an earlier entry was asked for");
    }

    @Test
    void recordedIsToldOnlyOfWhatPostgresHas() {
        Story right = sold().said(new Ask.Find(ID), recorded(), 50, 60).seen(new CursorRead(0, 4, 61, 62));
        Story earlier = sold().said(new Ask.Find(ID), recorded(), 50, 60).seen(new CursorRead(0, 3, 40, 45));
        Story wrong = sold().said(new Ask.Find(ID), recorded(), 50, 60).seen(new CursorRead(0, 3, 61, 62));

        assertThat(right.check().found()).isEmpty();
        assertThat(earlier.check().found()).isEmpty();
        assertThat(wrong.check().perRule()).containsOnlyKeys("told as recorded before it was");
    }

    @Test
    void aPurchaseThatIsPutBackAfterALossHasNoViolations() {
        Story story = putBack(HELD, CONFIRMED)
                .said(hold("k", 1), again("confirmed"), 80, 90)
                .seen(new StockSeen(0, Map.of("A", counts(1, 0)), true, 91, 92));

        assertThat(story.checkAfterLoss().found()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    3 900 1000 5000 f c A 1 | something after its end
                    2 700 1000 5000 f c A 1 | revision out of order
                    """, delimiter = '|')
    void aPurchaseThatIsPutBackTwiceIsFound(String rest, String rule) {
        Story story = putBack(HELD, CONFIRMED, "confirmed " + ID + ' ' + rest);

        assertThat(story.checkAfterLoss().perRule()).containsKey(rule);
    }

    @Test
    void aHoldThatIsCountedTwiceByARebuildIsFound() {
        Story story = putBack(HELD, HELD.replace(" 1 0 ", " 2 0 "));

        assertThat(story.checkAfterLoss().perRule()).containsKey("held twice");
    }

    @Test
    void aPurchaseThatIsHeldAnewByARebuildIsFound() {
        Story story = putBack(HELD, CONFIRMED, HELD.replace(" 1 0 ", " 3 0 "));

        assertThat(story.checkAfterLoss().perRule()).containsKey("something after its end");
    }

    @Test
    void aPurchaseThatARebuildSkipsIsFound() {
        Story listed = lostPurchase().filed(ID, true, true).rebuilt(2000, false, 60, 70);
        Story late = lostPurchase().filed(ID, true, false).rebuilt(2000, false, 60, 70);
        Story forgotten = lostPurchase().rebuilt(2000, false, 60, 70);

        assertThat(listed.checkAfterLoss().perRule())
                .containsOnlyKeys("neither put back nor listed as ended", REDIS_STOCK);
        assertThat(late.checkAfterLoss().perRule()).containsOnlyKeys(REDIS_STOCK);
        assertThat(forgotten.checkAfterLoss().perRule())
                .containsOnlyKeys("acknowledged, and after a loss neither in the books nor listed", REDIS_STOCK);
    }

    @Test
    void aPurchaseOfUnitsThatAreGoneMayBeListedInstead() {
        Story there =
                lostPurchase().filed(ID, true, true).found(LostBooks.ENDED, ID).rebuilt(2000, false, 60, 70);
        Story gone = new Story()
                .then("held another-" + ID + " 1 0 1000 5000 f d A 2")
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Confirm(ID), done("confirmed", 1, 6000), 30, 40)
                .lostAt(50)
                .filed(ID, true, true)
                .found(LostBooks.ENDED, ID)
                .rebuilt(2000, false, 60, 70);

        assertThat(there.checkAfterLoss().perRule()).containsKey("not put back, though its units were there");
        assertThat(gone.checkAfterLoss().perRule()).doesNotContainKey("not put back, though its units were there");
    }

    @Test
    void aReleaseThatARebuildSkipsIsFound() {
        Story skipped = released().filed(ID, true, true).rebuilt(2000, false, 60, 70);
        Story done = released()
                .filed(ID, false, true)
                .concluded("released " + ID + " 2 700 1000 5000 f c A 1")
                .found(LostBooks.PUT_BACK, ID)
                .rebuilt(2000, false, 60, 70)
                .shelves(2, 0, 0)
                .kept(ID, "R 2 4 700 1000 5000 f c A 1", 1700 + DAY_MS);

        assertThat(skipped.checkAfterLoss().perRule()).containsKey("neither put back nor listed as ended");
        assertThat(done.checkAfterLoss().found()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    1800 |
                    3000 |
                    3100 | put back for too long
                    5000 | put back for too long
                    1500 | put back for too short a time
                    """, delimiter = '|')
    void aHoldThatIsPutBackEndsByItsTime(long lastsMs, String rule) {
        Story story = new Story()
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .lostAt(50)
                .filed(ID, false, true)
                .concluded("held " + ID + " 1 0 1000 " + lastsMs + " f c A 1")
                .found(LostBooks.PUT_BACK, ID)
                .rebuilt(2000, false, 60, 70)
                .then("expired " + ID + " 2 " + lastsMs + " 1000 " + lastsMs + " f c A 1")
                .shelves(2, 0, 0)
                .kept(ID, "E 2 6 " + lastsMs + " 1000 " + lastsMs + " f c A 1", 1000 + lastsMs + DAY_MS);

        Violations violations = story.checkAfterLoss();

        if (rule == null) {
            assertThat(violations.found()).isEmpty();
        } else {
            assertThat(violations.perRule()).containsOnlyKeys(rule);
        }
    }

    @Test
    void aHoldThatARebuildSkipsIsFoundUnlessItsTimeIsOverOrItWasReleased() {
        Story live = new Story()
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .lostAt(50)
                .filed(ID, true, true)
                .rebuilt(2000, false, 60, 70);
        Story over = new Story()
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .lostAt(50)
                .filed(ID, true, true)
                .rebuilt(6000, false, 60, 70);

        Story released = new Story()
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Release(ID), new Answer.Unknown("time-out"), 30, 40)
                .lostAt(50)
                .filed(ID, "released", true, true)
                .rebuilt(2000, false, 60, 70);

        assertThat(live.checkAfterLoss().perRule()).containsKey("neither put back nor listed as ended");
        assertThat(released.checkAfterLoss().perRule()).containsOnlyKeys(REDIS_STOCK);
        assertThat(over.checkAfterLoss().perRule()).containsOnlyKeys(REDIS_STOCK);
    }

    @Test
    void aKeyWhoseHoldWasPutBackMakesNoOther() {
        String other = "another-" + ID;
        Story story = putBack(HELD, CONFIRMED)
                .then("held " + other + " 1 0 2100 5000 f c A 1")
                .said(hold("k", 1), new Answer.Done(shown(other, 2100), false), 80, 90);

        assertThat(story.checkAfterLoss().perRule()).containsKey("one key, several reservations");
    }

    @Test
    void stockThatIsShownWithoutWhatWasPutBackIsFound() {
        Story story = putBack(HELD, CONFIRMED).seen(new StockSeen(0, Map.of("A", counts(2, 0)), true, 91, 92));

        assertThat(story.checkAfterLoss().perRule()).containsOnlyKeys("stock was shown as it was not");
    }

    @Test
    void whatNobodyAskedForIsNotPutBack() {
        Story story =
                putBack(HELD, CONFIRMED, HELD.replace(ID, "another-" + ID)).found(LostBooks.PUT_BACK, "another-" + ID);

        assertThat(story.checkAfterLoss().perRule()).containsKey("a hold that nobody can have caused");
    }

    @Test
    void aRebuildListsWhatItPutsBack() {
        Story silent =
                lostPurchase().filed(ID, false, true).concluded(HELD, CONFIRMED).rebuilt(2000, false, 60, 70);
        Story boasting = putBack(HELD, CONFIRMED).found(LostBooks.PUT_BACK, "another-" + ID);

        assertThat(silent.checkAfterLoss().perRule()).containsKey("put back and not listed");
        assertThat(boasting.checkAfterLoss().perRule()).containsKey("listed as put back, and was not");
    }

    @Test
    void aRebuildPutsNothingBackWithoutALossOrWhereItIsNotTo() {
        Story healthy = sold().concluded(HELD.replace(ID, "another-" + ID)).rebuilt(2000, false, 60, 70);
        Story discarding = lostPurchase()
                .concluded(HELD, CONFIRMED)
                .found(LostBooks.PUT_BACK, ID)
                .rebuilt(2000, true, 60, 70);

        assertThat(healthy.checkAfterLoss().perRule()).containsKey("put back, though nothing was lost");
        assertThat(discarding.checkAfterLoss().perRule())
                .containsKey("put back by a rebuild that was to put nothing back");
    }

    @Test
    void anIncidentThatCountsOtherwiseIsFound() {
        Story right = putBack(HELD, CONFIRMED).toldAsLost(1, 1);
        Story wrong = putBack(HELD, CONFIRMED).toldAsLost(2, 2);

        assertThat(right.checkAfterLoss().found()).isEmpty();
        assertThat(wrong.checkAfterLoss().perRule())
                .containsOnlyKeys("what was put back and what was not is another number than was lost");
    }

    /** Told of, and lost before it was recorded. */
    private static Story lostPurchase() {
        return new Story()
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Confirm(ID), confirmed(), 30, 40)
                .lostAt(50);
    }

    /** The same, and a rebuild writes these entries. */
    private static Story putBack(String... entries) {
        return lostPurchase()
                .filed(ID, false, true)
                .concluded(entries)
                .found(LostBooks.PUT_BACK, ID)
                .rebuilt(2000, false, 60, 70)
                .shelves(1, 0, 1)
                .bought(1)
                .kept(ID, PACKED, 1700 + DAY_MS);
    }

    /** Its hold is recorded, and its release is lost. */
    private static Story released() {
        return new Story()
                .then(HELD)
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Release(ID), done("released", 1, 6000), 30, 40)
                .lostAt(50);
    }

    private static Answer.Done again(String state) {
        return new Answer.Done(done(state, 1, 6000).shown(), true);
    }

    private static Answer.Shown shown(String id, long heldAtMs) {
        return new Answer.Shown(id, "c", "held", Lines.of("A", 1), heldAtMs, heldAtMs + 5000, 1);
    }

    private static Story audited(Counts counts, long start, long end) {
        return new Story()
                .then(HELD)
                .then("audit 1650 a A 2 1 1 0 1")
                .then(CONFIRMED)
                .said(hold("k", 1), done("held", 1, 6000), 10, 11)
                .said(new Ask.Confirm(ID), confirmed(), 20, 30)
                .seen(new Audited(0, 4, true, Map.of("A", counts), Map.of("A", counts), start, end));
    }

    private static Answer.Done confirmed() {
        return done("confirmed", 1, 6000);
    }

    private static Answer.Done recorded() {
        return new Answer.Done(new Answer.Shown(ID, "c", "confirmed", Lines.of("A", 1), 1000, 6000, 0, true), false);
    }

    private static Answer.Done heldBy(String customer, String id) {
        return new Answer.Done(new Answer.Shown(id, customer, "held", Lines.of("A", 1), 7000, 12_000, 1), false);
    }

    private static Story sold() {
        return new Story()
                .then(HELD)
                .then(CONFIRMED)
                .said(hold("k", 1), done("held", 1, 6000), 10, 20)
                .said(new Ask.Confirm(ID), done("confirmed", 1, 6000), 30, 40)
                .shelves(1, 0, 1)
                .bought(1)
                .kept(ID, PACKED, 1700 + DAY_MS);
    }

    private static BooksState.Row row(String state) {
        return new BooksState.Row(state, "c", Lines.of("A", 1), 1000, 6000, 1700);
    }
}
