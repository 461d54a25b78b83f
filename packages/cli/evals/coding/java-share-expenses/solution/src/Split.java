import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Shares of an amount, in cents; they always add up to it. */
public class Split {
    public static List<Long> equally(long total, int people) {
        return byWeights(total, Collections.nCopies(Math.max(0, people), 1));
    }

    /** Cents that are left go to the largest remainders, then to the earlier ones. */
    public static List<Long> byWeights(long total, List<Integer> weights) {
        long sum = weights.stream().mapToLong(weight -> weight).sum();
        if (sum <= 0 || weights.stream().anyMatch(weight -> weight < 0)) throw new IllegalArgumentException("wrong weights");
        List<Long> shares = new ArrayList<>();
        List<Long> remainders = new ArrayList<>();
        long left = total;
        for (int weight : weights) {
            BigInteger[] parts = BigInteger.valueOf(total).multiply(BigInteger.valueOf(weight)).divideAndRemainder(BigInteger.valueOf(sum));
            shares.add(parts[0].longValueExact());
            remainders.add(parts[1].abs().longValueExact());
            left -= parts[0].longValueExact();
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, weights.size()).boxed().toList());
        order.sort(Comparator.comparing(remainders::get, Comparator.reverseOrder()));
        for (int index = 0; index < Math.abs(left); index++) {
            int person = order.get(index);
            shares.set(person, shares.get(person) + Long.signum(left));
        }
        return shares;
    }
}
