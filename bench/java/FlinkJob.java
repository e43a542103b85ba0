import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A yardstick in Flink: joins each request with its end within an hour and counts, exactly once, in RocksDB.
 *
 * <p>Arguments: brokers, folder of its checkpoints, milliseconds between them, records of the topics, name of its group,
 * names of the topics. Where the folder has checkpoints of one that crashed, it goes on from the newest.
 */
public final class FlinkJob {
    private static final long WINDOW_MS = Duration.ofHours(1).toMillis();

    private FlinkJob() { }

    public static void main(String[] arguments) throws Exception {
        var environment = StreamExecutionEnvironment.getExecutionEnvironment(settings(arguments));
        var source = KafkaSource.<Event>builder()
            .setBootstrapServers(arguments[0])
            .setGroupId(arguments[4])
            .setTopics(Arrays.copyOfRange(arguments, 5, arguments.length))
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(new Reading())
            .build();
        var events = environment
            .fromSource(source, WatermarkStrategy.forMonotonousTimestamps(), "events")
            .filter(event -> event.kind() != Event.Kind.PASSED);
        var known = events.filter(event -> event.kind() != Event.Kind.END)
            .map(event -> event.counter(event.what())).returns(Types.STRING);
        var joined = events.filter(event -> event.kind() != Event.Kind.WHOLE)
            .keyBy(Event::leg, Types.STRING).process(new Join(), Types.STRING);
        known.union(joined).keyBy(counter -> counter, Types.STRING).process(new Count(), Types.STRING).print();
        drain(environment.executeAsync("bench-flink"), arguments);
        System.out.println("caught up");
        System.in.read();
    }

    /**
     * Waits until a checkpoint has all records, then has the job end, which tells what it has counted. A source with an
     * end would not end by itself after a crash, and leaves the last offsets of what it has finished untold.
     */
    private static void drain(JobClient job, String[] arguments) throws Exception {
        var topics = List.of(arguments).subList(5, arguments.length);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) arguments[0]))) {
            while (committed(admin, arguments[4], topics) < Long.parseLong(arguments[3])
                && !job.getJobStatus().get().isTerminalState()) Thread.sleep(100);
        }
        job.stopWithSavepoint(true, "file://" + arguments[1] + "-last", SavepointFormatType.NATIVE).get();
        job.getJobExecutionResult().get();
    }

    private static long committed(Admin admin, String group, List<String> topics) throws Exception {
        var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        return offsets.entrySet().stream().filter(each -> topics.contains(each.getKey().topic()))
            .mapToLong(each -> each.getValue().offset()).sum();
    }

    private static Configuration settings(String[] arguments) throws IOException {
        var settings = new Configuration();
        settings.setString("parallelism.default", "1");
        settings.setString("restart-strategy.type", "none");
        settings.setString("pipeline.generic-types", "false"); // no Kryo: everything has a serializer of its own
        settings.setString("state.backend.type", "rocksdb");
        settings.setString("execution.checkpointing.incremental", "true");
        settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
        settings.setString("execution.checkpointing.interval", arguments[2] + " ms");
        settings.setString("execution.checkpointing.dir", "file://" + arguments[1]);
        settings.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        newest(Path.of(arguments[1]))
            .ifPresent(checkpoint -> settings.setString("execution.state-recovery.path", "file://" + checkpoint));
        return settings;
    }

    /** A checkpoint is whole when it has its metadata. */
    private static Optional<Path> newest(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return Optional.empty();
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("_metadata"))
                .max(Comparator.comparing(file -> file.toFile().lastModified())).map(Path::getParent);
        }
    }

    private static final class Reading implements KafkaRecordDeserializationSchema<Event> {
        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            System.out.println("began");
        }

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Event> out) {
            out.collect(Event.read(record.topic(), record.value()));
        }

        @Override
        public TypeInformation<Event> getProducedType() {
            return TypeInformation.of(Event.class);
        }
    }

    /** Of one leg: what is kept of it, and since when. */
    private static final class Join extends KeyedProcessFunction<String, Event, String> {
        private transient ValueState<Tuple2<String, Long>> leg;

        @Override
        public void open(OpenContext context) {
            leg = getRuntimeContext().getState(new ValueStateDescriptor<>("leg", Types.TUPLE(Types.STRING, Types.LONG)));
        }

        @Override
        public void processElement(Event event, Context context, Collector<String> out) throws Exception {
            long at = context.timestamp();
            var found = leg.value();
            Legs.Step step = Legs.step(event, found == null || Math.abs(at - found.f1) > WINDOW_MS ? null : found.f0);
            if (step.counter() != null) out.collect(step.counter());
            if (step.kept() != null) {
                leg.update(Tuple2.of(step.kept(), at));
                context.timerService().registerEventTimeTimer(at + WINDOW_MS + 1);
            }
        }

        @Override
        public void onTimer(long at, OnTimerContext context, Collector<String> out) throws Exception {
            var kept = leg.value();
            if (kept != null && at - kept.f1 > WINDOW_MS) leg.clear();
        }
    }

    /** Of one counter: how often; told when all has been read. */
    private static final class Count extends KeyedProcessFunction<String, String, String> {
        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(String counter, Context context, Collector<String> out) throws Exception {
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            if (before == null) context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
        }

        @Override
        public void onTimer(long at, OnTimerContext context, Collector<String> out) throws Exception {
            out.collect("count\t" + context.getCurrentKey() + '\t' + count.value());
        }
    }
}
