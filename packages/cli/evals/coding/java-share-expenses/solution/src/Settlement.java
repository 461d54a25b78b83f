import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who pays whom. */
public class Settlement {
    /** Balances below 0 are owed to others. */
    public static List<Payment> of(Map<String, Long> balances) {
        Map<String, Long> left = new TreeMap<>(balances);
        if (left.values().stream().mapToLong(cents -> cents).sum() != 0) {
            throw new IllegalArgumentException("the balances do not add up");
        }
        List<Payment> payments = new ArrayList<>();
        while (true) {
            String debtor = null;
            String creditor = null;
            for (String name : left.keySet()) {
                if (debtor == null || left.get(name) < left.get(debtor)) debtor = name;
                if (creditor == null || left.get(name) > left.get(creditor)) creditor = name;
            }
            if (debtor == null || left.get(debtor) == 0) return payments;
            long cents = Math.min(-left.get(debtor), left.get(creditor));
            payments.add(new Payment(debtor, creditor, cents));
            left.merge(debtor, cents, Long::sum);
            left.merge(creditor, -cents, Long::sum);
        }
    }
}
