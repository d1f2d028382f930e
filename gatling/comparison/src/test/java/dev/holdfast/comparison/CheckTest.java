package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.check.Proof;
import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.facade.Facade;
import dev.holdfast.comparison.server.Ports;
import io.vertx.core.Vertx;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A checker is itself checked: each planted fault must be seen. */
class CheckTest {

    @ParameterizedTest
    @EnumSource(FaultyDesign.Fault.class)
    void everyPlantedFaultIsSeen(FaultyDesign.Fault fault) {
        Vertx vertx = Vertx.vertx();
        try {
            FaultyDesign design = new FaultyDesign(fault, Proof.CAPACITY);
            int port = serve(vertx, design);

            Verdict verdict = Proof.of(port, "any", "sale", () -> books(design));

            assertThat(verdict.right()).isEqualTo(fault == FaultyDesign.Fault.NONE);
            assertThat(fault.showsIn(verdict)).isTrue();
        } finally {
            vertx.close().await();
        }
    }

    private static Books books(FaultyDesign design) {
        return design.books();
    }

    private static int serve(Vertx vertx, Design design) {
        int port = Ports.free();
        String deployment = vertx.deployVerticle(new Facade(design, port)).await();
        assertThat(deployment).isNotEmpty();
        return port;
    }
}
