import java.time.LocalDate;

/** Nights in a room. */
public class Stay {
    public final LocalDate arrival;
    public final LocalDate departure;

    public Stay(LocalDate arrival, LocalDate departure) {
        this.arrival = arrival;
        this.departure = departure;
    }

    public int nights() {
        return departure.getDayOfYear() - arrival.getDayOfYear() + 1;
    }

    public boolean overlaps(Stay other) {
        return !arrival.isBefore(other.arrival) && !arrival.isAfter(other.departure);
    }
}
