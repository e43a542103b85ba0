import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/**
 * A yardstick in Kafka Streams: joins each request with its end within an hour and counts, exactly once, in RocksDB.
 *
 * <p>The join is by hand: all of a request is in one partition already, while that of the DSL would write every record
 * to a topic once more, to bring together what has one request id. Nor is it over a window store, which opens a RocksDB
 * for every half an hour of event time; a month in a minute has many of them.
 *
 * <p>Arguments: brokers, folder of the stores, milliseconds between commits, records of the topics, name of the
 * application, names of the topics. Started again after a crash it goes on where it has committed.
 */
public final class StreamsJob implements Processor<byte[], byte[], Void, Void> {
    private static final Duration WINDOW = Duration.ofHours(1);
    private static final String LEGS = "legs", COUNTS = "counts";
    /** As long as a worker of the product may be silent, so that what one that was killed had goes on as soon. */
    private static final String SESSION_MS = "6000", HEARTBEAT_MS = "1200";
    private static final AtomicLong SEEN = new AtomicLong();

    private ProcessorContext<Void, Void> context;
    private TimestampedKeyValueStore<String, String> legs;
    private KeyValueStore<String, Long> counts;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        legs = context.getStateStore(LEGS);
        counts = context.getStateStore(COUNTS);
        context.schedule(WINDOW, PunctuationType.STREAM_TIME, this::forget);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Event event = Event.read(context.recordMetadata().orElseThrow().topic(), record.value());
        switch (event.kind()) {
            case WHOLE -> count(event.counter(event.what()));
            case REQUEST -> {
                count(event.counter(event.what()));
                join(event, record.timestamp());
            }
            case END -> join(event, record.timestamp());
            case PASSED -> { }
        }
        SEEN.incrementAndGet();
    }

    private void join(Event event, long at) {
        ValueAndTimestamp<String> found = legs.get(event.leg());
        Legs.Step step = Legs.step(event, found == null || passed(found, at) ? null : found.value());
        if (step.counter() != null) count(step.counter());
        if (step.kept() != null) legs.put(event.leg(), ValueAndTimestamp.make(step.kept(), at));
    }

    private void forget(long at) {
        try (var all = legs.all()) {
            all.forEachRemaining(each -> { if (passed(each.value, at)) legs.delete(each.key); });
        }
    }

    private static boolean passed(ValueAndTimestamp<String> kept, long at) {
        return at - kept.timestamp() > WINDOW.toMillis();
    }

    private void count(String key) {
        Long before = counts.get(key);
        counts.put(key, before == null ? 1 : before + 1);
    }

    public static void main(String[] arguments) throws Exception {
        long records = Long.parseLong(arguments[3]);
        List<String> topics = List.of(arguments).subList(5, arguments.length);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) arguments[0]))) {
            long before = committed(admin, arguments[4], topics);
            var streams = started(topics, settings(arguments));
            System.out.println("began");
            while (before + SEEN.get() < records) Thread.sleep(20);
            while (committed(admin, arguments[4], topics) < records) Thread.sleep(20);
            System.out.println("caught up");
            System.in.read();
            tell(streams);
            streams.close(Duration.ofSeconds(20));
        }
    }

    private static KafkaStreams started(List<String> topics, Properties settings) throws InterruptedException {
        var streams = new KafkaStreams(topology(topics), settings);
        var running = new CountDownLatch(1);
        streams.setStateListener((now, before) -> { if (now == KafkaStreams.State.RUNNING) running.countDown(); });
        streams.setUncaughtExceptionHandler(failed -> {
            failed.printStackTrace();
            Runtime.getRuntime().halt(1);
            return StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
        });
        streams.start();
        running.await();
        return streams;
    }

    private static void tell(KafkaStreams streams) {
        var store = streams.store(
            StoreQueryParameters.fromNameAndType(COUNTS, QueryableStoreTypes.<String, Long>keyValueStore()));
        try (var all = store.all()) {
            all.forEachRemaining(each -> System.out.println("count\t" + each.key + '\t' + each.value));
        }
    }

    private static Topology topology(List<String> topics) {
        var legs = Stores.timestampedKeyValueStoreBuilder(
            Stores.persistentTimestampedKeyValueStore(LEGS), Serdes.String(), Serdes.String()).withCachingEnabled();
        var counts = Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(COUNTS), Serdes.String(), Serdes.Long()).withCachingEnabled();
        return new Topology()
            .addSource("events", topics.toArray(String[]::new))
            .addProcessor("match", StreamsJob::new, "events")
            .addStateStore(legs, "match")
            .addStateStore(counts, "match");
    }

    private static Properties settings(String[] arguments) {
        var settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[4]);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[1]);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, arguments[2]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_MS);
        settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), HEARTBEAT_MS);
        return settings;
    }

    private static long committed(Admin admin, String group, List<String> topics) throws Exception {
        var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        return offsets.entrySet().stream().filter(each -> topics.contains(each.getKey().topic()))
            .mapToLong(each -> each.getValue().offset()).sum();
    }
}
