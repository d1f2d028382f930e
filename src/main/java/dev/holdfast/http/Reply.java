package dev.holdfast.http;

/** What a call ends with. */
sealed interface Reply permits Reply.Whole, Download, EventStream, ProgressLines {

    /** The contract's word for what came of it, as metrics count it; empty where they do not. */
    String outcome();

    /** Written at once, whole: an answer as asked, or a problem. */
    sealed interface Whole extends Reply permits Answer, Problem {}
}
