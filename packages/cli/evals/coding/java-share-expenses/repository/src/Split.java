import java.util.ArrayList;
import java.util.List;

/** Shares of an amount, in cents. */
public class Split {
    public static List<Long> equally(long total, int people) {
        List<Long> shares = new ArrayList<>();
        for (int person = 0; person < people; person++) shares.add(Math.round((double) total / people));
        return shares;
    }

    public static List<Long> byWeights(long total, List<Integer> weights) {
        int sum = weights.stream().mapToInt(weight -> weight).sum();
        List<Long> shares = new ArrayList<>();
        for (int weight : weights) shares.add(total * weight / sum);
        return shares;
    }
}
