import java.util.List;

/** Sales as CSV, with a header. */
public class Export {
    public record Sale(String customer, String article, int quantity, double price) {}

    public static String of(List<Sale> sales) {
        CsvWriter writer = new CsvWriter();
        writer.write("customer", "article", "quantity", "price");
        for (Sale sale : sales) {
            String price = String.format("%.2f", sale.price());
            writer.write(sale.customer(), sale.article(), "" + sale.quantity(), price);
        }
        return writer.toString();
    }
}
