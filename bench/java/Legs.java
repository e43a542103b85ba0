/** How a request and its end meet, whichever is read first; what is kept of a leg is a word of one store. */
final class Legs {
    private static final char ASKED = 'A', ENDED = 'E';
    private static final String MET = "M";

    /** What a record does: counts by that, keeps this of its leg; null for neither. */
    record Step(String counter, String kept) { }

    private static final Step NOTHING = new Step(null, null);

    private Legs() { }

    /** What a request or an end does, given what was kept of its leg within the window (null: nothing). */
    static Step step(Event event, String kept) {
        boolean asks = event.kind() == Event.Kind.REQUEST;
        if (kept == null) return new Step(null, asks ? ASKED + event.what() : ENDED + event.outcome());
        String said = kept.substring(1);
        if (asks && kept.charAt(0) == ENDED) return new Step(event.user() + '\t' + event.what() + '\t' + said, MET);
        if (!asks && kept.charAt(0) == ASKED) return new Step(event.counter(said), MET);
        return NOTHING; // a repeat
    }
}
