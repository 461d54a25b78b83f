import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** Nights in a room; the day of departure is none. */
public class Stay {
    public final LocalDate arrival;
    public final LocalDate departure;

    public Stay(LocalDate arrival, LocalDate departure) {
        if (!departure.isAfter(arrival)) throw new IllegalArgumentException("a stay has at least one night");
        this.arrival = arrival;
        this.departure = departure;
    }

    public int nights() {
        return (int) ChronoUnit.DAYS.between(arrival, departure);
    }

    public boolean overlaps(Stay other) {
        return arrival.isBefore(other.departure) && other.arrival.isBefore(departure);
    }
}
