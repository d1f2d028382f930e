package dev.holdfast.scenario;

import java.util.Map;

/** A lane's keys in Redis at the end, as they are. */
record LaneState(
        Map<String, String> stock, Map<String, String> buyers, Map<String, String> holds, Map<String, Double> due) {}
