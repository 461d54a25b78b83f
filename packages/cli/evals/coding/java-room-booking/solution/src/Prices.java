import java.time.DayOfWeek;

/** What a stay costs, in cents. */
public class Prices {
    private final long night;

    public Prices(long night) {
        this.night = night;
    }

    public long of(Stay stay) {
        long total = 0;
        for (int index = 0; index < stay.nights(); index++) {
            DayOfWeek day = stay.arrival.plusDays(index).getDayOfWeek();
            boolean weekend = day == DayOfWeek.FRIDAY || day == DayOfWeek.SATURDAY;
            long price = weekend ? (night * 3 + 1) / 2 : night;
            total += index >= 7 ? price * 9 / 10 : price;
        }
        return total;
    }
}
