import java.util.List;

/** What the warehouse prints in the morning. */
public class Report {
    public static String of(StockIndex index, List<String> sizes) {
        StringBuilder text = new StringBuilder();
        for (String size : sizes) {
            text.append(size).append(':');
            for (Article article : index.find(size)) {
                text.append(' ').append(article.id).append('x').append(index.quantity(article));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
