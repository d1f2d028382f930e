package dev.holdfast.http;

import java.util.List;

/** All calls that there are, with nothing behind them: for tests that ask what they are, not what they answer. */
final class AllRoutes {

    private AllRoutes() {}

    static List<Endpoint> ofPublic() {
        return PublicRoutes.of(null, null, null, null, new PublicStock(null, null), null)
                .endpoints();
    }

    static List<Endpoint> ofAdmin() {
        var parts = new AdminRoutes.Parts(
                null,
                null,
                null,
                null,
                null,
                new AdminRoutes.StockFiles(null, null),
                null,
                null,
                null,
                new AdminRoutes.Trouble(null, null, null),
                null,
                null,
                null);
        return AdminRoutes.of(parts, null, null).endpoints();
    }
}
