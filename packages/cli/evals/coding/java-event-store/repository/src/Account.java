import java.util.ArrayList;
import java.util.List;

/** An account that is the sum of its events. */
public class Account {
    private final String name;
    private final List<Event> events = new ArrayList<>();
    private long balance;

    public Account(String name) {
        this.name = name;
    }

    public long balance() {
        return balance;
    }

    public void deposit(long cents) {
        record(new Event("deposited", cents));
    }

    public void withdraw(long cents) {
        record(new Event("withdrawn", cents));
    }

    private void record(Event event) {
        events.add(event);
        balance += event.type().equals("deposited") ? event.cents() : -event.cents();
    }

    public void save(EventStore store) {
        store.append(name, events);
    }
}
