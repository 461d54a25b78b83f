import java.util.ArrayList;
import java.util.List;

/** An account that is the sum of its events. */
public class Account {
    private final String name;
    private final List<Event> events = new ArrayList<>();
    private int version;
    private long balance;

    public Account(String name) {
        this.name = name;
    }

    /** Replays what is stored. */
    public static Account load(EventStore store, String name) {
        Account account = new Account(name);
        for (Event event : store.read(name)) account.apply(event);
        account.version = store.version(name);
        return account;
    }

    public long balance() {
        return balance;
    }

    public void deposit(long cents) {
        record(new Event("deposited", cents));
    }

    public void withdraw(long cents) {
        if (cents > balance) throw new IllegalStateException(name + " has only " + balance);
        record(new Event("withdrawn", cents));
    }

    private void record(Event event) {
        events.add(event);
        apply(event);
    }

    private void apply(Event event) {
        balance += event.type().equals("deposited") ? event.cents() : -event.cents();
    }

    public void save(EventStore store) {
        store.append(name, version, events);
        version += events.size();
        events.clear();
    }
}
