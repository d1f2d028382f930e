package dev.holdfast;

import dev.holdfast.ledger.DeploymentRows;
import dev.holdfast.ledger.SecretRows;
import dev.holdfast.ledger.SecretRows.UnknownSecret;
import dev.holdfast.redis.Deployment;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second whether PostgreSQL is still this deployment's, and whether other nodes make reservation ids under a secret that this
 * one does not know: then this one would make a second reservation of a key that was used before, and serves nothing. While PostgreSQL is
 * away, what was so stays so.
 */
final class DeploymentWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DeploymentWatch.class);

    private static final int INTERVAL_MS = 1_000;

    /** A minute, about: what is written must not cost more than that it is written. */
    private static final int LOOKS_BETWEEN_NOTES = 60;

    private static final String OTHER_DATABASE =
            "PostgreSQL is another deployment's than it was: this node serves nothing and changes"
                    + " nothing. Look at HOLDFAST_POSTGRES_URI.";

    private final Vertx vertx;
    private final Deployment deployment;
    private final DeploymentRows rows;
    private final SecretRows secrets;
    private long timer = -1;
    private int looks;
    private boolean looking;

    DeploymentWatch(Vertx vertx, Deployment deployment, DeploymentRows rows, SecretRows secrets) {
        this.vertx = vertx;
        this.deployment = deployment;
        this.rows = rows;
        this.secrets = secrets;
    }

    void start() {
        timer = vertx.setPeriodic(INTERVAL_MS, tick -> {
            if (!looking) {
                looking = true;
                look().onComplete(done -> looking = false)
                        .onFailure(failure -> LOG.debug("PostgreSQL was not looked at: {}", failure.getMessage()));
            }
        });
    }

    void stop() {
        vertx.cancelTimer(timer);
    }

    private Future<Void> look() {
        return rows.id()
                .map(this::judge)
                .compose(judged -> secrets.require())
                .onSuccess(known -> deployment.withdraw(secrets))
                .recover(this::afterUnknownSecret)
                .compose(looked -> ++looks % LOOKS_BETWEEN_NOTES == 0 && !deployment.isRefused()
                        ? secrets.stillUsed()
                        : Future.succeededFuture());
    }

    private boolean judge(Optional<String> id) {
        boolean other = id.isPresent()
                && deployment.id().isPresent()
                && !id.get().equals(deployment.id().get());
        if (other) {
            deployment.refuse(rows, OTHER_DATABASE);
        } else {
            deployment.withdraw(rows);
        }
        return other;
    }

    private Future<Void> afterUnknownSecret(Throwable failure) {
        if (!(failure instanceof UnknownSecret)) {
            return Future.failedFuture(failure);
        }
        deployment.refuse(secrets, failure.getMessage() + " This node serves nothing.");
        return Future.succeededFuture();
    }
}
