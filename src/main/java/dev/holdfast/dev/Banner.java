package dev.holdfast.dev;

import dev.holdfast.Version;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What dev mode tells when it is ready: where everything is, and lines to paste.
 *
 * @param saleId the demo sale
 * @param dataPlace where the data is, in words
 * @param timing how long the start took, in words
 */
record Banner(
        Addresses addresses,
        DevSettings settings,
        String saleId,
        List<DemoSale.Shelf> shelves,
        String dataPlace,
        String timing) {
    private static final String RULE = "-".repeat(100);

    /** Answers the text, lines ended. */
    String text() {
        return """

                %s
                Holdfast %s                                   DEV MODE, not for production: its keys are known
                %s
                public API    %s    Authorization: Bearer %s
                admin API     %s    Authorization: Bearer %s
                PostgreSQL    %s
                Redis         %s
                data          %s
                %s%s

                The sale '%s' is open:

                %s
                Paste these lines in order:

                %s
                Ctrl-C ends it all.
                %s
                """.formatted(
                RULE,
                Version.current(),
                RULE,
                addresses.publicUrl(),
                addresses.checkoutKey(),
                addresses.adminUrl(),
                addresses.adminKey(),
                settings.service().postgresUri(),
                settings.service().redisUri(),
                dataPlace,
                noteLines(),
                timing,
                saleId,
                shelfLines(),
                commands().stream().map(command -> "  " + command + "\n").collect(Collectors.joining()),
                RULE);
    }

    /** Shell lines that reserve, look, confirm, and show what PostgreSQL has. Each works in sh, bash and zsh. */
    List<String> commands() {
        String hold = "ID=$(curl -s $SALE/reservations -H \"$KEY\" -H 'Content-Type: application/json'"
                + " -d '{\"customerId\":\"c-'$(date +%s)'\",\"items\":[{\"sku\":\"" + firstSku()
                + "\",\"quantity\":2}]}'"
                + " | sed 's/.*\"reservationId\":\"\\([^\"]*\\)\".*/\\1/'); echo \"$ID\"";
        return List.of(
                "SALE=" + addresses.publicUrl() + "/v1/sales/" + saleId + " KEY='Authorization: Bearer "
                        + addresses.checkoutKey() + "'",
                hold,
                "curl -s $SALE/reservations/$ID -H \"$KEY\"; echo",
                "curl -s -X POST $SALE/reservations/$ID/confirm -H \"$KEY\"; echo",
                // PostgreSQL follows within a moment, which a script that pastes these lines does not wait.
                "until curl -s $SALE/reservations/$ID -H \"$KEY\" | grep -q '\"recorded\":true'; do sleep 0.1; done",
                lookIntoPostgres());
    }

    /** Without psql, the audit says what PostgreSQL counts. */
    private String lookIntoPostgres() {
        return Programs.onPath("psql")
                ? "psql '" + settings.service().postgresUri()
                        + "' -c \"select reservation_id, state, lines, recorded_at"
                        + " from reservations where reservation_id = '$ID'\""
                : "curl -s " + addresses.adminUrl() + "/v1/admin/sales/" + saleId + "/audit -H 'Authorization: Bearer "
                        + addresses.adminKey() + "'; echo";
    }

    private String noteLines() {
        return settings.notes().stream()
                .map(note -> "note          " + note + "\n")
                .collect(Collectors.joining());
    }

    private String shelfLines() {
        return shelves.stream()
                .map(shelf -> "  %-18s %12s %6d available%n".formatted(shelf.sku(), shelf.price(), shelf.available()))
                .collect(Collectors.joining());
    }

    private String firstSku() {
        return shelves.getFirst().sku();
    }
}
