import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What happened, by stream. The version of a stream is its number of events. */
public class EventStore {
    public static final int ANY = -1;

    private final Map<String, List<Event>> streams = new HashMap<>();
    private final List<Subscriber> subscribers = new ArrayList<>();

    public void subscribe(Subscriber subscriber) {
        subscribers.add(subscriber);
    }

    public int version(String stream) {
        return read(stream).size();
    }

    /** Appends all events or none. Throws ConcurrencyException when the version is another one. */
    public void append(String stream, int expectedVersion, List<Event> events) {
        List<Event> added = List.copyOf(events);
        int version = version(stream);
        if (expectedVersion != ANY && expectedVersion != version) {
            throw new ConcurrencyException(stream, expectedVersion, version);
        }
        if (added.isEmpty()) return;
        streams.computeIfAbsent(stream, name -> new ArrayList<>()).addAll(added);
        for (Event event : added) {
            version++;
            for (Subscriber subscriber : List.copyOf(subscribers)) tell(subscriber, stream, version, event);
        }
    }

    private static void tell(Subscriber subscriber, String stream, int version, Event event) {
        try {
            subscriber.on(stream, version, event);
        } catch (RuntimeException broken) {
            System.err.println("a subscriber failed: " + broken.getMessage());
        }
    }

    public List<Event> read(String stream) {
        return List.copyOf(streams.getOrDefault(stream, List.of()));
    }
}
