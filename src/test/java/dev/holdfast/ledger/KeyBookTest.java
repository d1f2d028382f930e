package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.ledger.KeyOutcome.Created;
import dev.holdfast.ledger.KeyOutcome.NoSuchKey;
import dev.holdfast.ledger.KeyOutcome.OtherScope;
import dev.holdfast.ledger.KeyOutcome.Revoked;
import dev.holdfast.ledger.KeyOutcome.TwoValid;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyBookTest {

    private static final long NOW_MS = 1_800_000_000_000L;

    private final AtomicLong nowMs = new AtomicLong(NOW_MS);
    private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
    private final String run = UUID.randomUUID().toString();
    private TestBooks db;
    private KeyBook here;
    private KeyBook elsewhere;

    @BeforeAll
    void twoNodesShareADatabase() {
        db = TestBooks.fresh();
        here = new KeyBook(db.postgres, clock);
        elsewhere = new KeyBook(db.postgres, clock);
    }

    @AfterAll
    void close() {
        db.close();
    }

    @Test
    void aKeyIsLongAndRandomAndOnlyItsDigestIsKept() {
        Created one = created(name("long"), KeyScope.CHECKOUT, null);
        Created other = created(name("other"), KeyScope.CHECKOUT, null);

        String rows = db.text("select string_agg(k::text, ' ') from api_keys k");
        String trail = db.text("select string_agg(a::text, ' ') from admin_actions a");

        assertThat(one.secret().reveal())
                .matches("hf_[A-Za-z0-9_-]{43}")
                .isNotEqualTo(other.secret().reveal());
        assertThat(one.toString()).doesNotContain(one.secret().reveal());
        assertThat(rows + trail).doesNotContain(one.secret().reveal());
        assertThat(db.number(
                        "select count(*) from api_keys where digest = sha256($1::text::bytea)",
                        one.secret().reveal()))
                .isEqualTo(1);
    }

    @Test
    void aKeyWorksAtOnceWhereItWasMadeAndSoonElsewhere() {
        Created key = created(name("new"), KeyScope.READ, null);
        KeyDigest digest = KeyDigest.of(key.secret().reveal());
        boolean elsewhereBefore = elsewhere.find(digest).isPresent();

        await(elsewhere.refresh());

        assertThat(here.find(digest))
                .hasValue(new KeyHolder(KeyScope.READ, name("new"), key.key().id()));
        assertThat(elsewhereBefore).isFalse();
        assertThat(elsewhere.find(digest)).isEqualTo(here.find(digest));
    }

    @Test
    void aRevokedKeyWorksNoLongerHereAtOnceAndSoonElsewhere() {
        Created key = created(name("revoked"), KeyScope.ADMIN, null);
        KeyDigest digest = KeyDigest.of(key.secret().reveal());
        await(elsewhere.refresh());

        KeyOutcome outcome = await(here.revoke(revocation(), key.key().id()));
        boolean elsewhereBefore = elsewhere.find(digest).isPresent();
        await(elsewhere.refresh());

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Revoked.class,
                        revoked -> assertThat(revoked.key().state(nowMs.get())).isEqualTo(ApiKey.State.REVOKED));
        assertThat(here.find(digest)).isEmpty();
        assertThat(elsewhereBefore).isTrue();
        assertThat(elsewhere.find(digest)).isEmpty();
    }

    @Test
    void aNameHasTwoValidKeysAndAThirdOnlyWhenOneIsRevoked() {
        Created old = created(name("rotated"), KeyScope.CHECKOUT, null);
        Created next = created(name("rotated"), KeyScope.CHECKOUT, null);

        KeyOutcome third = create(name("rotated"), KeyScope.CHECKOUT, null);
        await(here.revoke(revocation(), old.key().id()));
        KeyOutcome afterwards = create(name("rotated"), KeyScope.CHECKOUT, null);

        assertThat(third).isEqualTo(new TwoValid(old.key().id(), next.key().id()));
        assertThat(afterwards).isInstanceOf(Created.class);
        assertThat(here.find(KeyDigest.of(next.secret().reveal()))).isPresent();
    }

    @Test
    void anExpiredKeyMakesRoomForAnother() {
        created(name("ends"), KeyScope.CHECKOUT, nowMs.get() + 1_000);
        created(name("ends"), KeyScope.CHECKOUT, null);
        boolean full = create(name("ends"), KeyScope.CHECKOUT, null) instanceof TwoValid;

        nowMs.addAndGet(1_000);

        assertThat(full).isTrue();
        assertThat(create(name("ends"), KeyScope.CHECKOUT, null)).isInstanceOf(Created.class);
    }

    @Test
    void ofManyWhoMakeAKeyOfOneNameAtOnceTwoGetOne() {
        List<Future<KeyOutcome>> asked = Stream.generate(
                        () -> here.create(creation(), new NewKey(name("crowd"), KeyScope.READ, null)))
                .limit(6)
                .toList();

        List<KeyOutcome> outcomes = asked.stream().map(TestBooks::await).toList();

        assertThat(outcomes).filteredOn(Created.class::isInstance).hasSize(2);
        assertThat(outcomes).filteredOn(TwoValid.class::isInstance).hasSize(4);
    }

    @Test
    void theKeysOfANameAreForTheSameCalls() {
        created(name("shop"), KeyScope.CHECKOUT, null);

        assertThat(create(name("shop"), KeyScope.ADMIN, null)).isEqualTo(new OtherScope(KeyScope.CHECKOUT));
    }

    @Test
    void aKeyExpiresToTheMillisecond() {
        Created key = created(name("exact"), KeyScope.CHECKOUT, nowMs.get() + 5_000);
        KeyDigest digest = KeyDigest.of(key.secret().reveal());

        nowMs.addAndGet(4_999);
        boolean lastMoment = here.find(digest).isPresent();
        nowMs.addAndGet(1);

        assertThat(lastMoment).isTrue();
        assertThat(here.find(digest)).isEmpty();
        assertThat(key.key().state(nowMs.get())).isEqualTo(ApiKey.State.EXPIRED);
    }

    @Test
    void whenAKeyWasUsedIsWrittenAfterwardsOnce() {
        Created key = created(name("used"), KeyScope.CHECKOUT, null);
        await(here.writeUses());
        long usedAtMs = nowMs.get();

        use(here, key);
        use(here, key);
        boolean onThePathOfARequest = lastUsedAtMs(key) != null;
        await(here.writeUses());

        assertThat(onThePathOfARequest).isFalse();
        assertThat(lastUsedAtMs(key)).isEqualTo(usedAtMs);
    }

    @Test
    void aNodeThatIsBehindDoesNotSetTheLastUseBack() {
        Created key = created(name("two-nodes"), KeyScope.CHECKOUT, null);
        await(elsewhere.refresh());
        use(elsewhere, key);
        long laterMs = nowMs.addAndGet(60_000);
        use(here, key);

        await(here.writeUses());
        await(elsewhere.writeUses());

        assertThat(lastUsedAtMs(key)).isEqualTo(laterMs);
    }

    @Test
    void theTrailTellsWhoMadeAndWhoRevokedAKeyAndWhy() {
        Created key = created(name("told"), KeyScope.READ, nowMs.get() + 1_000);

        await(here.revoke(revocation(), key.key().id()));
        await(here.revoke(revocation(), key.key().id()));

        List<String> trail =
                db.sql("select * from admin_actions where subject = $1 order by action_id", name("told")).stream()
                        .map(KeyBookTest::told)
                        .toList();
        assertThat(trail)
                .containsExactly("alice with ops: key.created, null", "alice with ops: key.revoked, it leaked");
        assertThat(db.text(
                        "select after ->> 'scope' from admin_actions where subject = $1 and before is null",
                        name("told")))
                .isEqualTo("read");
    }

    @Test
    void whatIsNotThereCannotBeRevoked() {
        assertThat(await(here.revoke(revocation(), 999_999))).isEqualTo(new NoSuchKey());
    }

    @Test
    void keysAreListedNewestFirst() {
        Created first = created(name("listed-1"), KeyScope.READ, null);
        Created second = created(name("listed-2"), KeyScope.READ, null);

        List<ApiKey> newest = await(here.list(Long.MAX_VALUE, 1));
        List<ApiKey> before = await(here.list(second.key().id(), 1));

        assertThat(newest).containsExactly(second.key());
        assertThat(before).containsExactly(first.key());
    }

    private static void use(KeyBook book, Created key) {
        assertThat(book.find(KeyDigest.of(key.secret().reveal()))).isPresent();
    }

    private static String told(Row row) {
        return "%s with %s: %s, %s"
                .formatted(
                        row.getString("actor"),
                        row.getString("key_name"),
                        row.getString("action"),
                        row.getString("reason"));
    }

    private @Nullable Long lastUsedAtMs(Created key) {
        return await(here.list(key.key().id() + 1, 1)).getFirst().lastUsedAtMs();
    }

    private String name(String what) {
        return what + "-" + run;
    }

    @CanIgnoreReturnValue
    private Created created(String of, KeyScope scope, @Nullable Long expiresAtMs) {
        return (Created) create(of, scope, expiresAtMs);
    }

    private KeyOutcome create(String of, KeyScope scope, @Nullable Long expiresAtMs) {
        return await(here.create(creation(), new NewKey(of, scope, expiresAtMs)));
    }

    private static AdminAction creation() {
        return new AdminAction(new Author("alice", "ops", "trace-1"), AdminAction.Kind.KEY_CREATED, null);
    }

    private static AdminAction revocation() {
        return new AdminAction(new Author("alice", "ops", "trace-2"), AdminAction.Kind.KEY_REVOKED, "it leaked");
    }
}
