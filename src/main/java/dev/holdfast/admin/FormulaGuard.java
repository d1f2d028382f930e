package dev.holdfast.admin;

/**
 * Keeps a spreadsheet from running a text as a formula, by an apostrophe before it, as OWASP has it. What begins with an apostrophe
 * that could be taken for ours gets another one, so that every text comes back as it was.
 */
final class FormulaGuard {

    private static final String STARTS_A_FORMULA = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";

    private FormulaGuard() {}

    /** As it is written into a cell. */
    static String guarded(String text) {
        boolean formula = !text.isEmpty() && STARTS_A_FORMULA.indexOf(text.charAt(0)) >= 0;
        return formula || looksGuarded(text) ? '\'' + text : text;
    }

    /** As it was before it was written into a cell. */
    static String unguarded(String cell) {
        return looksGuarded(cell) ? cell.substring(1) : cell;
    }

    private static boolean looksGuarded(String cell) {
        return cell.length() > 1
                && cell.charAt(0) == '\''
                && (cell.charAt(1) == '\'' || STARTS_A_FORMULA.indexOf(cell.charAt(1)) >= 0);
    }
}
