import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What happened, by stream. */
public class EventStore {
    private final Map<String, List<Event>> streams = new HashMap<>();

    public void append(String stream, List<Event> events) {
        streams.computeIfAbsent(stream, name -> new ArrayList<>()).addAll(events);
    }

    public List<Event> read(String stream) {
        return streams.get(stream);
    }
}
