package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.admin.ImportReport.Line;
import dev.holdfast.admin.ImportReport.Result;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTextTest {

    @Test
    void aReportThatWasKeptIsTheSame() {
        ImportReport report = new ImportReport(
                true,
                List.of(
                        new Line(2, "A", Result.CREATED, null),
                        new Line(3, "", Result.REJECTED, "sku is \"\u0000\" \u00e9\u2713\n"),
                        new Line(50_001, "B\u0000\\", Result.UNCHANGED, null)));

        String kept = ReportText.of(report);

        assertThat(ReportText.read(kept)).isEqualTo(report);
        assertThat(kept).as("PostgreSQL stores no NUL").doesNotContain("\u0000");
    }

    @Test
    void aReportWithoutRowsIsOne() {
        ImportReport report = new ImportReport(false, List.of());

        assertThat(ReportText.read(ReportText.of(report))).isEqualTo(report);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[true,[1]]",
                "[true,[1,\"A\",\"created\",\"x\",2]]",
                "[true",
                "[true,[1,\"A\",\"made\"]]"
            })
    void somethingElseIsNone(String text) {
        assertThatThrownBy(() -> ReportText.read(text)).isInstanceOf(RuntimeException.class);
    }
}
