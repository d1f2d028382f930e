package dev.holdfast.redis;

import java.util.List;

/**
 * What a script answered: a word, then texts.
 *
 * @param parts the word first
 * @param known the last entry of the lane that this node knew of when it asked: what was done for it comes after that
 */
public record Reply(Script script, List<String> parts, long known) {

    /** One of the script's reply words. */
    public String word() {
        return parts.getFirst();
    }

    /** How many texts there are, the word included. */
    public int size() {
        return parts.size();
    }

    /** The text at this place; the word is at 0. Throws IllegalStateException where there is none. */
    public String text(int place) {
        if (place >= parts.size()) {
            throw unreadable();
        }
        return parts.get(place);
    }

    /** The whole number at this place. Throws IllegalStateException where there is none. */
    public long number(int place) {
        try {
            return Long.parseLong(text(place));
        } catch (NumberFormatException e) {
            throw unreadable();
        }
    }

    /** To be thrown where the reply makes no sense: it tells the reply. */
    public IllegalStateException unreadable() {
        return new IllegalStateException("unreadable reply of " + script.fileName() + ": " + parts);
    }
}
