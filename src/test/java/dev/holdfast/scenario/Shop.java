package dev.holdfast.scenario;

/** One node as one client sees it. Not safe for several threads. */
interface Shop extends AutoCloseable {

    /** Asks and waits for the answer; never throws for what the node or the network does. */
    Answer ask(Ask ask, Fault fault);

    @Override
    void close();
}
