package dev.holdfast.comparison;

import com.google.errorprone.annotations.FormatMethod;
import dev.holdfast.comparison.contender.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Accepted holds a second by active holds: a line for each design, both rates and holds in powers of ten. */
final class Plot {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int RIGHT = 280;
    private static final int TOP = 20;
    private static final int BOTTOM = 50;
    private static final int LEAST_POWER = 1;
    private static final int MOST_POWER = 6;
    private static final List<String> COLOURS =
            List.of("#0b6e4f", "#777777", "#c0392b", "#d68910", "#2471a3", "#7d3c98");

    private final Plan plan;
    private final Results results;
    private final StringBuilder svg = new StringBuilder();

    Plot(Plan plan, Results results) {
        this.plan = plan;
        this.results = results;
    }

    String svg() {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH, HEIGHT);
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        axes();
        int index = 0;
        for (Entry entry : plan.cast().entries()) {
            line(entry, COLOURS.get(index % COLOURS.size()), index);
            index++;
        }
        add("</svg>");
        return svg.toString();
    }

    private void axes() {
        for (int power = LEAST_POWER; power <= MOST_POWER; power++) {
            double y = y(Math.pow(10, power));
            add("<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>", LEFT, y, WIDTH - RIGHT, y);
            add(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%,d</text>",
                    LEFT - 6, y + 4, (long) Math.pow(10, power));
        }
        for (int i = 0; i < plan.growth().size(); i++) {
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d</text>",
                    x(i), HEIGHT - BOTTOM + 18, plan.growth().get(i).activeHolds());
        }
        add(
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">active holds of the SKU when the measurement begins</text>",
                (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10);
        add(
                "<text transform=\"translate(14 %.1f) rotate(-90)\" text-anchor=\"middle\">accepted holds a second</text>",
                (TOP + HEIGHT - BOTTOM) / 2.0);
    }

    /** The ceiling has no holds: its one figure goes all the way across. */
    private void line(Entry entry, String colour, int index) {
        List<String> points = new ArrayList<>();
        for (int i = 0; i < plan.growth().size(); i++) {
            Scenario level = entry.sells() ? plan.growth().get(i) : Scenario.ONE_SKU;
            Spread rate = results.spread(entry, level, Sample::perSecond);
            if (rate.known() && rate.median() > 0) {
                points.add(String.format(Locale.ROOT, "%.1f,%.1f", x(i), y(rate.median())));
                add(
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
                        x(i), y(Math.max(1, rate.least())), x(i), y(rate.most()), colour);
            }
        }
        add(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>",
                String.join(" ", points), colour, entry.sells() ? "" : " stroke-dasharray=\"6 4\"");
        int legend = TOP + 14 + index * 20;
        add(
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>",
                WIDTH - RIGHT + 16, legend - 4, WIDTH - RIGHT + 36, legend - 4, colour);
        add("<text x=\"%d\" y=\"%d\">%s</text>", WIDTH - RIGHT + 42, legend, entry.title());
    }

    private double x(int index) {
        int steps = Math.max(1, plan.growth().size() - 1);
        return LEFT + 20 + (double) index * (WIDTH - RIGHT - LEFT - 40) / steps;
    }

    private static double y(double rate) {
        double power = Math.clamp(Math.log10(rate), LEAST_POWER, MOST_POWER);
        return HEIGHT - BOTTOM - (power - LEAST_POWER) / (MOST_POWER - LEAST_POWER) * (HEIGHT - TOP - BOTTOM);
    }

    @FormatMethod
    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
