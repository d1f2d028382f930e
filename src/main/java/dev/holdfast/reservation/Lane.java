package dev.holdfast.reservation;

/**
 * The unit of atomicity, in one life of its data in Redis.
 *
 * @param number which lane of its sale, from 0; today each sale has one
 * @param epoch issued by PostgreSQL, a new one after any loss of history
 */
public record Lane(SaleId saleId, int number, long epoch) {

    @Override
    public String toString() {
        return saleId + "/" + number + " epoch " + epoch;
    }
}
