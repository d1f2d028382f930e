package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.Line;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what Redis counts of each buyer with what the reservations come to, after the same entry of the ledger: the books' sums with the
 * entries that they do not have yet.
 */
final class BuyerLook {

    /** So many entries may be missing in the books. */
    private static final int MOST_BETWEEN = 2_000;

    private static final int LOOK_AGAIN_MS = 50;

    private static final int LOOKS = 4;

    /** As include/writes.lua writes it: the total, and the SKU where there is one alone. */
    private static final Pattern TOTAL = Pattern.compile("(-?[0-9]{1,14}) ?(\\S*)");

    private static final Pattern UNITS = Pattern.compile("-?[0-9]{1,14}");

    private final Vertx vertx;
    private final LaneScan scan;
    private final LedgerStream stream;
    private final InspectionBook book;

    BuyerLook(Vertx vertx, LaneScan scan, LedgerStream stream, InspectionBook book) {
        this.vertx = vertx;
        this.scan = scan;
        this.stream = stream;
        this.book = book;
    }

    /**
     * A buyer on both sides.
     *
     * @param fields of Redis, by name; null where there is none
     * @param wanted the same as they must be
     */
    private record Buyer(String customer, Map<String, @Nullable String> fields, Map<String, @Nullable String> wanted) {

        boolean isRight() {
            return Objects.equals(meaning(fields), meaning(wanted));
        }

        /** Units by SKU, whichever way they are written; null where they cannot be read, or their sum is not the total. */
        private @Nullable Map<String, Long> meaning(Map<String, @Nullable String> of) {
            Map<String, Long> units = new TreeMap<>();
            String total = of.get(customer);
            for (Map.Entry<String, @Nullable String> field : of.entrySet()) {
                String value = field.getValue();
                if (!field.getKey().equals(customer) && value != null) {
                    if (!UNITS.matcher(value).matches()) {
                        return null;
                    }
                    units.put(field.getKey().substring(customer.length() + 1), Long.valueOf(value));
                }
            }
            if (total == null) {
                return units.isEmpty() ? units : null;
            }
            Matcher read = TOTAL.matcher(total);
            if (!read.matches()) {
                return null;
            }
            long sum = Long.parseLong(read.group(1));
            if (!read.group(2).isEmpty()) {
                return units.isEmpty() ? Map.of(read.group(2), sum) : null;
            }
            return units.values().stream().mapToLong(Long::longValue).sum() == sum ? units : null;
        }

        private long units(Map<String, @Nullable String> of) {
            Map<String, Long> units = meaning(of);
            return units == null
                    ? 0
                    : units.values().stream().mapToLong(Long::longValue).sum();
        }

        Finding finding() {
            return new Finding(
                    IncidentKind.BUYER_DIFFERS,
                    customer,
                    Math.max(1, Math.abs(units(wanted) - units(fields))),
                    "Redis counts " + told(fields) + "; the reservations come to " + told(wanted));
        }

        private static String told(Map<String, @Nullable String> fields) {
            StringBuilder text = new StringBuilder();
            fields.forEach((name, value) -> {
                if (value != null) {
                    text.append(text.isEmpty() ? "" : ", ")
                            .append(name)
                            .append(" = ")
                            .append(value);
                }
            });
            return text.isEmpty() ? "nothing" : text.toString();
        }
    }

    /**
     * What is wrong with these customers; empty where that cannot be told now, because the recorder is far behind.
     *
     * @param seen names of fields that were met in Redis, besides those that there must be
     */
    Future<List<Finding>> look(Lane lane, Collection<String> customers, Collection<String> seen) {
        return differing(lane, customers, seen)
                .map(buyers -> buyers.stream().map(Buyer::finding).toList());
    }

    /** Sets what Redis counts of the customer to what the reservations come to; whether it is so then. */
    Future<Boolean> repair(Lane lane, String customer) {
        AtomicReference<Boolean> repaired = new AtomicReference<>(false);
        int[] tries = {0};
        return stray(lane, customer)
                .compose(seen -> AsyncLoop.whileTrue(() -> buyers(lane, List.of(customer), seen)
                        .compose(found -> {
                            if (found.isEmpty()) {
                                return Future.succeededFuture(tries[0]++ < 20);
                            }
                            Buyer buyer = found.get().getFirst();
                            if (buyer.isRight()) {
                                repaired.set(true);
                                return Future.succeededFuture(false);
                            }
                            return scan.repair(lane, Part.BUYERS, repairs(buyer))
                                    .map(done -> tries[0]++ < 20);
                        })))
                .map(done -> repaired.get());
    }

    private static List<LaneScan.Repair> repairs(Buyer buyer) {
        List<LaneScan.Repair> repairs = new ArrayList<>();
        buyer.fields()
                .forEach((name, value) -> repairs.add(
                        new LaneScan.Repair(name, value, buyer.wanted().get(name), null)));
        return repairs;
    }

    /** Fields of this customer that name a SKU: all of them are walked for it, because nobody else knows their names. */
    private Future<Set<String>> stray(Lane lane, String customer) {
        Set<String> names = new LinkedHashSet<>();
        AtomicReference<String> cursor = new AtomicReference<>(LaneScan.START);
        return AsyncLoop.whileTrue(() -> scan.walk(lane, Part.BUYERS, cursor.get())
                        .map(step -> {
                            cursor.set(step.next());
                            step.entries().stream()
                                    .map(LaneScan.Entry::name)
                                    .filter(name -> customerOf(name).equals(customer))
                                    .forEach(names::add);
                            return !step.isLast();
                        }))
                .map(names);
    }

    /** Of a field of the hash of buyers. */
    static String customerOf(String field) {
        int bar = field.indexOf('|');
        return bar < 0 ? field : field.substring(0, bar);
    }

    /** Those that were wrong in two looks, in the same way. */
    private Future<List<Buyer>> differing(Lane lane, Collection<String> customers, Collection<String> seen) {
        return buyers(lane, customers, seen).compose(first -> {
            List<Buyer> wrong = first.stream()
                    .flatMap(List::stream)
                    .filter(buyer -> !buyer.isRight())
                    .toList();
            return wrong.isEmpty() ? Future.succeededFuture(List.of()) : confirmed(lane, wrong, seen, LOOKS);
        });
    }

    private Future<List<Buyer>> confirmed(Lane lane, List<Buyer> before, Collection<String> seen, int looksLeft) {
        List<String> customers = before.stream().map(Buyer::customer).toList();
        return vertx.timer(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)
                .compose(waited -> buyers(lane, customers, seen))
                .compose(now -> {
                    List<Buyer> wrong = now.stream()
                            .flatMap(List::stream)
                            .filter(buyer -> !buyer.isRight())
                            .toList();
                    boolean settled = now.isPresent() && before.containsAll(wrong);
                    return settled || looksLeft == 0
                            ? Future.succeededFuture(settled ? wrong : List.<Buyer>of())
                            : confirmed(lane, wrong.isEmpty() ? before : wrong, seen, looksLeft - 1);
                });
    }

    /** Both sides, each buyer after one entry; empty where they cannot be brought there now. */
    private Future<Optional<List<Buyer>>> buyers(Lane lane, Collection<String> customers, Collection<String> seen) {
        return book.allowances(lane, customers).compose(books -> {
            Iterator<Map<String, Set<String>>> each =
                    groups(names(customers, seen, books.byCustomer())).iterator();
            List<Buyer> all = new ArrayList<>();
            AtomicBoolean complete = new AtomicBoolean(true);
            return AsyncLoop.whileTrue(() -> {
                        if (!each.hasNext()) {
                            return Future.succeededFuture(false);
                        }
                        return group(lane, books, each.next()).map(group -> {
                            group.ifPresent(all::addAll);
                            complete.set(group.isPresent());
                            return group.isPresent();
                        });
                    })
                    .map(done -> complete.get() ? Optional.of(all) : Optional.empty());
        });
    }

    /** As many buyers as one call shows. Whoever has more SKUs than that is left out. */
    private static List<Map<String, Set<String>>> groups(Map<String, Set<String>> names) {
        List<Map<String, Set<String>>> groups = new ArrayList<>();
        Map<String, Set<String>> group = new LinkedHashMap<>();
        int fields = 0;
        for (Map.Entry<String, Set<String>> one : names.entrySet()) {
            int more = one.getValue().size();
            if (more > LaneScan.MOST_NAMES) {
                continue;
            }
            if (fields + more > LaneScan.MOST_NAMES) {
                groups.add(group);
                group = new LinkedHashMap<>();
                fields = 0;
            }
            group.put(one.getKey(), one.getValue());
            fields += more;
        }
        groups.add(group);
        return groups;
    }

    private Future<Optional<List<Buyer>>> group(
            Lane lane, InspectionBook.Allowances books, Map<String, Set<String>> names) {
        List<String> fields = names.values().stream().flatMap(Set::stream).toList();
        if (fields.isEmpty()) {
            return Future.succeededFuture(Optional.of(List.of()));
        }
        return scan.show(lane, Part.BUYERS, fields)
                .compose(shown -> between(lane, books.recordedSeq(), shown.seq())
                        .compose(entries -> {
                            if (entries.isEmpty()) {
                                return Future.succeededFuture(Optional.empty());
                            }
                            Map<String, Map<String, Long>> units = brought(books.byCustomer(), entries.get());
                            if (addNames(names, units)) {
                                return group(lane, books, names);
                            }
                            Map<String, @Nullable String> values = new HashMap<>();
                            shown.entries().forEach(entry -> values.put(entry.name(), entry.value()));
                            List<Buyer> buyers = new ArrayList<>();
                            names.forEach((customer, theirs) -> buyers.add(
                                    buyer(customer, theirs, values, units.getOrDefault(customer, Map.of()))));
                            return Future.succeededFuture(Optional.of(buyers));
                        }));
    }

    /** Adds the SKUs that these buyers got since the books were read; whether there were any, so that Redis has to be asked for them, too. */
    private static boolean addNames(Map<String, Set<String>> names, Map<String, Map<String, Long>> units) {
        boolean added = false;
        for (Map.Entry<String, Set<String>> one : names.entrySet()) {
            for (String sku : units.getOrDefault(one.getKey(), Map.of()).keySet()) {
                added |= one.getValue().add(one.getKey() + '|' + sku);
            }
        }
        return added;
    }

    private static Buyer buyer(
            String customer, Set<String> names, Map<String, @Nullable String> values, Map<String, Long> units) {
        Map<String, @Nullable String> fields = new LinkedHashMap<>();
        Map<String, @Nullable String> wanted = new LinkedHashMap<>();
        names.forEach(name -> {
            fields.put(name, values.get(name));
            wanted.put(name, null);
        });
        Map<String, Long> positive = new TreeMap<>();
        units.forEach((sku, count) -> {
            if (count > 0) {
                positive.put(sku, count);
            }
        });
        long total = positive.values().stream().mapToLong(Long::longValue).sum();
        if (positive.size() == 1) {
            wanted.put(customer, total + " " + positive.keySet().iterator().next());
        } else if (!positive.isEmpty()) {
            wanted.put(customer, Long.toString(total));
            positive.forEach((sku, count) -> wanted.put(customer + '|' + sku, Long.toString(count)));
        }
        return new Buyer(customer, fields, wanted);
    }

    private static Map<String, Set<String>> names(
            Collection<String> customers, Collection<String> seen, Map<String, Map<String, Long>> units) {
        Map<String, Set<String>> names = new LinkedHashMap<>();
        for (String customer : customers) {
            Set<String> fields = new LinkedHashSet<>();
            fields.add(customer);
            units.getOrDefault(customer, Map.of()).keySet().forEach(sku -> fields.add(customer + '|' + sku));
            names.put(customer, fields);
        }
        for (String field : seen) {
            Set<String> fields = names.get(customerOf(field));
            if (fields != null) {
                fields.add(field);
            }
        }
        return names;
    }

    private Future<Optional<List<LedgerEntry>>> between(Lane lane, long recordedSeq, long seq) {
        long waiting = seq - recordedSeq;
        if (waiting <= 0) {
            return Future.succeededFuture(waiting == 0 ? Optional.of(List.of()) : Optional.empty());
        }
        return waiting > MOST_BETWEEN
                ? Future.succeededFuture(Optional.empty())
                : stream.read(lane, recordedSeq, (int) waiting)
                        .map(entries ->
                                entries.size() == waiting && entries.getLast().seq() == seq
                                        ? Optional.of(entries)
                                        : Optional.empty());
    }

    private static Map<String, Map<String, Long>> brought(
            Map<String, Map<String, Long>> recorded, List<LedgerEntry> between) {
        Map<String, Map<String, Long>> units = new HashMap<>();
        recorded.forEach((customer, bySku) -> units.put(customer, new TreeMap<>(bySku)));
        for (LedgerEntry entry : between) {
            if (entry instanceof Transition transition) {
                switch (transition.kind()) {
                    case HELD, RECLAIMED ->
                        add(units, transition, transition.cart().lines(), 1);
                    case REPLACED -> {
                        add(
                                units,
                                transition,
                                Objects.requireNonNull(transition.previous()).lines(),
                                -1);
                        add(units, transition, transition.cart().lines(), 1);
                    }
                    case RELEASED, EXPIRED ->
                        add(units, transition, transition.cart().lines(), -1);
                    case EXTENDED, CONFIRMED -> {}
                }
            }
        }
        return units;
    }

    private static void add(Map<String, Map<String, Long>> units, Transition transition, List<Line> lines, int sign) {
        Map<String, Long> bySku = units.computeIfAbsent(transition.customerId().value(), customer -> new TreeMap<>());
        lines.forEach(line -> bySku.merge(line.sku().value(), (long) sign * line.quantity(), Long::sum));
    }
}
