import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

public class Evaluation {
    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    static Stay stay(String arrival, String departure) {
        return new Stay(LocalDate.parse(arrival), LocalDate.parse(departure));
    }

    static void price(long night, String arrival, String departure, long want) {
        long got = new Prices(night).of(stay(arrival, departure));
        check(got == want, arrival + " to " + departure + ": " + got + ", want " + want);
    }

    static void refused(String arrival, String departure) {
        try {
            stay(arrival, departure);
        } catch (IllegalArgumentException expected) {
            return;
        }
        throw new AssertionError(arrival + " to " + departure);
    }

    public static void main(String[] args) {
        check(stay("2024-05-01", "2024-05-02").nights() == 1, "one night");
        check(stay("2023-12-30", "2024-01-02").nights() == 3, "the end of the year");
        check(stay("2024-02-28", "2024-03-01").nights() == 2, "a leap year");
        refused("2024-05-01", "2024-05-01");
        refused("2024-05-02", "2024-05-01");

        Stay middle = stay("2024-05-10", "2024-05-15");
        String[][] apart = {{"2024-05-01", "2024-05-10"}, {"2024-05-15", "2024-05-16"}, {"2025-05-10", "2025-05-15"}};
        for (String[] one : apart) check(!stay(one[0], one[1]).overlaps(middle) && !middle.overlaps(stay(one[0], one[1])), one[0]);
        String[][] over = {{"2024-05-01", "2024-05-11"}, {"2024-05-14", "2024-05-20"}, {"2024-05-11", "2024-05-12"}, {"2024-05-01", "2024-06-01"}, {"2024-05-10", "2024-05-15"}};
        for (String[] one : over) check(stay(one[0], one[1]).overlaps(middle) && middle.overlaps(stay(one[0], one[1])), one[0]);

        price(1000, "2024-05-06", "2024-05-08", 2000);
        price(1000, "2024-05-02", "2024-05-06", 5000);
        price(1001, "2024-05-03", "2024-05-04", 1502);
        price(1000, "2024-05-05", "2024-05-06", 1000);
        price(1000, "2024-05-06", "2024-05-13", 8000);
        price(1000, "2024-05-06", "2024-05-14", 8900);
        price(1001, "2024-05-06", "2024-05-19", 1001 * 5 + 1502 * 2 + 900 * 4 + 1351 * 2);

        Calendar calendar = new Calendar();
        check(calendar.book(middle), "the first");
        check(!calendar.book(stay("2024-05-01", "2024-06-01")), "around it");
        check(calendar.book(stay("2024-05-15", "2024-05-31")), "on the day of departure");
        List<LocalDate> may = calendar.free(YearMonth.of(2024, 5));
        check(may.size() == 10 && may.get(8).equals(LocalDate.parse("2024-05-09")) && may.get(9).equals(LocalDate.parse("2024-05-31")), "May " + may);
        check(calendar.free(YearMonth.of(2024, 2)).size() == 29, "February");
        check(calendar.free(YearMonth.of(2023, 2)).size() == 28, "February of 2023");
        check(calendar.book(stay("2024-12-30", "2025-01-02")), "over the year");
        check(calendar.free(YearMonth.of(2024, 12)).size() == 29 && calendar.free(YearMonth.of(2025, 1)).size() == 30, "December");
    }
}
