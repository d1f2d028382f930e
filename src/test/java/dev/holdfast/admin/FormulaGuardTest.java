package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormulaGuardTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+49 30 1",
                "-5",
                "@SUM(A1)",
                "\t=1",
                "\r=1",
                "\n=1",
                "\uFF1D1",
                "'=1",
                "''x",
                "''",
                "'''"
            })
    void whatASpreadsheetCouldRunOrWeCouldTakeForOursGetsAnApostrophe(String text) {
        String cell = FormulaGuard.guarded(text);

        assertThat(cell).isEqualTo("'" + text);
        assertThat(FormulaGuard.unguarded(cell)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "'", "'tis", "'90s", "a=b", "1-2", " =1", "é"})
    void everythingElseIsWrittenAsItIs(String text) {
        assertThat(FormulaGuard.guarded(text)).isEqualTo(text);
        assertThat(FormulaGuard.unguarded(text)).isEqualTo(text);
    }
}
