package dev.holdfast.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Reads Server-Sent Events as a browser does, until it is closed or the stream ends. Safe for all threads. */
public final class EventReader implements AutoCloseable {

    /** One event; id and name are empty where it has none. */
    public record Event(String id, String name, String data) {

        /** Its data, which must be JSON. */
        public JsonNode json() {
            try {
                return new ObjectMapper().readTree(data);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("not JSON: " + data, e);
            }
        }
    }

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpResponse<Stream<String>> response;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Long> readNanos = new CopyOnWriteArrayList<>();
    private final List<String> comments = new CopyOnWriteArrayList<>();
    private final Thread reading;
    private volatile String lastId = "";
    private volatile boolean cutOff;

    private EventReader(HttpRequest.Builder request) {
        try {
            response =
                    client.send(request.setHeader("Accept", "text/event-stream").build(), BodyHandlers.ofLines());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while connecting", e);
        }
        reading = Thread.ofVirtual().start(this::read);
    }

    /** Connects, and waits for the head of the answer. */
    public static EventReader of(HttpRequest.Builder request) {
        return new EventReader(request);
    }

    public int status() {
        return response.statusCode();
    }

    /** The first header of this name; empty where there is none. */
    public String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** All that have come so far. */
    public List<Event> events() {
        return List.copyOf(events);
    }

    /** A moment, by System.nanoTime, at which the event at this place of {@link #events()} was there. */
    public long readNanos(int place) {
        return readNanos.get(place);
    }

    /** Those of this name. */
    public List<Event> events(String name) {
        return events.stream().filter(event -> event.name().equals(name)).toList();
    }

    /** What is no event and only keeps the connection alive. */
    public int comments() {
        return comments.size();
    }

    /** With which id it would come again. */
    public String lastId() {
        return lastId;
    }

    /** Whether the other side ended it. */
    public boolean hasEnded() {
        return !reading.isAlive();
    }

    /** Whether it ended in the middle. */
    public boolean wasCutOff() {
        return cutOff;
    }

    private void read() {
        List<String> lines = new ArrayList<>();
        try (Stream<String> all = response.body()) {
            all.forEach(line -> {
                if (line.isEmpty()) {
                    take(lines);
                    lines.clear();
                } else {
                    lines.add(line);
                }
            });
        } catch (UncheckedIOException closed) {
            cutOff = true;
        }
    }

    private void take(List<String> lines) {
        lines.stream().filter(line -> line.startsWith(":")).forEach(comments::add);
        String id = field(lines, "id: ");
        if (!id.isEmpty()) {
            lastId = id;
        }
        String data = field(lines, "data: ");
        if (!data.isEmpty()) {
            readNanos.add(System.nanoTime());
            events.add(new Event(id, field(lines, "event: "), data));
        }
    }

    private static String field(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
