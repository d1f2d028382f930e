package dev.holdfast.admin;

import dev.holdfast.reservation.Identifiers;
import org.jspecify.annotations.Nullable;

/** Reads the cells of a file, each by itself; what cannot be is a {@link BadCell} that names the column. */
final class Cells {

    private static final int MAX_SHOWN = 64;

    private Cells() {}

    /** Digits only, in this range; null where the cell is empty. */
    static @Nullable Long whole(String column, String cell, long least, long most) {
        if (cell.isEmpty()) {
            return null;
        }
        // 18 digits fit into a long, whatever they are.
        if (cell.matches("[0-9]{1,18}")) {
            long number = Long.parseLong(cell);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new BadCell(column + " must be a whole number from " + least + " to " + most + ", not " + quoted(cell));
    }

    /** A name as {@link Identifiers} has it. */
    static String identifier(String column, String cell) {
        if (cell.isEmpty()) {
            throw new BadCell(column + " is empty");
        }
        if (!Identifiers.isIdentifier(cell)) {
            throw new BadCell(column + " " + quoted(cell) + " is not possible here: it must have 1 to "
                    + Identifiers.MAX_LENGTH
                    + " characters, A to Z, a to z, 0 to 9 and . _ : @ -, and begin with a letter or digit");
        }
        return cell;
    }

    /** As {@link #identifier}; null where the cell is empty. */
    static @Nullable String optionalIdentifier(String column, String cell) {
        return cell.isEmpty() ? null : identifier(column, cell);
    }

    /** Not blanks only, unless it is empty. */
    static String text(String column, String cell, int maxLength) {
        if (cell.length() > maxLength || (cell.isBlank() && !cell.isEmpty())) {
            throw new BadCell(column + " must have at most " + maxLength + " characters, and not blanks only");
        }
        return cell;
    }

    /** What somebody sent, so that it can be shown to them: cut, and without what does not print. */
    static String shown(String cell) {
        StringBuilder shown = new StringBuilder();
        cell.codePoints()
                .limit(MAX_SHOWN)
                .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }

    static String quoted(String cell) {
        return '"' + shown(cell) + '"';
    }
}
