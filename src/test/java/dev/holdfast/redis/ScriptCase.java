package dev.holdfast.redis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sale;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A script and a lane in which it has something to do.
 *
 * @param name says what it meets there
 * @param lane prepares the lane; answers the script's arguments after the first, which says where the caller believes the lane to be
 * @param epochsLater how much later the epoch is that the call names than the one that the lane has
 * @param clockStepSeconds by how much Redis's clock is set before the call
 */
record ScriptCase(
        String name, Script script, int epochsLater, int clockStepSeconds, Function<RedisSeed, List<String>> lane) {

    private static final Duration HOLD = Duration.ofMillis(RedisSeed.HOLD_MS);

    @Override
    public String toString() {
        return script.fileName() + ": " + name;
    }

    /** Every script, in lanes in which it takes each of its ways that write. */
    static Stream<ScriptCase> all() {
        return Stream.of(
                        holds(),
                        ends(),
                        extensions(),
                        replacements(),
                        reclaims(),
                        sweeps(),
                        reads(),
                        policies(),
                        stocks(),
                        adjustments(),
                        upkeep(),
                        clocks(),
                        rebuild())
                .flatMap(List::stream);
    }

    private static List<ScriptCase> holds() {
        return List.of(
                of("new carts", Script.HOLD, seed -> {
                    seed.stock("A", 9).stock("B", 9).limit(5);
                    return carts("k1 ann A 1", "k2 bob A 2 B 1", "k3 ann B 1", "k1 ann A 1");
                }),
                of("a repetition whose hold is due, and a new cart", Script.HOLD, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    Reservation due = seed.held("ann", "A", 2, "B", 1);
                    seed.advance(HOLD);
                    return carts(due.id().key() + " ann A 2 B 1", "k2 bob A 2");
                }),
                of("carts that are short until due holds are taken back", Script.HOLD, seed -> {
                    seed.stock("A", 3, 0, "P").stock("B", 2).stock("C", 1, 0, "P");
                    seed.held("ann", "A", 2, "B", 2);
                    seed.held("bob", "A", 1);
                    seed.advance(HOLD);
                    return carts("k1 cid A 2", "k2 dan A 2", "k3 eve B 1");
                }),
                of("a cart that is short until capacity that is to go has gone", Script.HOLD, seed -> {
                    seed.stock("A", 5);
                    seed.held("ann", "A", 4);
                    seed.call(Script.ADJUST, "A", "1", "adjustment-1", "2", "2", "1");
                    seed.advance(HOLD);
                    return carts("k1 cid A 2");
                }));
    }

    private static List<ScriptCase> ends() {
        List<ScriptCase> cases = new ArrayList<>();
        for (Script script : List.of(Script.CONFIRM, Script.RELEASE)) {
            cases.add(of("held carts, one of them twice, and one that has ended", script, seed -> {
                seed.stock("A", 9).stock("B", 9);
                Reservation one = seed.held("ann", "A", 2, "B", 1);
                Reservation two = seed.held("bob", "A", 1);
                Reservation three = seed.held("bob", "A", 1);
                seed.release(three);
                return meant(one, two, one, three);
            }));
            cases.add(of("a cart that is due", script, seed -> {
                seed.stock("A", 9).stock("B", 9);
                Reservation one = seed.held("ann", "A", 2, "B", 1);
                seed.advance(HOLD);
                return meant(one);
            }));
            cases.add(of("a cart with capacity that is to go", script, seed -> {
                seed.stock("A", 5).stock("B", 5);
                Reservation one = seed.held("ann", "A", 4, "B", 5);
                seed.call(Script.ADJUST, "A", "1", "adjustment-1", "2", "2", "1");
                seed.call(Script.ADJUST, "B", "2", "adjustment-2", "2", "4", "1");
                return meant(one);
            }));
        }
        return cases;
    }

    private static List<ScriptCase> extensions() {
        return List.of(
                of("a held cart", Script.EXTEND, seed -> {
                    seed.stock("A", 9);
                    Reservation one = seed.held("ann", "A", 2);
                    return add(meant(one), "120000", "0");
                }),
                of("a cart that is due", Script.EXTEND, seed -> {
                    seed.stock("A", 9);
                    Reservation one = seed.held("ann", "A", 2);
                    seed.advance(HOLD);
                    return add(meant(one), "120000", "0");
                }));
    }

    private static List<ScriptCase> replacements() {
        return List.of(
                of("a cart that grows", Script.REPLACE, seed -> {
                    seed.stock("A", 9).stock("B", 9).limit(5);
                    return add(meant(seed.held("ann", "A", 1)), "A 2 B 3", "0");
                }),
                of("a cart that loses lines, with capacity that is to go", Script.REPLACE, seed -> {
                    seed.stock("A", 5).stock("B", 9).stock("C", 9);
                    Reservation one = seed.held("ann", "A", 4, "B", 3);
                    seed.call(Script.ADJUST, "A", "1", "adjustment-1", "2", "3", "1");
                    return add(meant(one), "B 1 C 1", "0");
                }),
                of("a cart that needs what is due", Script.REPLACE, seed -> {
                    seed.stock("A", 3);
                    seed.held("ann", "A", 2);
                    Reservation one = seed.held("bob", "A", 1);
                    seed.extend(one, 120);
                    seed.advance(HOLD);
                    return add(meant(one), "A 3", "0");
                }),
                of("a cart that is due", Script.REPLACE, seed -> {
                    seed.stock("A", 3);
                    Reservation one = seed.held("bob", "A", 1);
                    seed.advance(HOLD);
                    return add(meant(one), "A 3", "0");
                }),
                of("a cart that loses units, with capacity that is to go", Script.SHRINK, seed -> {
                    seed.stock("A", 5).stock("B", 9);
                    Reservation one = seed.held("ann", "A", 4, "B", 3);
                    seed.call(Script.ADJUST, "A", "1", "adjustment-1", "2", "3", "1");
                    return add(meant(one), "A 2 B 1", "0");
                }));
    }

    private static List<ScriptCase> reclaims() {
        return List.of(
                of("a lost hold", Script.RECLAIM, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    return receipt(seed.held("ann", "A", 1), "H", "lost-reservation-0001", "B 2 A 1");
                }),
                of("a lost confirmation, and what is due is needed", Script.RECLAIM, seed -> {
                    seed.stock("A", 3);
                    Reservation due = seed.held("ann", "A", 3);
                    seed.advance(HOLD);
                    return receipt(due, "C", "lost-reservation-0001", "A 2");
                }),
                of("a lost release of a lost hold, and what is due is needed", Script.RECLAIM, seed -> {
                    seed.stock("A", 3);
                    Reservation due = seed.held("ann", "A", 3);
                    seed.advance(HOLD);
                    return receipt(due, "R", "lost-reservation-0001", "A 2");
                }),
                of("a confirmation of which the hold is left", Script.RECLAIM, seed -> {
                    seed.stock("A", 9);
                    Reservation held = seed.held("ann", "A", 1);
                    return receipt(held, "C", held.id().key(), "A 1");
                }),
                of("a lost replacement, with capacity that is to go", Script.RECLAIM, seed -> {
                    seed.stock("A", 5).stock("B", 9);
                    Reservation held = seed.held("ann", "A", 4);
                    seed.call(Script.ADJUST, "A", "1", "adjustment-1", "2", "3", "1");
                    return receipt(held, "H", held.id().key(), "B 1");
                }),
                of("a confirmation of which the hold is left with other lines", Script.RECLAIM, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    Reservation held = seed.held("ann", "A", 2);
                    return receipt(held, "C", held.id().key(), "A 1 B 1");
                }),
                of("a confirmation of which a hold is left that is due and has other lines", Script.RECLAIM, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    Reservation held = seed.held("ann", "A", 2);
                    seed.advance(HOLD);
                    return receipt(held, "C", held.id().key(), "B 1");
                }));
    }

    /** Of a reservation that was held when this one was. */
    private static List<String> receipt(Reservation like, String state, String key, String lines) {
        return List.of(key, "" + like.heldAtMs(), state, "2", "60000", RedisSeed.FINGERPRINT, "ann", lines);
    }

    private static List<ScriptCase> sweeps() {
        return List.of(
                of("due holds, and capacity that is to go", Script.EXPIRE, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    seed.held("ann", "A", 2, "B", 1);
                    seed.held("ann", "A", 2);
                    seed.held("bob", "B", 4);
                    seed.call(Script.ADJUST, "B", "1", "adjustment-1", "2", "2", "1");
                    seed.advance(HOLD);
                    return List.of("100");
                }),
                of("reservations that are in no entry of due", Script.EXPIRE, seed -> {
                    seed.stock("A", 9);
                    seed.held("ann", "A", 2);
                    seed.release(seed.held("bob", "A", 2));
                    seed.held("cid", "A", 2);
                    seed.room.look().del(seed.keys().due());
                    seed.advance(HOLD);
                    return List.of("100");
                }),
                of("a due hold that is named", Script.EXPIRE, seed -> {
                    seed.stock("A", 9);
                    Reservation named = seed.held("ann", "A", 2);
                    seed.advance(HOLD);
                    return List.of("1", "", named.id().key());
                }),
                of("another retention", Script.EXPIRE, seed -> {
                    seed.stock("A", 9);
                    return List.of("100", "90000000");
                }),
                of("a slip of the clock that is given back", Script.EXPIRE, seed -> {
                    seed.stock("A", 9);
                    seed.held("ann", "A", 1);
                    return List.of("100", "", "", "token 700");
                }),
                of("ended ones, recorded and not, whose retention is over", Script.EXPIRE, seed -> {
                    seed.stock("A", 9);
                    seed.release(seed.held("ann", "A", 2));
                    seed.release(seed.held("bob", "A", 2));
                    seed.call(Script.TRIM, "" + seed.ledger().getLast().seq(), "0", "1");
                    seed.release(seed.held("cid", "A", 2));
                    seed.advance(Duration.ofDays(2));
                    return List.of("100");
                }),
                of("due holds", Script.STOCK, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    seed.held("ann", "A", 2, "B", 1);
                    seed.held("bob", "B", 4);
                    seed.advance(HOLD);
                    return List.of("0");
                }));
    }

    private static List<ScriptCase> reads() {
        return List.of(
                of("a held cart", Script.FIND, seed -> meant(seed.stock("A", 9).held("ann", "A", 2))),
                of("a held cart", Script.EXPIRIES, seed -> {
                    seed.stock("A", 9).held("ann", "A", 2);
                    return List.of("A", "0", "0", "50");
                }),
                of("stock", Script.AUDIT, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    return List.of("A");
                }),
                of("a held cart", Script.SCAN, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    return List.of("holds", "0", "100");
                }),
                of(
                        "a held cart",
                        Script.LOOK,
                        seed -> List.of(
                                "holds",
                                seed.stock("A", 9).held("ann", "A", 2).id().key())),
                of("an open sale", Script.SALE, seed -> List.of()),
                of("an open sale", Script.POSITION, seed -> List.of()));
    }

    private static List<ScriptCase> policies() {
        return List.of(
                of("a newer version", Script.SET_SALE, seed -> policy("0", seed.sale, 5)),
                of("a lane of an older life", Script.SET_SALE, 1, seed -> {
                    seed.stock("A", 9).held("ann", "A", 2);
                    return policy("1", seed.sale, 5);
                }),
                of("no lane", Script.SET_SALE, 1, seed -> {
                    seed.room.look().del(seed.keys().inOrder());
                    return policy("1", seed.sale, 5);
                }));
    }

    private static List<ScriptCase> stocks() {
        return List.of(
                of(
                        "new SKUs",
                        Script.SET_STOCK,
                        seed -> List.of(("A 1 9 0 P 1 " + "B 1 9 2 P 1 " + "C 1 9 0 Q 1").split(" ", -1))),
                of("known SKUs that change their product, and a new one", Script.SET_STOCK, seed -> {
                    seed.stock("A", 9, 0, "P").stock("B", 9, 0, "P").stock("C", 9, 0, "Q");
                    List<String> arguments = new ArrayList<>(List.of("A 2 9 0 Q 0 D 1 4 0 P 1".split(" ", -1)));
                    arguments.addAll(List.of("C", "2", "9", "3", "", "0"));
                    return arguments;
                }));
    }

    private static List<ScriptCase> adjustments() {
        return List.of(
                of("more", Script.ADJUST, seed -> {
                    seed.stock("A", 9);
                    return List.of("A", "1", "adjustment-1", "2", "20", "0");
                }),
                of("less than is held", Script.ADJUST, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    return List.of("A", "1", "adjustment-1", "2", "4", "1");
                }),
                of("less than is held, and some of it due", Script.ADJUST, seed -> {
                    seed.stock("A", 9).stock("B", 9);
                    seed.held("ann", "A", 5, "B", 1);
                    seed.extend(seed.held("bob", "A", 2), 120);
                    seed.call(Script.ADJUST, "B", "1", "adjustment-1", "2", "8", "1");
                    seed.advance(HOLD);
                    return List.of("A", "2", "adjustment-2", "2", "1", "1");
                }),
                of("less than is held, refused after what is due was taken back", Script.ADJUST, seed -> {
                    seed.stock("A", 9);
                    seed.held("ann", "A", 5);
                    seed.extend(seed.held("bob", "A", 2), 120);
                    seed.advance(HOLD);
                    return List.of("A", "1", "adjustment-1", "2", "1", "0");
                }),
                of("none left to go", Script.ADJUST, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    seed.call(Script.ADJUST, "A", "1", "adjustment-1", "2", "4", "1");
                    return List.of("A", "2", "adjustment-2", "3", "9", "1");
                }));
    }

    private static List<ScriptCase> upkeep() {
        return List.of(
                of("a hold that was lost", Script.REPAIR, seed -> {
                    seed.stock("A", 9);
                    Reservation held = seed.held("ann", "A", 6);
                    String key = held.id().key();
                    String packed = seed.room.look().hget(seed.keys().holds(), key);
                    seed.room.look().hdel(seed.keys().holds(), key);
                    return List.of("holds", key, "", packed, "" + held.expiresAtMs());
                }),
                of("a limit that was lost", Script.REPAIR, seed -> {
                    seed.stock("A", 9);
                    seed.room.look().hdel(seed.keys().stock(), "A|limit");
                    return List.of("stock", "A|limit", "", "3", "");
                }),
                of("recorded entries", Script.TRIM, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    return List.of("2", "2", "1");
                }),
                of("a sale that is over", Script.RETIRE, seed -> {
                    seed.stock("A", 9).state(Sale.Switch.CLOSED);
                    return List.of("" + seed.ledger().getLast().seq(), "1");
                }));
    }

    private static List<ScriptCase> clocks() {
        return List.of(
                afterAStep("a new cart, an hour later by Redis's clock", Script.HOLD, seed -> {
                    seed.stock("A", 9);
                    return carts("k1 ann A 1");
                }),
                afterAStep("a held cart, an hour later by Redis's clock", Script.CONFIRM, seed -> {
                    seed.stock("A", 9);
                    return meant(seed.held("ann", "A", 1));
                }),
                afterAStep("a held cart, an hour later by Redis's clock", Script.EXPIRE, seed -> {
                    seed.stock("A", 9).held("ann", "A", 1);
                    return List.of("100");
                }));
    }

    private static List<ScriptCase> rebuild() {
        return List.of(
                of("a lane", Script.STOP, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    return List.of();
                }),
                of("a lane", Script.SEAL, 1, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    return List.of();
                }),
                of("a sealed lane", Script.CLEAR, 1, seed -> {
                    seed.stock("A", 9).held("ann", "A", 6);
                    seed.room.await(() -> restoring(seed).seal());
                    return add(policy(null, seed.sale, 5), "86400000");
                }),
                of("a lane without its SKUs", Script.RESTORE_STOCK, 1, seed -> {
                    seed.stock("A", 9);
                    cleared(seed);
                    List<String> arguments = new ArrayList<>();
                    for (String sku : List.of("A", "B", "C")) {
                        arguments.addAll(List.of((sku + " 9 6 2 1 1 1 0 P 1 7 id,2,8,9,1").split(" ", -1)));
                    }
                    return arguments;
                }),
                of("a lane without its reservations", Script.RESTORE_HOLDS, 1, seed -> {
                    cleared(seed);
                    return List.of(
                            "one", "H", "1", "0", "1000", "60000", "Zm9v", "ann", "A 2 B 1", //
                            "two", "C", "2", "500", "1000", "60000", "Zm9v", "bob", "A 1");
                }),
                of("a lane without its buyers", Script.RESTORE_BUYERS, 1, seed -> {
                    cleared(seed);
                    return List.of("ann", "3", "ann|A", "2", "ann|B", "1", "bob", "1 A");
                }),
                of("a lane that is whole", Script.UNSEAL, 1, seed -> {
                    LaneRestore restore = cleared(seed);
                    seed.room.await(() -> restore.stock(List.of(RestoredLane.sku("A", 9, 7, 2, 0))));
                    seed.room.await(() ->
                            restore.reservations(List.of(RestoredLane.held("one", "ann", RedisSeed.cart("A", 2)))));
                    seed.room.await(() -> restore.allowances(List.of(RestoredLane.allowance("ann", "A", 2))));
                    seed.room.await(restore::settled);
                    return List.of("1", "1");
                }),
                of("ended reservations, one of them known", Script.RESTORE_ENDED, seed -> {
                    seed.stock("A", 9);
                    Reservation known = seed.held("ann", "A", 2);
                    String heldAt = "" + known.heldAtMs();
                    return List.of(
                            known.id().key(),
                            "E",
                            "2",
                            "60000",
                            heldAt,
                            "60000",
                            "Zm9v",
                            "ann",
                            "A 2", //
                            "one",
                            "C",
                            "2",
                            "500",
                            heldAt,
                            "60000",
                            "Zm9v",
                            "bob",
                            "A 1", //
                            "two",
                            "R",
                            "2",
                            "700",
                            heldAt,
                            "60000",
                            "Zm9v",
                            "cid",
                            "A 1 B 2");
                }));
    }

    private static ScriptCase of(String name, Script script, Function<RedisSeed, List<String>> lane) {
        return of(name, script, 0, lane);
    }

    private static ScriptCase of(String name, Script script, int epochsLater, Function<RedisSeed, List<String>> lane) {
        return new ScriptCase(name, script, epochsLater, 0, lane);
    }

    private static ScriptCase afterAStep(String name, Script script, Function<RedisSeed, List<String>> lane) {
        return new ScriptCase(name, script, 0, 3600, lane);
    }

    /** Each: key customer lines. */
    private static List<String> carts(String... carts) {
        List<String> arguments = new ArrayList<>();
        for (String cart : carts) {
            String[] words = cart.split(" ", 3);
            arguments.addAll(List.of(words[0], words[1], RedisSeed.FINGERPRINT, "0", words[2]));
        }
        return arguments;
    }

    private static List<String> meant(Reservation... reservations) {
        List<String> arguments = new ArrayList<>();
        for (Reservation reservation : reservations) {
            ReservationId id = reservation.id();
            arguments.addAll(List.of(id.key(), "" + id.heldAtMs()));
        }
        return arguments;
    }

    private static List<String> add(List<String> arguments, String... more) {
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** As set_sale.lua takes it, or clear.lua, which has no {@code create}. */
    private static List<String> policy(String create, Sale sale, long version) {
        List<String> arguments = new ArrayList<>();
        if (create != null) {
            arguments.add(create);
        }
        arguments.addAll(List.of("" + version, "open", "0", "0", "" + sale.holdMs(), "" + sale.maxHoldMs(), "3", "0"));
        return arguments;
    }

    private static LaneRestore restoring(RedisSeed seed) {
        return new LaneRestore(seed.room.calls, new Lane(seed.lane.saleId(), 0, seed.lane.epoch() + 1));
    }

    @CanIgnoreReturnValue
    private static LaneRestore cleared(RedisSeed seed) {
        LaneRestore restore = restoring(seed);
        seed.room.await(restore::seal);
        seed.room.await(() -> restore.clear(seed.sale, Duration.ofHours(24)));
        return restore;
    }
}
