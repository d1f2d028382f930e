package dev.holdfast.scenario;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One client of a storm: asks for this and that, by its own dice, until the storm is over. */
final class StormClient {

    /** Of a hundred requests, how many the network spoils. */
    private static final int SPOILED_PERCENT = 4;

    private final int number;
    private final List<Shop> nodes;
    private final Wishes wishes;
    private final KnownReservations known;
    private final History history;
    private final SplittableRandom random;
    private Ask.@Nullable Hold lastHold;
    private int lastNode;
    private int keys;

    StormClient(int number, List<Shop> nodes, Wishes wishes, Storm.Scene scene) {
        this.number = number;
        this.nodes = nodes;
        this.wishes = wishes;
        this.known = scene.known();
        this.history = scene.history();
        this.random = new SplittableRandom(scene.seed() + number);
    }

    void run(BooleanSupplier over) {
        while (!over.getAsBoolean()) {
            act(random.nextInt(100));
        }
    }

    private void act(int dice) {
        if (dice < 40) {
            holdAnew();
        } else if (dice < 48) {
            holdAgain();
        } else if (dice < 51) {
            holdAnotherBody();
        } else {
            String id = known.any(random);
            if (id != null) {
                var unused = ask(verb(dice, id), changingNode());
            }
        }
    }

    private Ask verb(int dice, String id) {
        if (dice < 58) {
            return new Ask.Confirm(id);
        }
        if (dice < 70) {
            return new Ask.Release(id);
        }
        if (dice < 78) {
            return new Ask.Extend(id, wishes.extension(random));
        }
        return dice < 88 ? new Ask.Replace(id, wishes.cart(random)) : new Ask.Find(id);
    }

    private void holdAnew() {
        String key = wishes.keyed(random) ? "k-" + number + '-' + keys++ : null;
        lastHold = new Ask.Hold(wishes.customer(random), key, wishes.cart(random), wishes.seconds(random));
        hold(lastHold, anyNode());
    }

    /** As a good caller does whose reply was lost: the same again, at the other node. */
    private void holdAgain() {
        if (lastHold != null && lastHold.key() != null) {
            hold(lastHold, (lastNode + 1) % nodes.size());
        }
    }

    private void holdAnotherBody() {
        if (lastHold != null && lastHold.key() != null) {
            hold(new Ask.Hold(lastHold.customer(), lastHold.key(), wishes.cart(random), null), anyNode());
        }
    }

    private void hold(Ask.Hold hold, int node) {
        lastNode = node;
        switch (ask(hold, node)) {
            case Answer.Done done -> known.add(done.shown().id(), random);
            case Answer.Refused refused -> {}
            case Answer.Unknown unknown -> {
                if (random.nextInt(100) < 70) {
                    holdAgain();
                }
            }
            // Only who looks back at a loss says so.
            case Answer.Lost lost -> {}
        }
    }

    private Answer ask(Ask ask, int node) {
        Fault fault = random.nextInt(100) >= SPOILED_PERCENT
                ? Fault.NONE
                : random.nextBoolean() ? Fault.REPLY_LOST : Fault.REQUEST_CUT;
        Answer answer = history.log(number, node, ask, () -> nodes.get(node).ask(ask, fault));
        if (answer.equals(HttpShop.NOT_SENT)) {
            // A node that is away is not hammered at.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return answer;
    }

    /** Where holds are bare, all else goes to the last node: the others are not told of what comes back. */
    private int changingNode() {
        return wishes.bare() ? nodes.size() - 1 : anyNode();
    }

    private int anyNode() {
        return random.nextInt(nodes.size());
    }
}
