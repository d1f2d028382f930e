package dev.holdfast.gatling.service;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sale of a run.
 *
 * @param capacities units by SKU
 * @param perCustomerLimit units that a buyer may have over all SKUs
 * @param rehearsal whether the clock may be advanced after the run, so that nobody waits for the last holds to expire
 */
public record SalePlan(
        String saleId, Map<String, Long> capacities, int perCustomerLimit, int holdSeconds, boolean rehearsal) {
    public SalePlan {
        capacities = Map.copyOf(capacities);
    }

    /** A sale whose SKUs have the same capacity each: {@code SKU-0} and so on. */
    public static SalePlan of(String name, int skus, int unitsEach, int perCustomerLimit, int holdSeconds) {
        Map<String, Long> capacities = new LinkedHashMap<>();
        for (int i = 0; i < skus; i++) {
            capacities.put(sku(i), (long) unitsEach);
        }
        String saleId = "load-%s-%s".formatted(name, Long.toString(System.currentTimeMillis(), Character.MAX_RADIX));
        return new SalePlan(saleId, capacities, perCustomerLimit, holdSeconds, true);
    }

    /** The same with real time all through: holds have to be waited for. */
    public SalePlan inRealTime() {
        return new SalePlan(saleId, capacities, perCustomerLimit, holdSeconds, false);
    }

    /** The name of a SKU, counted from 0. */
    public static String sku(int index) {
        return "SKU-" + index;
    }
}
