package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** No key is in a log line, however much is logged, nor in any answer but the one to whoever made it. */
class KeysStaySecretTest {

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("dev.holdfast");
    private final Logger vertx = (Logger) LoggerFactory.getLogger("io.vertx");
    private final Level usual = ours.getLevel();
    private final Kept kept = new Kept();

    @BeforeEach
    void everythingIsLogged() {
        ours.setLevel(Level.TRACE);
        // Not TRACE, at which Vert.x tells every address that it is asked for: one of them has a key in it, by mistake.
        vertx.setLevel(Level.DEBUG);
        kept.setContext(root.getLoggerContext());
        kept.start();
        root.addAppender(kept);
    }

    @AfterEach
    void asUsual() {
        root.detachAppender(kept);
        vertx.setLevel(null);
        ours.setLevel(usual);
    }

    @Test
    void aKeyIsNowhereButInTheAnswerToWhoeverMadeIt() {
        List<String> keys = new ArrayList<>(List.of(Api.CHECKOUT_KEY, Api.ADMIN_KEY));
        List<Answer> answers = new ArrayList<>();
        try (TestNode node =
                TestNode.start(TestServers.redisUri(), TestServers.migratedDatabase(), UnaryOperator.identity())) {
            Api api = node.api();
            for (String scope : List.of("checkout", "admin", "read")) {
                Answer made = api.createKey("a-" + scope, scope, null).must(201);
                String key = made.text("key");
                keys.add(key);
                Api withKey = api.as(key);
                answers.add(withKey.sale("none", false));
                answers.add(withKey.keys(10, null));
                answers.add(withKey.turn("none", "pause", "a test"));
                answers.add(withKey.createKey("a-" + scope, "admin", null));
                answers.add(withKey.revokeKey(key, "pasted at the wrong place"));
                answers.add(withKey.revokeKey(made.text("keyId"), "a test"));
                answers.add(api.as(key + "x").keys(10, null));
                answers.add(api.send(api.onAdmin("GET", "/v1/admin/keys?cursor=" + key, null)));
                answers.add(api.send(api.onAdmin("POST", "/v1/admin/keys", "{\"name\":\"" + key)));
                answers.add(api.send(Api.request(node.adminUri(), "GET", "/v1/admin/keys", null)
                        .header("Authorization", "Basic " + key)));
                answers.add(api.revokeKey(made.text("keyId"), "a test"));
                answers.add(withKey.keys(10, null));
            }
            answers.add(api.keys(100, null));
            answers.add(api.hold("none-" + UUID.randomUUID(), "c", "A", 1));
        }

        String told = answers.stream().map(Answer::text).reduce("", String::concat);
        assertThat(kept.lines).isNotEmpty();
        for (String key : keys) {
            assertThat(told).doesNotContain(key);
            assertThat(kept.lines).noneMatch(line -> line.contains(key));
        }
    }

    /** Every line with what it was thrown for. */
    private static final class Kept extends AppenderBase<ILoggingEvent> {

        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
            for (IThrowableProxy thrown = event.getThrowableProxy(); thrown != null; thrown = thrown.getCause()) {
                lines.add(String.valueOf(thrown.getMessage()));
            }
        }
    }
}
