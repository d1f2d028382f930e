package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.DeploymentRows;
import dev.holdfast.ledger.DeploymentRows.Adopted;
import dev.holdfast.redis.Adoption;
import dev.holdfast.redis.Adoption.Found;
import dev.holdfast.reservation.DeploymentBook.Known;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a Redis the deployment's, after it says what it finds there. */
@Command(
        name = "adopt",
        mixinStandardHelpOptions = true,
        description =
                "Make the Redis of HOLDFAST_REDIS_URI the one of the deployment in PostgreSQL, whatever it was. Sales that it does"
                        + " not have are then found lost, and can be rebuilt.")
final class Adopt implements Callable<Integer> {

    private final Map<String, String> environment;

    @Option(names = "--dry-run", description = "Only say what is there.")
    private boolean dryRun;

    @Option(
            names = "--secret",
            description =
                    "Take HOLDFAST_SECRET for the deployment's secret, too. Idempotency-Keys that were used under another one are"
                            + " forgotten.")
    private boolean secret;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    Adopt(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String redisUri = SettingsReader.readRedisUri(environment);
        String postgresUri = SettingsReader.readPostgresUri(environment);
        List<String> digests = secret ? SettingsReader.readSecrets(environment).digests() : List.of();
        PrintWriter out = spec.commandLine().getOut();
        try (Servers servers = Servers.open(postgresUri)) {
            DeploymentRows rows = servers.deployment();
            Known known = rows.find().await();
            Found found = servers.onAnyRedis(redisUri, redis -> new Adoption(redis).look(known.lanes()));
            out.println(told(known, found));
            out.flush();
            if (!dryRun) {
                AdminAction action = auditTrail.action(AdminAction.Kind.DEPLOYMENT_ADOPTED);
                Adopted adopted = servers.onAnyRedis(
                        redisUri,
                        redis -> rows.adopt(
                                        action,
                                        UUID.randomUUID().toString(),
                                        found.place(),
                                        found.deploymentId(),
                                        digests)
                                .compose(ours ->
                                        new Adoption(redis).take(ours.id()).map(ours)));
                out.println("It is deployment " + adopted.id()
                        + "'s from now on. Sales that it does not have are found lost within a"
                        + " second or so: rebuild them.");
                if (secret) {
                    out.println(toldOfSecret(digests.size(), adopted.forgottenSecrets()));
                }
            } else if (secret) {
                out.println(
                        "Without --dry-run HOLDFAST_SECRET is the deployment's secret from then on, and keys that were used under"
                                + " other ones are forgotten.");
            }
        }
        return 0;
    }

    private static String toldOfSecret(int ours, int forgotten) {
        return (ours == 1 ? "The secret" : "The " + ours + " secrets") + " of HOLDFAST_SECRET "
                + (ours == 1 ? "is" : "are") + " the deployment's from now on. "
                + (forgotten == 0
                        ? "No other secret was known: no Idempotency-Key is forgotten."
                        : forgotten + (forgotten == 1 ? " other secret was" : " other secrets were")
                                + " dropped: Idempotency-Keys that were used under "
                                + (forgotten == 1 ? "it" : "them")
                                + " are forgotten, and a request that is repeated with one of these holds anew.")
                + " Nodes need HOLDFAST_SECRET as it is here to start.";
    }

    private static String told(Known known, Found found) {
        String ours = known.id()
                .map(id -> "PostgreSQL is deployment " + id + "'s.")
                .orElse("PostgreSQL has no deployment yet.");
        String theirs = found.deploymentId() == null
                ? "says of no deployment that it belongs to it"
                : found.deploymentId().equals(known.id().orElse(null))
                        ? "belongs to it already"
                        : "belongs to another deployment, " + found.deploymentId() + ", whose nodes will serve nothing";
        return "%s Redis at %s %s. It has %d keys, and %d of %d sales that were looked for."
                .formatted(
                        ours,
                        found.place(),
                        theirs,
                        found.keys(),
                        found.lanes(),
                        known.lanes().size());
    }
}
