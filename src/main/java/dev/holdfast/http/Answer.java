package dev.holdfast.http;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What was asked for.
 *
 * @param outcome the contract's word for what came of it, as metrics count it; empty where they do not
 */
record Answer(int status, Header contentType, Buffer body, List<Header> headers, String outcome)
        implements Reply.Whole {

    static final String JSON = "application/json";

    /** A JSON object that tells the state of this moment: nobody may keep it. */
    static Answer json(int status, JsonWriter fields) {
        return new Answer(status, Header.JSON, Json.object(fields), List.of(Header.NO_STORE), "");
    }

    /** The same, where the object is written already. */
    static Answer json(int status, Buffer object) {
        return new Answer(status, Header.JSON, object, List.of(Header.NO_STORE), "");
    }

    /** Something else. */
    static Answer of(String contentType, Buffer body) {
        return new Answer(200, Header.of("content-type", contentType), body, List.of(), "");
    }

    /** The same with one more header. */
    Answer with(CharSequence name, String value) {
        List<Header> more = new ArrayList<>(headers.size() + 1);
        more.addAll(headers);
        more.add(new Header(name, value));
        return new Answer(status, contentType, body, more, outcome);
    }

    /** The same under this word of metrics. */
    Answer countedAs(String word) {
        return new Answer(status, contentType, body, headers, word);
    }
}
