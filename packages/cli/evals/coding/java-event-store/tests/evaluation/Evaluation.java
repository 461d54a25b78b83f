import java.util.ArrayList;
import java.util.List;

public class Evaluation {
    static void same(Object got, Object want) {
        if (!got.equals(want)) throw new AssertionError("got " + got + " want " + want);
    }

    static <T extends RuntimeException> T thrown(Class<T> type, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException error) {
            if (type.isInstance(error)) return type.cast(error);
            throw error;
        }
        throw new AssertionError("no " + type.getSimpleName());
    }

    static final Event ONE = new Event("deposited", 1);
    static final Event TWO = new Event("deposited", 2);

    static void versions() {
        EventStore store = new EventStore();
        same(store.version("a"), 0);
        same(store.read("a"), List.of());
        store.append("a", 0, List.of(ONE, TWO));
        same(store.version("a"), 2);
        ConcurrencyException error = thrown(ConcurrencyException.class, () -> store.append("a", 1, List.of(ONE)));
        same(List.of(error.expected(), error.actual()), List.of(1, 2));
        thrown(ConcurrencyException.class, () -> store.append("b", 1, List.of(ONE)));
        same(store.version("b"), 0);
        store.append("a", -1, List.of(ONE));
        store.append("a", 3, List.of());
        same(store.read("a"), List.of(ONE, TWO, ONE));
        same(store.read("b"), List.of());
    }

    static void nothingLeaks() {
        EventStore store = new EventStore();
        List<Event> given = new ArrayList<>(List.of(ONE));
        store.append("a", 0, given);
        given.add(TWO);
        same(store.read("a"), List.of(ONE));
        try {
            store.read("a").add(TWO);
        } catch (UnsupportedOperationException fine) {
            // A copy would do as well.
        }
        same(store.version("a"), 1);
    }

    static void subscribers() {
        EventStore store = new EventStore();
        List<String> heard = new ArrayList<>();
        store.subscribe((stream, version, event) -> {
            throw new IllegalStateException("broken");
        });
        store.subscribe((stream, version, event) -> heard.add(stream + version + ":" + event.cents() + "/" + store.version(stream)));
        store.append("a", 0, List.of(ONE, TWO));
        store.append("b", -1, List.of(TWO));
        store.append("a", 2, List.of(ONE));
        same(heard, List.of("a1:1/2", "a2:2/2", "b1:2/1", "a3:1/3"));
        thrown(ConcurrencyException.class, () -> store.append("a", 0, List.of(ONE)));
        same(heard.size(), 4);
    }

    static void accounts() {
        EventStore store = new EventStore();
        Account account = new Account("ann");
        account.deposit(100);
        account.withdraw(30);
        account.save(store);
        account.save(store);
        same(store.version("ann"), 2);
        account.deposit(5);
        account.save(store);
        same(store.version("ann"), 3);

        Account first = Account.load(store, "ann");
        Account second = Account.load(store, "ann");
        same(first.balance(), 75L);
        first.withdraw(70);
        second.withdraw(70);
        first.save(store);
        ConcurrencyException error = thrown(ConcurrencyException.class, () -> second.save(store));
        same(List.of(error.expected(), error.actual()), List.of(3, 4));
        same(Account.load(store, "ann").balance(), 5L);
        thrown(ConcurrencyException.class, () -> second.save(store));

        Account poor = Account.load(store, "ann");
        thrown(IllegalStateException.class, () -> poor.withdraw(6));
        same(poor.balance(), 5L);
        poor.save(store);
        same(store.version("ann"), 4);
        poor.withdraw(5);
        poor.save(store);
        same(Account.load(store, "ann").balance(), 0L);
        same(Account.load(store, "nobody").balance(), 0L);
    }

    public static void main(String[] args) {
        versions();
        nothingLeaks();
        subscribers();
        accounts();
    }
}
