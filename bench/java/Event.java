import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.util.Locale;

/**
 * What a record is to a yardstick: a request, the end of one, or counted as it is. Less than the product makes of it:
 * instants are not read, identifiers not checked, and what an acknowledgement or an instruction would end is passed over.
 *
 * @param kind what it is
 * @param leg of a request and an end: what one and the other are known by
 * @param user who sent or gets it
 * @param what the SRV, or the code of an Alert
 * @param outcome the first letter of an end's code, or what became of an Alert
 */
public record Event(Kind kind, String leg, String user, String what, String outcome) {
    public enum Kind { REQUEST, END, WHOLE, PASSED }

    static final Event UNREADABLE = whole("", "", "unreadable");
    private static final Event PASSED = new Event(Kind.PASSED, "", "", "", "");
    private static final ObjectReader READER = new ObjectMapper().readerFor(Wire.class);

    @JsonIgnoreProperties(ignoreUnknown = true)
    static final class Wire {
        public String request_id, srv, code, kind, user, recipient, outcome;
        public int command_variant;
    }

    static Event read(String topic, byte[] value) {
        try {
            Wire wire = READER.readValue(value);
            if (wire.request_id != null) wire.request_id = wire.request_id.toUpperCase(Locale.ROOT);
            return switch (topic) {
                case "service-requests" -> request(wire);
                case "service-responses" -> response(wire);
                default -> whole(wire.recipient, wire.code, wire.outcome);
            };
        } catch (IOException malformed) {
            return UNREADABLE;
        }
    }

    private static Event request(Wire wire) {
        if (wire.request_id == null || wire.srv == null || wire.command_variant == 0) return UNREADABLE;
        String leg = wire.command_variant == 4 ? wire.request_id + ":T" : wire.request_id;
        return new Event(Kind.REQUEST, leg, user(leg), wire.srv, "requested");
    }

    private static Event response(Wire wire) {
        if (wire.code == null) return UNREADABLE;
        String kind = wire.kind == null ? "response" : wire.kind, outcome = wire.code.substring(0, 1);
        return switch (kind) {
            case "response" -> new Event(Kind.END, wire.request_id, user(wire.request_id), "", outcome);
            case "pre_command" -> new Event(Kind.END, wire.request_id + ":T", user(wire.request_id), "", outcome);
            case "scheduled" -> whole(wire.user, wire.srv, outcome);
            case "acknowledgement", "future_dated" -> PASSED;
            default -> UNREADABLE;
        };
    }

    private static Event whole(String user, String what, String outcome) {
        if (user == null || what == null || outcome == null) return UNREADABLE;
        return new Event(Kind.WHOLE, "", user, what, outcome);
    }

    private static String user(String leg) {
        return leg.substring(0, 23);
    }

    /** What it is counted by; an end by the SRV of its request. */
    String counter(String srv) {
        return user + '\t' + srv + '\t' + outcome;
    }
}
