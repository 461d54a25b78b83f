import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

public class Evaluation {
    static void same(Object got, Object want) {
        if (!got.equals(want)) throw new AssertionError("got " + got + " want " + want);
    }

    static void refused(Runnable work, String what) {
        try {
            work.run();
        } catch (IllegalArgumentException expected) {
            return;
        }
        throw new AssertionError(what);
    }

    static void settles(Map<String, Long> balances) {
        Map<String, Long> left = new HashMap<>(balances);
        List<Payment> payments = Settlement.of(Collections.unmodifiableMap(balances));
        for (Payment payment : payments) {
            if (payment.cents() <= 0) throw new AssertionError(payment.toString());
            left.merge(payment.from(), payment.cents(), Long::sum);
            left.merge(payment.to(), -payment.cents(), Long::sum);
        }
        left.values().forEach(cents -> same(cents, 0L));
        if (payments.size() > Math.max(0, balances.size() - 1)) throw new AssertionError(payments.size() + " payments");
    }

    public static void main(String[] args) {
        same(Split.equally(100, 3), List.of(34L, 33L, 33L));
        same(Split.equally(101, 3), List.of(34L, 34L, 33L));
        same(Split.equally(-100, 3), List.of(-34L, -33L, -33L));
        same(Split.equally(-101, 3), List.of(-34L, -34L, -33L));
        same(Split.equally(2, 4), List.of(1L, 1L, 0L, 0L));
        same(Split.equally(0, 2), List.of(0L, 0L));
        same(Split.equally(Long.MAX_VALUE, 2), List.of(4611686018427387904L, 4611686018427387903L));
        refused(() -> Split.equally(5, 0), "nobody");
        refused(() -> Split.equally(5, -1), "fewer than nobody");

        same(Split.byWeights(100, List.of(1, 1, 1)), List.of(34L, 33L, 33L));
        same(Split.byWeights(100, List.of(3, 3, 1)), List.of(43L, 43L, 14L));
        same(Split.byWeights(10, List.of(1, 2, 3)), List.of(2L, 3L, 5L));
        same(Split.byWeights(-100, List.of(3, 3, 1)), List.of(-43L, -43L, -14L));
        same(Split.byWeights(1, List.of(1, 2, 2)), List.of(0L, 1L, 0L));
        same(Split.byWeights(7, List.of(0, 5)), List.of(0L, 7L));
        same(Split.byWeights(4_000_000_000_000_000_000L, List.of(2_000_000_000, 2_000_000_000)), List.of(2_000_000_000_000_000_000L, 2_000_000_000_000_000_000L));
        refused(() -> Split.byWeights(5, List.of()), "no weights");
        refused(() -> Split.byWeights(5, List.of(0, 0)), "weights of 0");
        refused(() -> Split.byWeights(5, List.of(2, -1)), "a weight below 0");

        same(
            Settlement.of(Map.of("ann", 700L, "bob", -300L, "cid", -400L)),
            List.of(new Payment("cid", "ann", 400), new Payment("bob", "ann", 300)));
        same(
            Settlement.of(Map.of("d", -5L, "c", -5L, "b", 5L, "a", 5L)),
            List.of(new Payment("c", "a", 5), new Payment("d", "b", 5)));
        same(Settlement.of(Map.of()), List.of());
        same(Settlement.of(Map.of("a", 0L)), List.of());
        refused(() -> Settlement.of(Map.of("a", 5L, "b", -4L)), "balances that do not add up");

        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            Map<String, Long> balances = new HashMap<>();
            long sum = 0;
            int people = random.nextInt(12);
            for (int person = 0; person < people; person++) {
                long cents = random.nextInt(2001) - 1000;
                balances.put("p" + person, cents);
                sum += cents;
            }
            balances.put("last", -sum);
            settles(balances);
        }
    }
}
