/** Hears of events after they were stored; versions count from 1. */
public interface Subscriber {
    void on(String stream, int version, Event event);
}
