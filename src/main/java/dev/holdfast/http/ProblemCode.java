package dev.holdfast.http;

import java.util.Locale;
import java.util.Optional;

/** Every error an answer can carry: the contract's table. Its page at /problems/{code} says what to do. */
enum ProblemCode {
    MALFORMED_REQUEST(
            400,
            "Malformed request",
            "The request is not HTTP, or its body is not JSON as RFC 8259 or CSV as RFC 4180 has it, in UTF-8. Repeating it"
                    + " will not help."),
    IDEMPOTENCY_KEY_MISSING(
            400, "Idempotency-Key is missing", "This call needs the header Idempotency-Key. Send one of your choice."),
    IDEMPOTENCY_KEY_INVALID(
            400,
            "Idempotency-Key is invalid",
            "The header must be sent once, with 1 to 255 printable ASCII characters, bare or as a quoted string."),
    UNAUTHORIZED(401, "No valid key", "Send a key of this service as Authorization: Bearer <key>."),
    FORBIDDEN(403, "Not allowed", "The key is known, but what was asked is not for it, or not for this sale."),
    NOT_FOUND(
            404,
            "Not found",
            "Nothing is served under this path on this port, or there is nothing with the id in it: detail says which."),
    SALE_NOT_FOUND(404, "No such sale", "There is no sale with this id."),
    RESERVATION_NOT_FOUND(404, "No such reservation", "The sale has no reservation with this id."),
    ORDER_NOT_FOUND(404, "No such order", "The sale has no order with this id."),
    SKU_NOT_FOUND(404, "No such SKU", "The sale has no SKU with this name."),
    KEY_NOT_FOUND(404, "No such key", "No key that an admin made has this id. The list of keys shows their ids."),
    METHOD_NOT_ALLOWED(405, "Method not allowed", "The header Allow lists the methods that this path has."),
    REQUEST_TIMEOUT(
            408,
            "The body did not arrive in time",
            "The whole body must follow its headers within seconds. The connection is closed. Send the request again."),
    PAYLOAD_TOO_LARGE(413, "The body is too large", "No body of this service needs as much. The connection is closed."),
    URI_TOO_LONG(414, "The request line is too long", "The connection is closed."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            "Another media type",
            "Send the body as application/json, and a file of SKUs as text/csv; in UTF-8 and without a content coding."),
    HEADERS_TOO_LARGE(431, "The headers are too large", "The connection is closed."),
    OUT_OF_STOCK(
            409,
            "Out of stock",
            "At least one SKU is short and nothing was reserved. All short ones are listed. Retry-After is there when"
                    + " units are only held and may come back; alternatives are other SKUs of the same product."),
    PURCHASE_LIMIT(
            409,
            "Purchase limit reached",
            "The customer would hold or have bought more units than the sale, or the SKU that is named, allows."),
    SALE_NOT_OPEN(409, "The sale is not open yet", "It opens at the time in opensAt."),
    SALE_CLOSED(409, "The sale is closed", "It takes no new reservations. A closed sale stays closed."),
    SALE_PAUSED(
            409, "The sale is paused", "It takes no new reservations until it is resumed. Held ones can be confirmed."),
    RESERVATION_EXPIRED(409, "The reservation has expired", "Its hold ran out and its units went back. Reserve again."),
    RESERVATION_RELEASED(409, "The reservation was released", "Its units went back before. Reserve again."),
    RESERVATION_CONFIRMED(409, "The reservation is confirmed", "Its units are sold: it cannot change any more."),
    HOLD_LIMIT(409, "Hold limit reached", "The hold cannot last any longer."),
    VERSION_CONFLICT(
            409,
            "Version conflict",
            "It is not what the request took it for: read it again. The capacity of a SKU changes by adjustments only."),
    CAPACITY_BELOW_USE(
            409, "Capacity below use", "More units are sold and held than the new capacity has. Nothing changed."),
    SALE_LOCKED(
            409,
            "Another change of the sale goes on",
            "Changes of a sale are made one at a time: lockedBy says who makes one, operation which, lockedSince since when. Wait for"
                    + " Retry-After seconds, look at what it changed, then send the request again if it is still wanted."),
    WOULD_LOSE(
            409,
            "The rebuild would lose what callers were told",
            "Redis knows more of the sale than PostgreSQL: the numbers say how much. With \"from\": \"redis\" PostgreSQL is brought up to it and"
                    + " nothing is lost. With \"discard\": true, or the number of reservations, they are ended and listed."
                    + " unknownHeldUnits are counted as held by PostgreSQL, and nobody has their reservation any more: either gives them"
                    + " back, and lists them. Until then the sale stays stopped, and nothing that either side knows is lost."),
    KEY_LIMIT(
            409,
            "Key limit reached",
            "A name has two valid keys at most: the old one and the new one, while callers change over. Revoke one of them."),
    NOT_REPLAYABLE(
            409,
            "The dead letter cannot be replayed",
            "The books cannot take what it says as they are now, or it was settled otherwise: detail says which. Nothing changed."),
    VALIDATION_FAILED(422, "Validation failed", "The list in errors says what is wrong, each with a JSON pointer."),
    RECEIPT_INVALID(
            422,
            "Invalid receipt",
            "A receipt is taken exactly as an answer about this reservation had it, whole and unchanged. One that was signed under a secret"
                    + " that the service no longer has is not valid any more."),
    UNKNOWN_SKU(422, "Unknown SKU", "The cart names SKUs that the sale does not have: they are listed in skus."),
    IDEMPOTENCY_KEY_REUSED(
            422,
            "Idempotency-Key was used before",
            "The key stands for another request of this customer in this sale. Use a new key for a new request."),
    TOO_MANY_REQUESTS(429, 1, "Too many requests", "Wait for Retry-After seconds."),
    INTERNAL_ERROR(500, "Internal error", "The fault is ours. The log tells more under the traceId."),
    OUTCOME_UNKNOWN(
            503,
            1,
            "The outcome is unknown",
            "It may have been done or not. Repeat it with the same Idempotency-Key, or read the reservation."),
    RECOVERING(
            503,
            1,
            "The sale is recovering",
            "The sale has stopped, is being rebuilt, or Redis does not have what was asked for as it was: detail says which. Admins see why"
                    + " in the list of incidents. Try again."),
    REDIS_UNAVAILABLE(503, 1, "Redis is unavailable", "Nothing was done. Try again."),
    POSTGRES_UNAVAILABLE(503, 1, "PostgreSQL is unavailable", "Nothing was done. Try again."),
    OVERLOADED(503, 1, "Overloaded", "Nothing was done. Try again, a little later."),
    DRAINING(
            503,
            1,
            "The node is draining",
            "/health/ready answers so while a node that was told to end still serves: send requests to another node.");

    private final int status;
    private final int retryAfterSeconds;
    private final String title;
    private final String page;
    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    ProblemCode(int status, String title, String page) {
        this(status, 0, title, page);
    }

    ProblemCode(int status, int retryAfterSeconds, String title, String page) {
        this.status = status;
        this.retryAfterSeconds = retryAfterSeconds;
        this.title = title;
        this.page = page;
    }

    /** As it stands in answers. */
    String word() {
        return word;
    }

    int status() {
        return status;
    }

    /** What Retry-After says when nothing better is known, seconds; 0 for no such header. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    String title() {
        return title;
    }

    /** What it means and what to do, in plain text. */
    String page() {
        return page;
    }

    /** The code with this word. */
    static Optional<ProblemCode> ofWord(String word) {
        for (ProblemCode code : values()) {
            if (code.word.equals(word)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
