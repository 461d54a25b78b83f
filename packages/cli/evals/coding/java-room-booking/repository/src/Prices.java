import java.time.DayOfWeek;

/** What a stay costs, in cents. */
public class Prices {
    private final long night;

    public Prices(long night) {
        this.night = night;
    }

    public long of(Stay stay) {
        long price = night;
        if (stay.arrival.getDayOfWeek() == DayOfWeek.SATURDAY) price = night * 3 / 2;
        long total = stay.nights() * price;
        return stay.nights() >= 8 ? total * 9 / 10 : total;
    }
}
