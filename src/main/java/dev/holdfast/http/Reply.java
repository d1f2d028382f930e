package dev.holdfast.http;

/** What a call ends with: an answer as asked, a file, or a problem. */
sealed interface Reply permits Answer, Download, Problem {}
