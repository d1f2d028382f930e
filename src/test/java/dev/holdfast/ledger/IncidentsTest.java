package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.reservation.Lane;
import dev.holdfast.support.TestServers;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import java.time.OffsetDateTime;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IncidentsTest {

    private static final AdminAction RESOLVED = new AdminAction(
            new Author("alice", "ops", "trace-1"), AdminAction.Kind.INCIDENT_RESOLVED, "it was looked at");

    private static TestBooks db;

    private Incidents incidents;
    private Lane lane;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aLaneThatSells() {
        incidents = db.books.incidents();
        lane = db.openLane();
    }

    @Test
    void whatHappenedIsThereWithItsSizeItsFactsAndWhatToDo() {
        boolean written = await(incidents.report(
                lane,
                new NewIncident(IncidentKind.ADJUSTMENT_NOT_RECORDED, "adjustment 7 is not recorded")
                        .about("A")
                        .of(5)
                        .with(new JsonObject().put("adjustmentNo", 7))));

        Incident incident = only();
        assertThat(written).isTrue();
        assertThat(incident.kind()).isEqualTo("adjustment-not-recorded");
        assertThat(incident.state()).isEqualTo(Incident.State.OPEN);
        assertThat(incident.subject()).isEqualTo("A");
        assertThat(incident.units()).isEqualTo(5);
        assertThat(incident.epoch()).isEqualTo(lane.epoch());
        assertThat(incident.detail()).isEqualTo("adjustment 7 is not recorded");
        assertThat(incident.details()).isEqualTo("{\"adjustmentNo\":7}");
        assertThat(incident.times()).isEqualTo(1);
        assertThat(incident.whatToDo()).isNotBlank();
        assertThat(incident.call()).hasValue("GET /v1/admin/dead-letters?saleId=" + lane.saleId() + "&state=waiting");
        assertThat(db.laneState(lane)).isEqualTo("open");
    }

    @ParameterizedTest
    @EnumSource(IncidentKind.class)
    void everyKindLeavesTheLaneAsItSays(IncidentKind kind) {
        await(incidents.report(lane, new NewIncident(kind, "a test").about("9")));

        String expected = kind.laneAfter().word();
        assertThat(db.laneState(lane)).isEqualTo(expected == null ? "open" : expected);
        assertThat(only().stoppedTheSale()).isEqualTo(kind.stopsTheLane());
        assertThat(only().call().isPresent()).isNotEqualTo(kind.call().isEmpty());
        assertThat(only().whatToDo()).doesNotContain("{");
        only().call()
                .ifPresent(call -> assertThat(call)
                        .matches("GET [^ {]+|POST [^ {]+ \\{\"reason\":\"incident [0-9]+: " + kind.word() + "\".*}"));
    }

    @Test
    void whatHappensAgainWhileItIsOpenIsCountedNotWrittenTwice() {
        await(incidents.report(lane, adjustment("A", "the first time")));
        await(incidents.report(lane, adjustment("A", "the second time")));
        await(incidents.report(lane, adjustment("B", "another SKU")));

        List<Incident> found = all();
        assertThat(found).extracting(Incident::subject).containsExactly("B", "A");
        assertThat(found.getLast().times()).isEqualTo(2);
        assertThat(found.getLast().detail()).isEqualTo("the second time");
        assertThat(found.getLast().lastAtMs())
                .isGreaterThanOrEqualTo(found.getLast().atMs());
    }

    @Test
    void whatHappensAgainAfterItWasResolvedIsNew() {
        await(incidents.report(lane, adjustment("A", "the first time")));
        await(incidents.resolve(RESOLVED, only().id()));

        await(incidents.report(lane, adjustment("A", "the second time")));

        assertThat(all()).extracting(Incident::state).containsExactly(Incident.State.OPEN, Incident.State.RESOLVED);
        assertThat(all()).extracting(Incident::times).containsExactly(1L, 1L);
    }

    @Test
    void whoeverResolvesItIsInTheTrailOnce() {
        await(incidents.report(lane, adjustment("A", "once")));
        long id = only().id();

        Incident resolved = await(incidents.resolve(RESOLVED, id)).orElseThrow();
        Incident again =
                await(incidents.resolve(RESOLVED.because("another reason"), id)).orElseThrow();

        Incident.Resolution resolution = resolved.resolution();
        assertThat(resolution.by()).isEqualTo("alice");
        assertThat(resolution.reason()).isEqualTo("it was looked at");
        assertThat(again).isEqualTo(resolved);
        assertThat(db.text(
                        "select string_agg(actor || ' ' || action || ' ' || subject || ': ' || reason, ',') from admin_actions"
                                + " where sale_id = $1 and action = 'incident.resolved'",
                        lane.saleId().value()))
                .isEqualTo("alice incident.resolved " + id + ": it was looked at");
        assertThat(await(incidents.resolve(RESOLVED, Long.MAX_VALUE))).isEmpty();
    }

    @Test
    void aReportThatComesTooLateForALaneChangesNothing() {
        Lane past = new Lane(lane.saleId(), lane.number(), lane.epoch() - 1);
        await(db.books.lanes().reportLost(lane, "Redis is empty"));

        boolean ofThePast = await(incidents.report(past, new NewIncident(IncidentKind.HISTORY_LOST, "too late")));
        boolean twice = await(incidents.report(lane, new NewIncident(IncidentKind.HISTORY_LOST, "once more")));

        assertThat(ofThePast).isFalse();
        assertThat(twice).isFalse();
        assertThat(only().detail()).isEqualTo("Redis is empty");
    }

    @Test
    void whatIsAboutNoSaleAloneIsWrittenAndCountedToo() {
        NewIncident strange = new NewIncident(IncidentKind.ADJUSTMENT_NOT_RECORDED, "of no sale");

        await(incidents.report(strange));
        await(incidents.report(strange));

        Incident found = await(incidents.find(
                        new Incidents.Query(null, Incident.State.OPEN, IncidentKind.ADJUSTMENT_NOT_RECORDED, null),
                        null,
                        100))
                .items()
                .stream()
                .filter(incident -> incident.saleId() == null)
                .findFirst()
                .orElseThrow();
        assertThat(found.times()).isEqualTo(2);
        assertThat(found.epoch()).isNull();
        assertThat(found.call()).isEmpty();
        await(incidents.resolve(RESOLVED, found.id()));
    }

    @Test
    void aRebuildEndsWhatOnlyARebuildCanEnd() {
        await(incidents.report(lane, adjustment("A", "for a person")));
        await(db.books.lanes().reportLost(lane, "Redis is empty"));

        Rebuild rebuild = await(db.books.rebuilds().begin(lane.saleId(), RebuildSource.POSTGRES, 0, TestBooks.ACTION))
                .orElseThrow();
        await(db.books.rebuilds().turn(rebuild, rebuild.to(), 0));
        await(db.books.rebuilds().open(rebuild, 0, 0, false));

        List<Incident> found = all();
        assertThat(found).extracting(Incident::state).containsExactly(Incident.State.RESOLVED, Incident.State.OPEN);
        assertThat(found.getFirst().resolution().by()).isEqualTo("holdfast");
        assertThat(found.getFirst().resolution().reason())
                .contains("epoch " + rebuild.to().epoch());
    }

    @Test
    void whatWasToldAfterALookBeganIsNotOverWhenTheLookEnds() {
        await(incidents.report(lane, adjustment("A", "before it")));
        await(incidents.report(lane, adjustment("B", "before it, and found again")));
        OffsetDateTime begun = await(incidents.now());
        await(incidents.report(lane, adjustment("C", "meanwhile")));

        await(incidents.over(
                lane.saleId(), IncidentKind.ADJUSTMENT_NOT_RECORDED, List.of("B"), begun, "nothing was found"));

        assertThat(all()).extracting(Incident::subject).containsExactly("C", "B", "A");
        assertThat(all())
                .extracting(Incident::state)
                .containsExactly(Incident.State.OPEN, Incident.State.OPEN, Incident.State.RESOLVED);
    }

    @Test
    void pagesJoinWhereTheyWereCut() {
        List.of("A", "B", "C").forEach(sku -> await(incidents.report(lane, adjustment(sku, "one of three"))));
        Incidents.Query query = new Incidents.Query(lane.saleId(), null, null, null);

        Found<Incident, Long> first = await(incidents.find(query, null, 2));
        Found<Incident, Long> second = await(incidents.find(query, first.next(), 2));

        assertThat(first.items()).extracting(Incident::subject).containsExactly("C", "B");
        assertThat(second.items()).extracting(Incident::subject).containsExactly("A");
        assertThat(second.next()).isNull();
    }

    @Test
    void theOpenOnesAreCountedOverAllSales() {
        Incidents counting = new Incidents(db.postgres, db.books.sales());
        await(incidents.report(lane, adjustment("A", "one")));
        await(incidents.report(db.openLane(), adjustment("A", "of another sale")));
        long open = db.number("select count(*) from incidents where state = 'open'");

        await(counting.start());

        await().until(() -> counting.open() == open);
        assertThat(open).isGreaterThanOrEqualTo(2);
        await(counting.stop());
    }

    @Test
    void thoseFromBeforeTheListAreOpenOnlyWhereASaleStillWaits() {
        String uri = TestServers.freshDatabase();
        PgConnectOptions server = PgConnectOptions.fromUri(uri);
        Flyway.configure()
                .dataSource(Migrations.jdbcUrl(server), server.getUser(), server.getPassword())
                .target("10")
                .load()
                .migrate();
        try (TestBooks old = TestBooks.unmigrated(uri)) {
            old.sql("""
                    insert into sales (sale_id, name, hold_ms, max_hold_ms, per_customer_limit, currency, rehearsal, state,
                                       clock_offset_ms, version)
                    select s, s, 1, 1, 0, 'EUR', false, 'open', 0, 1 from unnest(array['sells', 'waits']) s
                    """);
            old.sql("""
                    insert into lanes (sale_id, lane, epoch, state) values ('sells', 0, 7, 'open'), ('waits', 0, 8, 'frozen')
                    """);
            old.sql("""
                    insert into incidents (sale_id, lane, epoch, kind, detail)
                    values ('sells', 0, 6, 'history-lost', 'one'), ('waits', 0, 6, 'books-do-not-add-up', 'two'),
                           ('waits', 0, 8, 'books-do-not-add-up', 'three')
                    """);

            Migrations.run(uri);

            assertThat(old.text("select string_agg(detail, ' ') from incidents where state = 'open'"))
                    .isEqualTo("three");
        }
    }

    private static NewIncident adjustment(String sku, String detail) {
        return new NewIncident(IncidentKind.ADJUSTMENT_NOT_RECORDED, detail).about(sku);
    }

    private Incident only() {
        List<Incident> found = all();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private List<Incident> all() {
        return await(incidents.find(new Incidents.Query(lane.saleId(), null, null, null), null, 100))
                .items();
    }
}
