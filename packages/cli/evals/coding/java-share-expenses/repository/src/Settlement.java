import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who pays whom. */
public class Settlement {
    /** Balances below 0 are owed to others. */
    public static List<Payment> of(Map<String, Long> balances) {
        List<Payment> payments = new ArrayList<>();
        for (String debtor : balances.keySet()) {
            for (String creditor : balances.keySet()) {
                long owed = -balances.get(debtor);
                long due = balances.get(creditor);
                if (owed > 0 && due > 0) {
                    long cents = Math.min(owed, due);
                    payments.add(new Payment(debtor, creditor, cents));
                    balances.put(debtor, cents - owed);
                    balances.put(creditor, due - cents);
                }
            }
        }
        return payments;
    }
}
