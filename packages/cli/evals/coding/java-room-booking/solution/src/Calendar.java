import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;

/** The stays in one room. */
public class Calendar {
    private final List<Stay> stays = new ArrayList<>();

    public boolean book(Stay stay) {
        for (Stay other : stays) {
            if (stay.overlaps(other)) return false;
        }
        stays.add(stay);
        return true;
    }

    /** The nights of a month that nobody booked. */
    public List<LocalDate> free(YearMonth month) {
        List<LocalDate> nights = new ArrayList<>();
        for (int day = 1; day <= month.lengthOfMonth(); day++) {
            LocalDate night = month.atDay(day);
            Stay wanted = new Stay(night, night.plusDays(1));
            if (stays.stream().noneMatch(wanted::overlaps)) nights.add(night);
        }
        return nights;
    }
}
