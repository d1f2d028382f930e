package dev.holdfast.http;

/** What a call ends with: an answer as asked, or a problem. */
sealed interface Reply permits Answer, Problem {}
