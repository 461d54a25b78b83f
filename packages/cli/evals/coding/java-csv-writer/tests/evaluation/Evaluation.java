import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

public class Evaluation {
    static void same(String got, String want) {
        if (!got.equals(want)) throw new AssertionError("got " + got.replace("\n", "\\n").replace("\r", "\\r") + " want " + want);
    }

    static String row(Object... fields) {
        return new CsvWriter().write(fields).toString();
    }

    public static void main(String[] args) {
        same(row("a", "b c", "d"), "a,b c,d\n");
        same(row("a,b", "say \"hi\"", "x\ny", "x\ry"), "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\",\"x\ry\"\n");
        same(row(" a", "b ", "\""), "\" a\",\"b \",\"\"\"\"\n");
        same(row("a", null, "", "b"), "a,,\"\",b\n");
        same(row((Object) null), "\n");
        same(row(null, null), ",\n");
        same(row(""), "\"\"\n");

        same(new CsvWriter(';', "\r\n").write("a;b", "c,d").write("e").toString(), "\"a;b\";c,d\r\ne\r\n");
        same(new CsvWriter('\t', "\n").write("a\tb", "c").toString(), "\"a\tb\"\tc\n");

        same(row("=1+2", "+x", "-y", "@me"), "'=1+2,'+x,'-y,'@me\n");
        same(row("=a,b"), "\"'=a,b\"\n");
        same(row("-12.5", "+7", "-0", "-1-2", "-", "+1e5", "-.5", "-1."), "-12.5,+7,-0,'-1-2,'-,'+1e5,'-.5,'-1.\n");

        Locale before = Locale.getDefault();
        try {
            for (Locale locale : List.of(Locale.GERMANY, Locale.US, Locale.forLanguageTag("ar-EG"))) {
                Locale.setDefault(locale);
                same(row(1234567, -2.5, 10_000_000_000L, new BigDecimal("0.10"), 1.0e7, 0.0001), "1234567,-2.5,10000000000,0.10,10000000,0.0001\n");
                same(row(100.0, 3, true), "100,3,true\n");
                String text = Export.of(List.of(new Export.Sale("Doe, Jane", "=pen", 3, 1234.5)));
                same(text, "customer,article,quantity,price\n\"Doe, Jane\",'=pen,3,1234.50\n");
            }
        } finally {
            Locale.setDefault(before);
        }
        String[] strings = {"a", "b"};
        same(new CsvWriter().write((Object[]) strings).toString(), "a,b\n");
    }
}
