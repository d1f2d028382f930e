package dev.holdfast.comparison.check;

/**
 * Whether a run was right.
 *
 * @param oversold units that two buyers have
 * @param leaked units that nobody has and nobody can get
 * @param invented units for sale that do not exist
 * @param lost holds that were acknowledged and are not in the books
 * @param unasked reservations in the books beyond those that a client can have caused: a key that had two effects
 */
public record Verdict(long oversold, long leaked, long invented, long lost, long unasked) {

    /** Of nothing. */
    public static final Verdict RIGHT = new Verdict(0, 0, 0, 0, 0);

    /**
     * Compares the books with what the client saw.
     *
     * @param acknowledged reservations that the client was told of
     * @param unknown requests whose effect it was not told
     */
    public static Verdict of(Books books, long acknowledged, long unknown) {
        return new Verdict(
                books.oversold(),
                books.leaked(),
                books.invented(),
                Math.max(0, acknowledged - books.reservations()),
                Math.max(0, books.reservations() - acknowledged - unknown));
    }

    /** Whether nothing is wrong. */
    public boolean right() {
        return equals(RIGHT);
    }

    /** Both together. */
    public Verdict plus(Verdict other) {
        return new Verdict(
                oversold + other.oversold,
                leaked + other.leaked,
                invented + other.invented,
                lost + other.lost,
                unasked + other.unasked);
    }
}
