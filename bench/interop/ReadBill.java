import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cyclonedx.Version;
import org.cyclonedx.exception.ParseException;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.parsers.BomParserFactory;
import org.cyclonedx.parsers.Parser;

/** Reads a CycloneDX document with the library that Dependency-Track reads bills with: java -cp 'JARS/*' ReadBill.java FILE.
 *  A line "fault TEXT" for each fault that its validator names, then "URL VERSION" for each component with a package URL. */
class ReadBill {
    public static void main(String[] arguments) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(arguments[0]));
        Parser parser = BomParserFactory.createParser(bytes);
        for (ParseException fault : parser.validate(bytes, versionOf(new String(bytes, "UTF-8"))))
            System.out.println("fault\t" + fault.getMessage());
        Bom bom = parser.parse(bytes);
        print(bom.getComponents());
        if (bom.getVulnerabilities() != null)
            System.err.println(bom.getVulnerabilities().size() + " vulnerabilities");
    }

    /** The version that the document names; the newest that the library knows, where that is an older one. */
    private static Version versionOf(String text) {
        Matcher found = Pattern.compile("\"specVersion\": *\"([0-9.]+)\"|cyclonedx.org/schema/bom/([0-9.]+)\"").matcher(text);
        String name = !found.find() ? "" : found.group(1) != null ? found.group(1) : found.group(2);
        for (Version version : Version.values())
            if (version.getVersionString().equals(name))
                return version;
        return Version.values()[Version.values().length - 1];
    }

    private static void print(List<Component> components) {
        if (components == null)
            return;
        for (Component component : components) {
            if (component.getPurl() != null)
                System.out.println(component.getPurl() + "\t" + component.getVersion());
            print(component.getComponents());
        }
    }
}
